// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

/**
 * Says whether a call may go on now. Called by many threads at a time; must not block. One that
 * stands on another library is a lambda: {@code (method, caller) -> limiter.acquirePermission() ? 0
 * : 1_000_000_000L}.
 */
@FunctionalInterface
public interface RateLimiter {
  /**
   * Returns 0 if the call may go on, else after how many nanoseconds another try may succeed.
   *
   * @param fullMethodName the method that is called
   * @param caller the {@link User#id}, else the address of the other end without its port, else
   *     empty
   */
  long tryAcquire(String fullMethodName, String caller);

  /**
   * Returns one limit for all calls together.
   *
   * @param perSecond how many calls a second, over time; more than 0
   * @param burst how many at once after a rest; at least 1
   */
  static RateLimiter shared(double perSecond, int burst) {
    TokenBucket.Limit limit = new TokenBucket.Limit(perSecond, burst);
    TokenBucket bucket = new TokenBucket(System.nanoTime());
    return (method, caller) -> bucket.tryTake(limit, System.nanoTime());
  }

  /** Returns a limit of its own for each method. */
  static RateLimiter perMethod(double perSecond, int burst) {
    TokenBuckets buckets = new TokenBuckets(perSecond, burst, System::nanoTime);
    return (method, caller) -> buckets.tryTake(method);
  }

  /**
   * Returns a limit of its own for each caller. 10,000 callers are told apart; while that many are
   * active, further ones share one limit.
   */
  static RateLimiter perCaller(double perSecond, int burst) {
    TokenBuckets buckets = new TokenBuckets(perSecond, burst, System::nanoTime);
    return (method, caller) -> buckets.tryTake(caller);
  }
}
