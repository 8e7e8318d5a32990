// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

/** A stretch of time in epoch nanoseconds, start included and end not. */
public record TimeRange(long startEpochNanos, long endEpochNanos) {
  /** All of time that can be stored. */
  public static final TimeRange ALL = new TimeRange(Long.MIN_VALUE, Long.MAX_VALUE);

  public TimeRange {
    if (endEpochNanos <= startEpochNanos) {
      throw new IllegalArgumentException(
          "endEpochNanos: " + endEpochNanos + " (expected: > " + startEpochNanos + ")");
    }
  }

  /** Returns whether the instant lies in this range. */
  public boolean contains(long epochNanos) {
    return epochNanos >= startEpochNanos && epochNanos < endEpochNanos;
  }
}
