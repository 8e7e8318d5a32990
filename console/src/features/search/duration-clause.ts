// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { Micros } from '../../ui/units';

const CLAUSE = /(?:^|\s+AND\s+)duration >= [0-9.]+ AND duration < [0-9.]+$/;
const WRAPPED = /^\((.*)\)$/s;

function seconds(value: Micros): string {
  return String(Number((value / 1_000_000).toPrecision(6)));
}

/** Returns the filter without the range of durations that {@link withDurations} has added. */
export function withoutDurations(filter: string): string {
  if (!CLAUSE.test(filter)) {
    return filter;
  }
  const rest = filter.replace(CLAUSE, '');
  return WRAPPED.exec(rest)?.[1] ?? rest;
}

/** Returns a filter that also wants the trace's duration in a range; one that was added before goes. */
export function withDurations(filter: string, from: Micros, to: Micros): string {
  const rest = withoutDurations(filter).trim();
  const clause = `duration >= ${seconds(from)} AND duration < ${seconds(to)}`;
  if (rest === '') {
    return clause;
  }
  return `${/\bor\b/i.test(rest) ? `(${rest})` : rest} AND ${clause}`;
}
