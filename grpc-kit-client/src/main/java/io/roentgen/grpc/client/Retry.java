// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tries calls again by hand, for what a channel's own retries do not do: waits of seconds,
 * DEADLINE_EXCEEDED, and a line in the log for each attempt.
 *
 * <pre>{@code
 * Retry retry = Retry.create();
 * Order order = retry.call(OrderServiceGrpc.getGetOrderMethod(),
 *     () -> stub.withDeadlineAfter(2, SECONDS).getOrder(request));
 *
 * CompletableFuture<Order> later =
 *     retry.callAsync(channel, OrderServiceGrpc.getGetOrderMethod(), CallOptions.DEFAULT, request);
 * }</pre>
 *
 * <p>Attempt n + 1 starts {@code base * 2^(n - 1)} after the end of attempt n, give or take 5 %. A
 * server's {@code grpc-retry-pushback-ms} decides instead where it is given, and a {@code
 * RetryInfo} lengthens the wait. No attempt starts once the deadline has passed or the context is
 * cancelled, and no wait is begun that the deadline would end. What the last attempt threw is
 * thrown, or is what the future fails with.
 *
 * <p>Failures that a retry may double are the caller's matter: a method that does not declare
 * itself idempotent is tried again all the same, with one warning per method.
 *
 * <p>For use by any number of threads.
 */
public final class Retry {
  /** Attempts with the first one: 3. */
  public static final int DEFAULT_MAX_ATTEMPTS = 3;

  /** The wait after the first attempt: 1 s. */
  public static final Duration DEFAULT_BASE = Duration.ofSeconds(1);

  /** The longest wait of our own: 1 min. */
  public static final Duration DEFAULT_MAX_WAIT = Duration.ofMinutes(1);

  /** Tried again after UNAVAILABLE, DEADLINE_EXCEEDED and RESOURCE_EXHAUSTED. */
  public static final Set<Status.Code> DEFAULT_CODES =
      Collections.unmodifiableSet(
          EnumSet.of(
              Status.Code.UNAVAILABLE,
              Status.Code.DEADLINE_EXCEEDED,
              Status.Code.RESOURCE_EXHAUSTED));

  private static final double JITTER = 0.05;
  private static final Logger LOG = System.getLogger(Retry.class.getName());

  /** Waits between attempts. */
  @FunctionalInterface
  public interface Sleeper {
    /**
     * Returns after the time has passed.
     *
     * @throws InterruptedException if the thread was interrupted
     */
    void sleep(Duration time) throws InterruptedException;
  }

  /** One attempt: a call by a blocking stub. */
  @FunctionalInterface
  public interface Attempt<T extends @Nullable Object, X extends Exception> {
    /** Makes the call. */
    T run() throws X;
  }

  private final int maxAttempts;
  private final Duration base;
  private final Duration maxWait;
  private final Set<Status.Code> codes;
  private final Sleeper sleeper;
  private final @Nullable ScheduledExecutorService scheduler;
  private final DoubleSupplier random;
  private final Set<String> warned = ConcurrentHashMap.newKeySet();

  private Retry(Builder builder) {
    this.maxAttempts = builder.maxAttempts;
    this.base = builder.base;
    this.maxWait = builder.maxWait;
    this.codes = builder.codes;
    this.sleeper = builder.sleeper;
    this.scheduler = builder.scheduler;
    this.random = builder.random;
  }

  /** Returns retries with the defaults. */
  public static Retry create() {
    return builder().build();
  }

  /** Returns a builder that starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Makes the call, and again after failures that allow it, within the deadline of the current gRPC
   * context.
   *
   * @throws X what the last attempt threw
   */
  public <T extends @Nullable Object, X extends Exception> T call(
      MethodDescriptor<?, ?> method, Attempt<T, X> attempt) throws X {
    return call(method, null, attempt);
  }

  /**
   * Makes the call, and again after failures that allow it.
   *
   * @param deadline of all attempts and waits together; null for that of the context alone
   * @throws X what the last attempt threw
   */
  @SuppressWarnings("unchecked") // The attempt throws X or what is unchecked.
  public <T extends @Nullable Object, X extends Exception> T call(
      MethodDescriptor<?, ?> method, @Nullable Deadline deadline, Attempt<T, X> attempt) throws X {
    for (int n = 1; ; n++) {
      try {
        return attempt.run();
      } catch (StatusRuntimeException e) {
        if (!pauses(method, deadline, n, e.getStatus(), e.getTrailers())) {
          throw e;
        }
      } catch (Exception e) {
        if (!(e instanceof StatusException status)
            || !pauses(method, deadline, n, status.getStatus(), status.getTrailers())) {
          throw (X) e;
        }
      }
    }
  }

  /**
   * Makes a unary call, and again after failures that allow it, without a thread that waits.
   *
   * <p>The deadline of {@code options} and that of the current gRPC context are those of all
   * attempts and waits together. Cancelling the future cancels the attempt that goes on, or the
   * wait; so does the context that was current here, in which all attempts are made. The future
   * completes on the call's executor, and fails with what the last attempt failed with, most often
   * a {@code StatusRuntimeException}.
   *
   * @throws IllegalArgumentException if the method has a stream
   */
  public <Q, R> CompletableFuture<R> callAsync(
      Channel channel, MethodDescriptor<Q, R> method, CallOptions options, Q request) {
    Objects.requireNonNull(request, "request");
    Arguments.check(
        method.getType() == MethodDescriptor.MethodType.UNARY,
        "method",
        method.getFullMethodName() + " of type " + method.getType(),
        "a unary one");
    return callAsync(
        method, options.getDeadline(), () -> UnaryCall.start(channel, method, options, request));
  }

  /**
   * Starts something that makes calls, and again after failures that allow it, within the deadline
   * of the current gRPC context.
   *
   * @param attempt as {@link #callAsync(MethodDescriptor, Deadline, Supplier)}
   */
  public <T> CompletableFuture<T> callAsync(
      MethodDescriptor<?, ?> method, Supplier<? extends CompletionStage<T>> attempt) {
    return callAsync(method, null, attempt);
  }

  /**
   * Starts something that makes calls, and again after failures that allow it: a status as {@code
   * StatusRuntimeException} or {@code StatusException}. Cancelling the future cancels the wait, and
   * the attempt that goes on if it is a {@code CompletableFuture}, which must then see to its call.
   *
   * @param deadline of all attempts and waits together; null for that of the context alone
   * @param attempt starts one; the first on this thread, later ones on the scheduler's, so it must
   *     not block
   */
  public <T> CompletableFuture<T> callAsync(
      MethodDescriptor<?, ?> method,
      @Nullable Deadline deadline,
      Supplier<? extends CompletionStage<T>> attempt) {
    return new RetriedFuture<T>(
            this,
            scheduler == null ? RetriedFuture.sharedScheduler() : scheduler,
            method,
            deadline,
            Objects.requireNonNull(attempt, "attempt"))
        .begin();
  }

  /** Waits for the next attempt; false if there is to be none. */
  private boolean pauses(
      MethodDescriptor<?, ?> method,
      @Nullable Deadline given,
      int attempt,
      Status status,
      @Nullable Metadata trailers) {
    Duration wait = waitAfter(method, given, Context.current(), attempt, status, trailers);
    if (wait == null) {
      return false;
    }
    try {
      sleeper.sleep(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return !Context.current().isCancelled();
  }

  /**
   * Returns how long to wait before the next attempt, null if there is to be none, and says it in
   * the log.
   *
   * @param attempt the number of the one that failed, from 1
   */
  @Nullable Duration waitAfter(
      MethodDescriptor<?, ?> method,
      @Nullable Deadline given,
      Context context,
      int attempt,
      Status status,
      @Nullable Metadata trailers) {
    if (!codes.contains(status.getCode())) {
      return null;
    }
    String name = method.getFullMethodName();
    RetryHints hints = RetryHints.of(trailers);
    Duration wait = hints.wait(backoff(attempt));
    String stop = null;
    if (attempt >= maxAttempts) {
      stop = "no attempts left";
    } else if (hints.refused()) {
      stop = "refused by server";
    } else if (context.isCancelled()) {
      stop = "context cancelled";
    } else if (remainingNanos(context, given) <= wait.toNanos()) {
      stop = "deadline before next attempt";
    }
    if (stop != null) {
      LOG.log(
          Level.INFO,
          "call given up method={0} attempt={1} of={2} code={3} reason={4}",
          name,
          attempt,
          maxAttempts,
          status.getCode(),
          stop);
      return null;
    }
    if (!method.isIdempotent() && !method.isSafe() && warned.add(name)) {
      LOG.log(
          Level.WARNING,
          "call retried though its method is not declared idempotent; what it does may happen twice"
              + " method={0}",
          name);
    }
    LOG.log(
        Level.INFO,
        "call retried method={0} attempt={1} of={2} code={3} wait={4}",
        name,
        attempt,
        maxAttempts,
        status.getCode(),
        wait);
    return wait;
  }

  private static long remainingNanos(Context context, @Nullable Deadline given) {
    Deadline inherited = context.getDeadline();
    long remaining = Long.MAX_VALUE;
    if (given != null) {
      remaining = given.timeRemaining(TimeUnit.NANOSECONDS);
    }
    if (inherited != null) {
      remaining = Math.min(remaining, inherited.timeRemaining(TimeUnit.NANOSECONDS));
    }
    return remaining;
  }

  private Duration backoff(int attempt) {
    double nanos = Math.min(base.toNanos() * Math.pow(2, attempt - 1), (double) maxWait.toNanos());
    double factor = 1 - JITTER + 2 * JITTER * random.getAsDouble();
    return Duration.ofNanos((long) (nanos * factor));
  }

  /** Not for use by several threads. */
  public static final class Builder {
    private int maxAttempts = DEFAULT_MAX_ATTEMPTS;
    private Duration base = DEFAULT_BASE;
    private Duration maxWait = DEFAULT_MAX_WAIT;
    private Set<Status.Code> codes = DEFAULT_CODES;
    private Sleeper sleeper = time -> TimeUnit.NANOSECONDS.sleep(time.toNanos());
    private @Nullable ScheduledExecutorService scheduler;
    private DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();

    private Builder() {}

    /** Attempts with the first one, 1 to 100; 3 if never said. */
    public Builder maxAttempts(int maxAttempts) {
      Arguments.check(
          maxAttempts >= 1 && maxAttempts <= 100, "maxAttempts", maxAttempts, "1 to 100");
      this.maxAttempts = maxAttempts;
      return this;
    }

    /** The wait after the first attempt, doubled after each; 1 s if never said. */
    public Builder base(Duration base) {
      this.base = checkWait("base", base);
      return this;
    }

    /** The longest wait that doubling leads to; 1 min if never said. */
    public Builder maxWait(Duration maxWait) {
      this.maxWait = checkWait("maxWait", maxWait);
      return this;
    }

    private static Duration checkWait(String name, Duration wait) {
      Arguments.positive(name, wait);
      Arguments.check(wait.compareTo(Duration.ofDays(1)) <= 0, name, wait, "1 day at most");
      return wait;
    }

    /** The statuses after which to try again; at least one, never OK. */
    public Builder codes(Set<Status.Code> codes) {
      Arguments.check(!codes.isEmpty(), "codes", codes, "at least one");
      Arguments.check(!codes.contains(Status.Code.OK), "codes", codes, "not OK");
      this.codes = Collections.unmodifiableSet(EnumSet.copyOf(codes));
      return this;
    }

    /** What waits between blocking attempts; the thread sleeps if never said. */
    public Builder sleeper(Sleeper sleeper) {
      this.sleeper = sleeper;
      return this;
    }

    /**
     * What starts asynchronous attempts after their wait; one daemon thread of the process if never
     * said. It is not shut down.
     */
    public Builder scheduler(ScheduledExecutorService scheduler) {
      this.scheduler = scheduler;
      return this;
    }

    /** What jitter is drawn from, 0 to 1; random if never said. */
    public Builder random(DoubleSupplier random) {
      this.random = random;
      return this;
    }

    /**
     * Returns the retries.
     *
     * @throws IllegalArgumentException if the longest wait is shorter than the first
     */
    public Retry build() {
      Arguments.check(
          maxWait.compareTo(base) >= 0, "maxWait", maxWait, "base " + base + " or more");
      return new Retry(this);
    }
  }
}
