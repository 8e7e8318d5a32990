// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { parseTyped, resolveRange } from '../../app/time-range';
import type { ResolvedRange } from '../../app/time-range';
import { epochMillis } from '../../ui/units';
import type { EpochMillis } from '../../ui/units';

/* The earlier range that a map is compared with: a choice, or two times with a slash between. */

export const COMPARISONS = ['before', 'day', 'week'] as const;

export const COMPARISON_NAMES: Readonly<Record<(typeof COMPARISONS)[number], string>> = {
  before: 'The time just before',
  day: 'A day earlier',
  week: 'A week earlier',
};

const DAY = 86_400_000;

/** Returns the range, or undefined if the text names none. */
export function comparedRange(text: string, { start, end }: ResolvedRange, now: EpochMillis): ResolvedRange | undefined {
  const earlier = (millis: number): ResolvedRange => ({ start: epochMillis(start - millis), end: epochMillis(end - millis) });
  switch (text) {
    case 'before':
      return earlier(end - start);
    case 'day':
      return earlier(DAY);
    case 'week':
      return earlier(7 * DAY);
    default: {
      const [from, to, ...more] = text.split('/');
      return from === undefined || to === undefined || more.length > 0 ? undefined : resolveRange({ from, to }, now);
    }
  }
}

/** Returns what someone typed as it stands in the address, or undefined if that is no range. */
export function typedComparison(typed: string, now: EpochMillis): string | undefined {
  const texts = parseTyped(typed, now);
  const range = texts && resolveRange(texts, now);
  // Times that do not move: the two ranges would move apart.
  return range && `${new Date(range.start).toISOString()}/${new Date(range.end).toISOString()}`;
}
