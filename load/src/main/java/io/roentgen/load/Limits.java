// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.time.Duration;

/**
 * What ends a run: whichever comes first.
 *
 * @param time from the first request on
 * @param count of requests
 * @param inFlight how many may wait for their answers at once, in an open loop
 * @param timeout of one request; the end of a run waits that long for the last ones
 */
public record Limits(Duration time, long count, int inFlight, Duration timeout) {
  /** Longest run. */
  public static final Duration MAX_TIME = Duration.ofHours(4);

  /** Most requests of a run. */
  public static final long MAX_COUNT = 10_000_000;

  /** Checks the bounds. */
  public Limits {
    if (time.isNegative() || time.isZero() || time.compareTo(MAX_TIME) > 0) {
      throw new IllegalArgumentException(
          "seconds: " + time.toSeconds() + " (expected: 1 to " + MAX_TIME.toSeconds() + ")");
    }
    if (count < 1 || count > MAX_COUNT) {
      throw new IllegalArgumentException("count: " + count + " (expected: 1 to " + MAX_COUNT + ")");
    }
    if (inFlight < 1 || inFlight > 100_000) {
      throw new IllegalArgumentException("in-flight: " + inFlight + " (expected: 1 to 100000)");
    }
    if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(
          "timeout: " + timeout.toMillis() + " ms (expected: above 0, at most an hour)");
    }
  }
}
