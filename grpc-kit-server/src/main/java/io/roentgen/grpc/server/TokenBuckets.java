// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A token bucket for each key, for a bounded number of keys. */
final class TokenBuckets {
  static final int MAX_KEYS = 10_000;
  private static final long SWEEP_INTERVAL_NANOS = 1_000_000_000L;

  private final TokenBucket.Limit limit;
  private final LongSupplier nanoTime;
  private final ConcurrentHashMap<String, TokenBucket> byKey = new ConcurrentHashMap<>();
  private final TokenBucket others;
  private final AtomicLong nextSweepNanos;

  TokenBuckets(double perSecond, int burst, LongSupplier nanoTime) {
    this.limit = new TokenBucket.Limit(perSecond, burst);
    this.nanoTime = nanoTime;
    this.others = new TokenBucket(nanoTime.getAsLong());
    this.nextSweepNanos = new AtomicLong(nanoTime.getAsLong());
  }

  long tryTake(String key) {
    long now = nanoTime.getAsLong();
    TokenBucket bucket = byKey.get(key);
    if (bucket == null) {
      bucket = hasRoom(now) ? byKey.computeIfAbsent(key, k -> new TokenBucket(now)) : others;
    }
    return bucket.tryTake(limit, now);
  }

  /** A full bucket is as good as none, so that those can go; looking for them costs, so seldom. */
  private boolean hasRoom(long now) {
    if (byKey.mappingCount() < MAX_KEYS) {
      return true;
    }
    long next = nextSweepNanos.get();
    if (now - next >= 0 && nextSweepNanos.compareAndSet(next, now + SWEEP_INTERVAL_NANOS)) {
      byKey.values().removeIf(bucket -> bucket.isFull(now));
    }
    return byKey.mappingCount() < MAX_KEYS;
  }

  int size() {
    return byKey.size();
  }
}
