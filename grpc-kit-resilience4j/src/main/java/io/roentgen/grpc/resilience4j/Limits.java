// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.resilience4j;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RequestNotPermitted;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Limits of how many calls a client has open or starts. A call over the limit closes with
 * RESOURCE_EXHAUSTED at once and nothing is sent.
 *
 * <p>Neither waits for its turn: starting a call must not block the thread. So {@code
 * maxWaitDuration} of a bulkhead and {@code timeoutDuration} of a rate limiter (5 s unless said
 * otherwise) have to be zero.
 */
public final class Limits {
  private Limits() {}

  /**
   * Returns an interceptor that has no more calls open than the bulkhead allows.
   *
   * @throws IllegalArgumentException if the bulkhead waits
   */
  public static ClientInterceptor concurrent(Bulkhead bulkhead) {
    if (!bulkhead.getBulkheadConfig().getMaxWaitDuration().isZero()) {
      throw new IllegalArgumentException(
          "maxWaitDuration: "
              + bulkhead.getBulkheadConfig().getMaxWaitDuration()
              + " (expected: zero; starting a call must not block)");
    }
    return new ClientInterceptor() {
      @Override
      public <Q, R> ClientCall<Q, R> interceptCall(
          MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        return new GuardedCall<>(next.newCall(method, options), new Concurrent(bulkhead));
      }
    };
  }

  /**
   * Returns an interceptor that starts no more calls than the limiter allows.
   *
   * @throws IllegalArgumentException if the limiter waits
   */
  public static ClientInterceptor rate(RateLimiter limiter) {
    if (!limiter.getRateLimiterConfig().getTimeoutDuration().isZero()) {
      throw new IllegalArgumentException(
          "timeoutDuration: "
              + limiter.getRateLimiterConfig().getTimeoutDuration()
              + " (expected: zero; starting a call must not block)");
    }
    return new ClientInterceptor() {
      @Override
      public <Q, R> ClientCall<Q, R> interceptCall(
          MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        return new GuardedCall<>(next.newCall(method, options), new Rate(limiter));
      }
    };
  }

  private record Concurrent(Bulkhead bulkhead) implements GuardedCall.Guard {
    @Override
    public @Nullable Status admit() {
      if (bulkhead.tryAcquirePermission()) {
        return null;
      }
      return Status.RESOURCE_EXHAUSTED
          .withDescription(
              "bulkhead "
                  + bulkhead.getName()
                  + ": full (expected: at most "
                  + bulkhead.getBulkheadConfig().getMaxConcurrentCalls()
                  + " calls at once); the call was not sent")
          .withCause(BulkheadFullException.createBulkheadFullException(bulkhead));
    }

    @Override
    public void ended(Status status) {
      bulkhead.onComplete();
    }
  }

  private record Rate(RateLimiter limiter) implements GuardedCall.Guard {
    @Override
    public @Nullable Status admit() {
      if (limiter.acquirePermission()) {
        return null;
      }
      return Status.RESOURCE_EXHAUSTED
          .withDescription(
              "rate limiter "
                  + limiter.getName()
                  + ": spent (expected: at most "
                  + limiter.getRateLimiterConfig().getLimitForPeriod()
                  + " calls in "
                  + limiter.getRateLimiterConfig().getLimitRefreshPeriod()
                  + "); the call was not sent")
          .withCause(RequestNotPermitted.createRequestNotPermitted(limiter));
    }

    @Override
    public void ended(Status status) {
      // What a call came to is no matter of its rate.
    }
  }
}
