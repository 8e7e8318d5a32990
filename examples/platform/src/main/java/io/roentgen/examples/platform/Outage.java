// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Whether something is away: while it is, one try a second finds out whether it is back, and the
 * others fail at once, as waiting for it would make every request late.
 */
final class Outage {
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long NONE = Long.MIN_VALUE;

  private final String what;
  private final LongSupplier nanoTime;
  private final AtomicLong nextTry = new AtomicLong(NONE);

  Outage(String what, LongSupplier nanoTime) {
    this.what = what;
    this.nanoTime = nanoTime;
  }

  /**
   * Returns if it may be tried now: true if it was away when it was tried last, so that a short try
   * will do.
   *
   * @throws IllegalStateException if it was away a moment ago
   */
  boolean check() {
    long next = nextTry.get();
    if (next == NONE) {
      return false;
    }
    long now = nanoTime.getAsLong();
    if (now - next < 0 || !nextTry.compareAndSet(next, now + RETRY_NANOS)) {
      throw new IllegalStateException(what + " is away; it is tried again each second");
    }
    return true;
  }

  /** Says that it worked. */
  void over() {
    nextTry.set(NONE);
  }

  /** Says that it did not. */
  void seen() {
    long next = nanoTime.getAsLong() + RETRY_NANOS;
    nextTry.set(next == NONE ? next + 1 : next);
  }
}
