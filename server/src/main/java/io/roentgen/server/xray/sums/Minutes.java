// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.sums;

import io.roentgen.model.TimeRange;
import io.roentgen.store.GraphReader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A run of minutes since the epoch.
 *
 * @param first the first
 * @param end the one after the last
 */
record Minutes(long first, long end) {
  private static final long NANOS = GraphReader.RESOLUTION_NANOS;

  Minutes {
    if (end <= first) {
      throw new IllegalArgumentException("end: " + end + " (expected: > " + first + ")");
    }
  }

  /** Returns the minute of an instant. */
  static long of(long epochNanos) {
    return Math.floorDiv(epochNanos, NANOS);
  }

  /** Returns the minutes of a range, rounded outwards to whole periods. */
  static Minutes of(TimeRange range, long periodMinutes) {
    long first = Math.floorDiv(of(range.startEpochNanos()), periodMinutes);
    long last = Math.floorDiv(of(range.endEpochNanos() - 1), periodMinutes);
    return new Minutes(first * periodMinutes, (last + 1) * periodMinutes);
  }

  /** Returns the runs that sorted minutes form, none of them longer than {@code maxCount}. */
  static List<Minutes> runs(Collection<Long> sorted, long maxCount) {
    List<Minutes> runs = new ArrayList<>();
    for (long minute : sorted) {
      if (!runs.isEmpty()
          && runs.getLast().end == minute
          && minute - runs.getLast().first < maxCount) {
        runs.set(runs.size() - 1, new Minutes(runs.getLast().first, minute + 1));
      } else {
        runs.add(new Minutes(minute, minute + 1));
      }
    }
    return runs;
  }

  boolean contains(long minute) {
    return minute >= first && minute < end;
  }

  long count() {
    return end - first;
  }

  /** Returns this run as a range, as far as that can be spelled. */
  TimeRange toRange() {
    return new TimeRange(startNanos(first), startNanos(end));
  }

  /** Returns the first nanosecond of a minute, or the nearest that can be spelled. */
  static long startNanos(long minute) {
    if (minute <= Long.MIN_VALUE / NANOS) {
      return Long.MIN_VALUE;
    }
    return minute > Long.MAX_VALUE / NANOS ? Long.MAX_VALUE : minute * NANOS;
  }
}
