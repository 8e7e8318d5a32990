// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Refuses calls that cannot end in time with {@link Status#DEADLINE_EXCEEDED}, before work is done
 * for them in vain, for {@link Slot#DEADLINE}. Immutable.
 */
public final class DeadlineCheck implements ServerInterceptor {
  private final long minimumNanos;
  private final long maximumNanos;
  private final @Nullable ScheduledExecutorService timer;

  private DeadlineCheck(
      long minimumNanos, long maximumNanos, @Nullable ScheduledExecutorService timer) {
    this.minimumNanos = minimumNanos;
    this.maximumNanos = maximumNanos;
    this.timer = timer;
  }

  /** Returns a check that refuses calls whose deadline is over when they arrive. */
  public static DeadlineCheck refusingExpired() {
    return new DeadlineCheck(0, 0, null);
  }

  /** Returns a check that refuses calls with less than this left; more than 0. */
  public static DeadlineCheck refusingLessThan(Duration minimum) {
    return new DeadlineCheck(positiveNanos("minimum", minimum), 0, null);
  }

  /**
   * Returns a check that moreover gives calls with no deadline, or a later one, this long: then the
   * call ends with {@link Status#DEADLINE_EXCEEDED}, and its gRPC {@link Context} is cancelled.
   * Streams that are to stay open want a server without it.
   *
   * @param timer says when the time is over; the caller shuts it down after the server
   */
  public DeadlineCheck withMaximum(Duration maximum, ScheduledExecutorService timer) {
    return new DeadlineCheck(
        minimumNanos, positiveNanos("maximum", maximum), Objects.requireNonNull(timer, "timer"));
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    Deadline deadline = Context.current().getDeadline();
    long leftNanos =
        deadline == null ? Long.MAX_VALUE : deadline.timeRemaining(TimeUnit.NANOSECONDS);
    if (leftNanos <= 0 || leftNanos < minimumNanos) {
      return RefusableCall.refuseAtStart(
          call,
          Status.DEADLINE_EXCEEDED.withDescription(
              "deadline: "
                  + millis(leftNanos)
                  + " ms left (expected: at least "
                  + millis(minimumNanos)
                  + " ms)"),
          new Metadata());
    }
    if (timer != null && leftNanos > maximumNanos) {
      return startWithin(timer, call, headers, next);
    }
    return next.startCall(call, headers);
  }

  private <ReqT, RespT> ServerCall.Listener<ReqT> startWithin(
      ScheduledExecutorService timer,
      ServerCall<ReqT, RespT> call,
      Metadata headers,
      ServerCallHandler<ReqT, RespT> next) {
    RefusableCall<ReqT, RespT> refusable = RefusableCall.of(call);
    Context.CancellableContext context =
        Context.current().withDeadline(Deadline.after(maximumNanos, TimeUnit.NANOSECONDS), timer);
    Context.CancellationListener onTimeOver =
        cancelled -> {
          Deadline ours = context.getDeadline();
          if (ours != null && ours.isExpired()) {
            refusable.refuse(
                Status.DEADLINE_EXCEEDED.withDescription(
                    "the server gives a call "
                        + millis(maximumNanos)
                        + " ms; send a deadline to know when"),
                new Metadata());
          }
        };
    context.addListener(onTimeOver, Runnable::run);
    ServerCall.Listener<ReqT> listener;
    try {
      listener = Contexts.interceptCall(context, refusable, headers, next);
    } catch (RuntimeException | Error e) {
      context.cancel(e);
      throw e;
    }
    return new SimpleForwardingServerCallListener<>(
        new RefusableCall.Listener<>(refusable, listener)) {
      @Override
      public void onCancel() {
        try {
          super.onCancel();
        } finally {
          context.cancel(null);
        }
      }

      @Override
      public void onComplete() {
        try {
          super.onComplete();
        } finally {
          context.cancel(null);
        }
      }
    };
  }

  private static long positiveNanos(String name, Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(name + ": " + duration + " (expected: more than 0)");
    }
    return duration.toNanos();
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }
}
