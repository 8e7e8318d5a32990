// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { badShare, meanOf } from './map-model';
import type { Calls, MapEdge, MapNode } from './map-model';

/* What has become of a part of the map since an earlier range. */

/** In the order of how much they ask to be looked at. */
export const CHANGES = ['new', 'gone', 'faults', 'slower', 'faster', 'fewer', 'same'] as const;
export type Change = (typeof CHANGES)[number];

/** Of fewer calls in either range nothing is said but that they are there. */
const MIN_CALLS = 5;
/** More than this is bad of the calls than before: one of a hundred, and half as many again. */
const SHARE_APART = 0.01;
const SHARE_RATIO = 1.5;
/** The mean is another if it differs by a fifth, and by more than clocks tell. */
const MEAN_RATIO = 1.2;
const MEAN_APART_MICROS = 100;

/** What has changed most; undefined if nothing is compared. */
export function changeOf({ calls, then }: Pick<MapNode | MapEdge, 'calls' | 'then'>): Change | undefined {
  if (then === undefined) {
    return undefined;
  }
  if (then.state !== 'both') {
    return then.state;
  }
  if (calls.total < MIN_CALLS || then.calls.total < MIN_CALLS) {
    return 'same';
  }
  if (isMore(badShare(calls), badShare(then.calls))) {
    return 'faults';
  }
  const ratio = (meanOf(calls) ?? 0) / Math.max(1, meanOf(then.calls) ?? 0);
  if (Math.abs(meanChange(calls, then.calls)) >= MEAN_APART_MICROS && (ratio >= MEAN_RATIO || ratio <= 1 / MEAN_RATIO)) {
    return ratio > 1 ? 'slower' : 'faster';
  }
  return isMore(badShare(then.calls), badShare(calls)) ? 'fewer' : 'same';
}

function isMore(one: number, other: number): boolean {
  return one - other >= SHARE_APART && one >= other * SHARE_RATIO;
}

/** By how many microseconds the mean is longer. */
export function meanChange(calls: Calls, then: Calls): number {
  return (meanOf(calls) ?? 0) - (meanOf(then) ?? 0);
}
