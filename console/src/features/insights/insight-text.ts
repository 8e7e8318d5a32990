// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { Impact, Insight } from '../../api/schemas';
import { formatCount } from '../../ui/format';
import { toEpochMillis } from '../../ui/units';

const CATEGORY_NAMES = { fault: 'faults', latency: 'slow' } as const;

export function categoriesOf(insight: Insight): string {
  return insight.categories.map((each) => CATEGORY_NAMES[each]).join(', ');
}

/** 12 of 340 (3.5 %). */
export function impactText(impact: Impact): string {
  const { faultCount, totalCount } = impact;
  const share = totalCount === 0 ? '' : ` (${Number(((faultCount / totalCount) * 100).toPrecision(2))} %)`;
  return `${formatCount(faultCount)} of ${formatCount(totalCount)}${share}`;
}

const MINUTE = 60_000;

/** The range of time in which an insight is seen whole, with what was before; texts as in the address. */
export function rangeAround(insight: Insight): { readonly from: string; readonly to: string } {
  const start = toEpochMillis(insight.startEpochNanos);
  const end = toEpochMillis(insight.endEpochNanos ?? insight.updatedEpochNanos);
  const before = Math.max(5 * MINUTE, Math.round((end - start) / 4 / MINUTE) * MINUTE);
  return {
    from: new Date(start - before).toISOString(),
    to: insight.state === 'active' ? 'now' : new Date(end + before).toISOString(),
  };
}
