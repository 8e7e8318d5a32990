// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { ResolvedRange } from '../../app/time-range';
import { epochMillis } from '../../ui/units';
import type { EpochMillis } from '../../ui/units';

/** A range of time in steps of whole minutes, as the server counts by the minute. */
export type Steps = {
  readonly first: EpochMillis;
  readonly millis: number;
  readonly count: number;
};

const MINUTE = 60_000;
const MAX_STEPS = 60;

export function stepsOf({ start, end }: ResolvedRange): Steps {
  const millis = Math.max(1, Math.ceil((end - start) / MAX_STEPS / MINUTE)) * MINUTE;
  const first = Math.floor(start / millis) * millis;
  return { first: epochMillis(first), millis, count: Math.ceil((end - first) / millis) };
}

/** The number of the step that a moment is in; that which is nearest if it is in none. */
export function stepAt({ first, millis, count }: Steps, at: EpochMillis): number {
  return Math.min(count - 1, Math.max(0, Math.floor((at - first) / millis)));
}

export function rangeOf({ first, millis }: Steps, step: number): ResolvedRange {
  return { start: epochMillis(first + step * millis), end: epochMillis(first + (step + 1) * millis) };
}

/** All of the steps. */
export function wholeOf({ first, millis, count }: Steps): ResolvedRange {
  return { start: first, end: epochMillis(first + count * millis) };
}
