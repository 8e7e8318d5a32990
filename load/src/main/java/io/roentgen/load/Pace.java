// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The time, and the wait for it. */
interface Pace {
  /** Returns the time of a monotonic clock, in nanoseconds. */
  long now();

  /**
   * Waits until the clock shows {@code nanos}, or {@code stopped}, or the thread is interrupted.
   */
  void until(long nanos, BooleanSupplier stopped);

  /** The machine's. */
  static Pace real() {
    return new Pace() {
      private static final long LONGEST_PARK = 100_000_000;

      @Override
      public long now() {
        return System.nanoTime();
      }

      @Override
      public void until(long nanos, BooleanSupplier stopped) {
        while (!stopped.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
          long left = nanos - System.nanoTime();
          if (left <= 0) {
            return;
          }
          LockSupport.parkNanos(Math.min(left, LONGEST_PARK));
        }
      }
    };
  }
}
