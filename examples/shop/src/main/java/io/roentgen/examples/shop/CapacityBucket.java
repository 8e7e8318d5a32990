// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import java.util.function.LongSupplier;

/**
 * So many units a second. What is not used is kept for a second, or for five minutes with bursts,
 * as DynamoDB does. Safe for use by several threads.
 */
final class CapacityBucket {
  /** How long unused units are kept. */
  enum Burst {
    OFF(1),
    FIVE_MINUTES(300);

    private final int seconds;

    Burst(int seconds) {
      this.seconds = seconds;
    }
  }

  static final int MAX_UNITS = 40_000;

  private static final double NANOS_PER_SECOND = 1e9;

  private final Burst burst;
  private final LongSupplier nanoTime;
  private int unitsPerSecond;
  private double left;
  private long lastNanos;

  /**
   * Makes a full one.
   *
   * @param unitsPerSecond 1 to {@value #MAX_UNITS}
   */
  CapacityBucket(int unitsPerSecond, Burst burst, LongSupplier nanoTime) {
    this.burst = burst;
    this.nanoTime = nanoTime;
    this.unitsPerSecond = checked(unitsPerSecond);
    left = (double) unitsPerSecond * burst.seconds;
    lastNanos = nanoTime.getAsLong();
  }

  private static int checked(int unitsPerSecond) {
    if (unitsPerSecond < 1 || unitsPerSecond > MAX_UNITS) {
      throw new IllegalArgumentException(
          "unitsPerSecond: " + unitsPerSecond + " (expected: 1 to " + MAX_UNITS + ")");
    }
    return unitsPerSecond;
  }

  /** Takes one unit; returns whether there was one. */
  synchronized boolean tryTake() {
    refill();
    if (left < 1) {
      return false;
    }
    left--;
    return true;
  }

  /** Changes the capacity; what is kept beyond the new one is lost. */
  synchronized void setUnitsPerSecond(int newUnitsPerSecond) {
    checked(newUnitsPerSecond);
    refill();
    unitsPerSecond = newUnitsPerSecond;
    left = Math.min(left, (double) unitsPerSecond * burst.seconds);
  }

  synchronized int unitsPerSecond() {
    return unitsPerSecond;
  }

  private void refill() {
    long now = nanoTime.getAsLong();
    left =
        Math.min(
            (double) unitsPerSecond * burst.seconds,
            left + (now - lastNanos) / NANOS_PER_SECOND * unitsPerSecond);
    lastNanos = now;
  }
}
