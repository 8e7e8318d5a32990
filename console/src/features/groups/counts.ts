// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { TraceStatistics } from '../../api/schemas';

/** Sums over all durations. */
export function countsOf(statistics: TraceStatistics): {
  readonly total: number;
  readonly error: number;
  readonly throttle: number;
  readonly fault: number;
  /** Whether there are more traces than were looked at. */
  readonly more: boolean;
} {
  const sum = (of: 'errorCount' | 'throttleCount' | 'faultCount'): number =>
    statistics.buckets.reduce((before, bucket) => before + bucket[of], 0);
  return {
    total: statistics.traceCount,
    error: sum('errorCount'),
    throttle: sum('throttleCount'),
    fault: sum('faultCount'),
    more: statistics.limitReached,
  };
}
