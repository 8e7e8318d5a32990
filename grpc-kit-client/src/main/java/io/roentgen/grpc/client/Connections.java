// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Connects channels before their first call. */
public final class Connections {
  /** How long to wait for a connection: 10 s. */
  public static final Duration DEFAULT_WAIT = Duration.ofSeconds(10);

  private Connections() {}

  /**
   * Connects the channel and waits up to 10 s until calls can be sent.
   *
   * @throws StatusRuntimeException as {@link #awaitReady(ManagedChannel, Duration)}
   * @throws InterruptedException if the thread was interrupted while waiting
   */
  public static void awaitReady(ManagedChannel channel) throws InterruptedException {
    awaitReady(channel, DEFAULT_WAIT);
  }

  /**
   * Connects the channel and waits until calls can be sent.
   *
   * @throws StatusRuntimeException with UNAVAILABLE and the state of the channel if it is not ready
   *     within {@code wait} or is shut down; a channel not ready in time goes on trying
   * @throws InterruptedException if the thread was interrupted while waiting
   */
  public static void awaitReady(ManagedChannel channel, Duration wait) throws InterruptedException {
    CompletableFuture<Void> ready = whenReady(channel, wait);
    try {
      ready.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StatusRuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException("cannot wait for channel", e.getCause());
    } finally {
      // Of use when this thread was interrupted: the channel's listener then does no more.
      ready.cancel(false);
    }
  }

  /**
   * Connects the channel; the future completes once calls can be sent, and fails as {@link
   * #awaitReady(ManagedChannel, Duration)} does.
   */
  public static CompletableFuture<Void> whenReady(ManagedChannel channel, Duration wait) {
    Arguments.positive("wait", wait);
    CompletableFuture<Void> ready = new CompletableFuture<>();
    follow(channel, ready);
    if (!ready.isDone()) {
      CompletableFuture.delayedExecutor(wait.toNanos(), TimeUnit.NANOSECONDS, Runnable::run)
          .execute(() -> fail(ready, channel.getState(false), wait.toMillis() + " ms"));
    }
    return ready;
  }

  private static void follow(ManagedChannel channel, CompletableFuture<Void> ready) {
    if (ready.isDone()) {
      return;
    }
    ConnectivityState state = channel.getState(true);
    if (state == ConnectivityState.READY) {
      ready.complete(null);
    } else if (state == ConnectivityState.SHUTDOWN) {
      fail(ready, state, "its shutdown");
    } else {
      channel.notifyWhenStateChanged(state, () -> follow(channel, ready));
    }
  }

  private static void fail(CompletableFuture<Void> ready, ConnectivityState state, String after) {
    ready.completeExceptionally(
        Status.UNAVAILABLE
            .withDescription("channel: " + state + " after " + after + " (expected: READY)")
            .asRuntimeException());
  }
}
