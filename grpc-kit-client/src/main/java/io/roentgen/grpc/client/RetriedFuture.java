// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Attempts one after the other, and what became of the last. At any time there is an attempt that
 * goes on, or a wait for the next one, or neither once the result is known; {@code this} guards
 * which, and nothing is called with it held.
 */
final class RetriedFuture<T> implements Context.CancellationListener {
  private final Retry retry;
  private final ScheduledExecutorService scheduler;
  private final MethodDescriptor<?, ?> method;
  private final @Nullable Deadline deadline;
  private final Supplier<? extends CompletionStage<T>> attempt;
  private final Context context = Context.current();
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private int attempts; // Guarded by this: begun so far.
  private @Nullable Future<?> current; // Guarded by this: the attempt or the wait.
  private @Nullable Throwable waiting; // Guarded by this: what failed, while waiting.

  RetriedFuture(
      Retry retry,
      ScheduledExecutorService scheduler,
      MethodDescriptor<?, ?> method,
      @Nullable Deadline deadline,
      Supplier<? extends CompletionStage<T>> attempt) {
    this.retry = retry;
    this.scheduler = scheduler;
    this.method = method;
    this.deadline = deadline;
    this.attempt = attempt;
  }

  /** One thread, which ends when there was nothing to wait for in a minute. */
  private static final class Shared {
    static final ScheduledThreadPoolExecutor SCHEDULER =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "roentgen-retry");
              thread.setDaemon(true);
              return thread;
            });

    static {
      SCHEDULER.setRemoveOnCancelPolicy(true);
      SCHEDULER.setKeepAliveTime(1, TimeUnit.MINUTES);
      SCHEDULER.allowCoreThreadTimeOut(true);
    }
  }

  static ScheduledExecutorService sharedScheduler() {
    return Shared.SCHEDULER;
  }

  CompletableFuture<T> begin() {
    CompletableFuture<T> unused = result.whenComplete((done, failure) -> stop());
    attempt();
    return result;
  }

  private void attempt() {
    int number;
    synchronized (this) {
      number = ++attempts;
      waiting = null;
    }
    CompletionStage<T> stage;
    try {
      // Attempts have the deadline and the trace of whoever asked, whatever thread this is.
      stage = Objects.requireNonNull(context.call(attempt::get), "attempt");
    } catch (Exception | Error e) {
      ended(number, e);
      return;
    }
    if (stage instanceof CompletableFuture<?> future) {
      goesOn(number, future);
    }
    CompletionStage<T> unused =
        stage.whenComplete(
            (answer, failure) -> {
              if (failure == null) {
                result.complete(answer);
              } else {
                ended(number, failure);
              }
            });
  }

  private void ended(int number, Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (result.isDone()) {
      return;
    }
    Duration wait = null;
    if (cause instanceof StatusRuntimeException e) {
      wait = waitAfter(number, e.getStatus(), e.getTrailers());
    } else if (cause instanceof StatusException e) {
      wait = waitAfter(number, e.getStatus(), e.getTrailers());
    }
    if (wait == null) {
      result.completeExceptionally(cause);
      return;
    }
    synchronized (this) {
      waiting = cause;
    }
    context.addListener(this, Runnable::run);
    try {
      goesOn(number, scheduler.schedule(this::resume, wait.toNanos(), TimeUnit.NANOSECONDS));
    } catch (RuntimeException e) { // It was shut down.
      cause.addSuppressed(e);
      result.completeExceptionally(cause);
    }
  }

  private @Nullable Duration waitAfter(int number, Status status, @Nullable Metadata trailers) {
    return retry.waitAfter(method, deadline, context, number, status, trailers);
  }

  private void resume() {
    context.removeListener(this);
    if (!result.isDone()) {
      attempt();
    }
  }

  /** Takes note of attempt {@code number} or the wait after it, and ends it if that is too late. */
  private void goesOn(int number, Future<?> what) {
    synchronized (this) {
      // The next attempt may have begun before the wait for it was noted here.
      if (number == attempts) {
        current = what;
      }
    }
    if (result.isDone()) {
      stop();
    }
  }

  /** The context was cancelled: ends a wait with what failed before it. */
  @Override
  public void cancelled(Context of) {
    Throwable failure;
    synchronized (this) {
      failure = waiting;
    }
    if (failure != null) {
      result.completeExceptionally(failure);
    }
  }

  private void stop() {
    Future<?> now;
    synchronized (this) {
      now = current;
      current = null;
    }
    context.removeListener(this);
    if (now != null) {
      now.cancel(false);
    }
  }
}
