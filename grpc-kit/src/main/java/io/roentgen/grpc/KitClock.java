// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Epoch time to the nanosecond without an object for each: the wall clock is read now and then, and
 * {@link System#nanoTime} tells how long ago that was.
 */
final class KitClock {
  private volatile Anchor anchor = Anchor.now();

  private record Anchor(long epochNanos, long nanoTime) {
    static Anchor now() {
      // Between two readings, so that a pause between them does not count in full.
      long before = System.nanoTime();
      Instant now = Instant.now();
      long after = System.nanoTime();
      long epoch = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
      return new Anchor(epoch, before + (after - before) / 2);
    }
  }

  /** Returns the epoch time, in nanoseconds, of a reading of {@link System#nanoTime}. */
  long epochNanos(long nanoTime) {
    Anchor now = anchor;
    return now.epochNanos + (nanoTime - now.nanoTime);
  }

  /** Reads the wall clock again; without that, an adjustment of it would never be seen. */
  void read() {
    anchor = Anchor.now();
  }
}
