// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.resilience4j;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Circuit breakers around the calls of a client. While a breaker is open, calls close with
 * UNAVAILABLE at once and nothing is sent.
 *
 * <pre>{@code
 * CircuitBreakerRegistry registry = CircuitBreakerRegistry.ofDefaults();
 * channelBuilder.intercept(CircuitBreakers.perMethod(registry).build());
 * }</pre>
 *
 * <p>What a status means to the breaker is said by {@link #DEFAULT_TABLE}, which the builder
 * changes code by code. A call counts once, when it ends; its time is that until the first answer
 * or, if there was none, until the end, so that a long stream is not a slow call. Permission is
 * asked for when a call starts and given back if it ends with an ignored status.
 *
 * <p>The breaker's own {@code recordExceptions} and {@code ignoreExceptions} see the {@code
 * StatusRuntimeException} of failures; leave them as they are to have the table alone decide.
 */
public final class CircuitBreakers implements ClientInterceptor {
  /** What a status says about the callee. */
  public enum Meaning {
    /** The callee works, even if this call was refused. */
    SUCCESS,
    /** The callee is in trouble. */
    FAILURE,
    /** Nothing: the call counts neither way. */
    IGNORED
  }

  /**
   * FAILURE: UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNKNOWN, DATA_LOSS.
   * IGNORED: CANCELLED, which is the caller's doing. SUCCESS: all others, for they are answers to
   * the request and not signs of the callee's health.
   */
  public static final Map<Status.Code, Meaning> DEFAULT_TABLE = defaultTable();

  private final Function<MethodDescriptor<?, ?>, CircuitBreaker> breakers;
  private final Map<Status.Code, Meaning> table;

  private CircuitBreakers(Builder builder) {
    this.breakers = builder.breakers;
    this.table = new EnumMap<>(builder.table);
  }

  private static Map<Status.Code, Meaning> defaultTable() {
    Map<Status.Code, Meaning> table = new EnumMap<>(Status.Code.class);
    for (Status.Code code : Status.Code.values()) {
      switch (code) {
        case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNKNOWN, DATA_LOSS ->
            table.put(code, Meaning.FAILURE);
        case CANCELLED -> table.put(code, Meaning.IGNORED);
        default -> table.put(code, Meaning.SUCCESS);
      }
    }
    return Collections.unmodifiableMap(table);
  }

  /** Returns a builder with one breaker for all calls: for a channel to one service. */
  public static Builder one(CircuitBreaker breaker) {
    return new Builder(method -> breaker);
  }

  /**
   * Returns a builder with a breaker for each method, named by it such as {@code
   * ecommerce.v1.OrderService/GetOrder}, so that a method that fails does not close the others.
   */
  public static Builder perMethod(CircuitBreakerRegistry registry) {
    return new Builder(method -> registry.circuitBreaker(method.getFullMethodName()));
  }

  /** Returns a builder with a breaker for each service, named by it. */
  public static Builder perService(CircuitBreakerRegistry registry) {
    return new Builder(
        method -> {
          String service = method.getServiceName();
          return registry.circuitBreaker(service == null ? method.getFullMethodName() : service);
        });
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    return new GuardedCall<>(next.newCall(method, options), new Breaking(breakers.apply(method)));
  }

  /** Not for use by several threads. */
  public static final class Builder {
    private final Function<MethodDescriptor<?, ?>, CircuitBreaker> breakers;
    private final Map<Status.Code, Meaning> table = new EnumMap<>(DEFAULT_TABLE);

    private Builder(Function<MethodDescriptor<?, ?>, CircuitBreaker> breakers) {
      this.breakers = breakers;
    }

    /**
     * What a status means.
     *
     * @throws IllegalArgumentException if OK is to be a failure
     */
    public Builder meaning(Status.Code code, Meaning meaning) {
      if (code == Status.Code.OK && meaning == Meaning.FAILURE) {
        throw new IllegalArgumentException("meaning of OK: FAILURE (expected: SUCCESS or IGNORED)");
      }
      table.put(code, meaning);
      return this;
    }

    /** Returns the interceptor. */
    public CircuitBreakers build() {
      return new CircuitBreakers(this);
    }
  }

  private final class Breaking implements GuardedCall.Guard {
    private final CircuitBreaker breaker;
    private final AtomicBoolean answered = new AtomicBoolean();
    private long startedAt;
    private volatile long answerTime;

    Breaking(CircuitBreaker breaker) {
      this.breaker = breaker;
    }

    @Override
    public @Nullable Status admit() {
      if (breaker.tryAcquirePermission()) {
        startedAt = breaker.getCurrentTimestamp();
        return null;
      }
      return Status.UNAVAILABLE
          .withDescription(
              "circuit breaker "
                  + breaker.getName()
                  + ": "
                  + breaker.getState()
                  + " (expected: CLOSED); the call was not sent")
          .withCause(CallNotPermittedException.createCallNotPermittedException(breaker));
    }

    @Override
    public void answered() {
      if (answered.compareAndSet(false, true)) {
        answerTime = breaker.getCurrentTimestamp() - startedAt;
      }
    }

    @Override
    public void ended(Status status) {
      answered();
      switch (table.getOrDefault(status.getCode(), Meaning.SUCCESS)) {
        case SUCCESS -> breaker.onSuccess(answerTime, breaker.getTimestampUnit());
        case FAILURE ->
            breaker.onError(answerTime, breaker.getTimestampUnit(), status.asRuntimeException());
        case IGNORED -> breaker.releasePermission();
      }
    }
  }
}
