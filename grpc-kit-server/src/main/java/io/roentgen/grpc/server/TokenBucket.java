// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A token bucket as one time: when it will be full again (the "theoretical arrival time" of the
 * generic cell rate algorithm, ITU-T I.371). Taking a token moves that time on; a bucket for which
 * it is further away than the burst allows is empty. Nothing needs to fill it.
 */
final class TokenBucket {
  /** How fast the bucket fills and what it holds. */
  static final class Limit {
    private final long intervalNanos;
    private final long toleranceNanos;

    Limit(double perSecond, int burst) {
      if (!(perSecond >= 1e-6 && perSecond <= 1e9)) {
        throw new IllegalArgumentException(
            "perSecond: " + perSecond + " (expected: 0.000001 to 1000000000)");
      }
      if (burst < 1) {
        throw new IllegalArgumentException("burst: " + burst + " (expected: >= 1)");
      }
      intervalNanos = Math.max(1, Math.round(1e9 / perSecond));
      toleranceNanos = (burst - 1) * intervalNanos;
    }
  }

  private final AtomicLong fullAtNanos;

  /** Makes a full one. */
  TokenBucket(long nowNanos) {
    this.fullAtNanos = new AtomicLong(nowNanos);
  }

  /** Returns 0 if a token was taken, else in how many nanoseconds there will be one. */
  long tryTake(Limit limit, long nowNanos) {
    while (true) {
      long seen = fullAtNanos.get();
      long fullAt = seen - nowNanos < 0 ? nowNanos : seen;
      long wait = fullAt - nowNanos - limit.toleranceNanos;
      if (wait > 0) {
        return wait;
      }
      if (fullAtNanos.compareAndSet(seen, fullAt + limit.intervalNanos)) {
        return 0;
      }
    }
  }

  boolean isFull(long nowNanos) {
    return fullAtNanos.get() - nowNanos <= 0;
  }
}
