// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { Micros } from '../../ui/units';

const CLAUSE = /(?:^|\s+AND\s+)duration >= [0-9.]+(?: AND duration < [0-9.]+)?$/;
const WRAPPED = /^\((.*)\)$/s;
const DIGITS = 3;

/** In as few digits as tell durations apart, rounded so that none of the range is lost. */
function seconds(value: Micros, round: (value: number) => number): string {
  const unit = 10 ** (Math.floor(Math.log10(Math.max(1, value))) - DIGITS + 1);
  const rounded = unit <= 1 ? value : round(Number((value / unit).toPrecision(12))) * unit;
  return String(Number((rounded / 1_000_000).toPrecision(12)));
}

/** Returns the filter without the range of durations that {@link withDurations} has added. */
export function withoutDurations(filter: string): string {
  if (!CLAUSE.test(filter)) {
    return filter;
  }
  const rest = filter.replace(CLAUSE, '');
  return WRAPPED.exec(rest)?.[1] ?? rest;
}

/**
 * Returns a filter that also wants the trace's duration in a range, without an end if it has none; one that was added
 * before goes.
 */
export function withDurations(filter: string, from: Micros, to: Micros | undefined): string {
  const rest = withoutDurations(filter).trim();
  const least = `duration >= ${seconds(from, Math.floor)}`;
  const clause = to === undefined ? least : `${least} AND duration < ${seconds(to, Math.ceil)}`;
  if (rest === '') {
    return clause;
  }
  return `${/\bor\b/i.test(rest) ? `(${rest})` : rest} AND ${clause}`;
}
