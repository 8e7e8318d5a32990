// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A warning at most once a minute, with the count of those that were not logged. */
final class RateLimitedWarning {
  private static final long INTERVAL_NANOS = 60_000_000_000L;

  private final System.Logger logger;
  private final LongSupplier nanoTime;
  private final AtomicLong nextNanos;
  private final LongAdder unlogged = new LongAdder();

  RateLimitedWarning(System.Logger logger) {
    this(logger, System::nanoTime);
  }

  RateLimitedWarning(System.Logger logger, LongSupplier nanoTime) {
    this.logger = logger;
    this.nanoTime = nanoTime;
    this.nextNanos = new AtomicLong(nanoTime.getAsLong());
  }

  void log(String message, @Nullable Throwable thrown) {
    long now = nanoTime.getAsLong();
    long next = nextNanos.get();
    if (now - next < 0 || !nextNanos.compareAndSet(next, now + INTERVAL_NANOS)) {
      unlogged.increment();
      return;
    }
    String text = message + " unlogged_since_last=" + unlogged.sumThenReset();
    if (thrown == null) {
      logger.log(System.Logger.Level.WARNING, text);
    } else {
      logger.log(System.Logger.Level.WARNING, text, thrown);
    }
  }
}
