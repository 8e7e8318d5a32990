// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A clock that stands still but for waits and what calls say they take; and the caller's thread.
 */
final class FakePace extends AbstractExecutorService implements Pace {
  private long now = 1_000;
  private boolean shutdown;

  @Override
  public long now() {
    return now;
  }

  @Override
  public void until(long nanos, BooleanSupplier stopped) {
    now = Math.max(now, nanos);
  }

  void pass(long millis) {
    now += TimeUnit.MILLISECONDS.toNanos(millis);
  }

  @Override
  public void execute(Runnable task) {
    task.run();
  }

  @Override
  public void shutdown() {
    shutdown = true;
  }

  @Override
  public List<Runnable> shutdownNow() {
    shutdown = true;
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return shutdown;
  }

  @Override
  public boolean isTerminated() {
    return shutdown;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return shutdown;
  }
}
