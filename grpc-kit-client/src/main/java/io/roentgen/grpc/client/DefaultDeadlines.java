// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gives calls without a deadline one. A deadline that the caller set stays as it is; one that the
 * current gRPC context carries, such as that of the call being served, still ends the call if it is
 * earlier.
 *
 * <p>By default calls with one answer get 5 s, and calls answered by a stream get none: watching
 * something has no natural end.
 */
public final class DefaultDeadlines implements ClientInterceptor {
  /** The time of calls with one answer: 5 s. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

  private final Duration timeout;
  private final @Nullable Duration streamTimeout;
  private final Map<String, Duration> byMethod;

  private DefaultDeadlines(Builder builder) {
    this.timeout = builder.timeout;
    this.streamTimeout = builder.streamTimeout;
    this.byMethod = Map.copyOf(builder.byMethod);
  }

  /** Returns the defaults: 5 s for calls with one answer. */
  public static DefaultDeadlines create() {
    return builder().build();
  }

  /** Returns a builder that starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    if (options.getDeadline() != null) {
      return next.newCall(method, options);
    }
    Duration time = byMethod.get(method.getFullMethodName());
    if (time == null) {
      time = method.getType().serverSendsOneMessage() ? timeout : streamTimeout;
    }
    return next.newCall(
        method,
        time == null ? options : options.withDeadlineAfter(time.toNanos(), TimeUnit.NANOSECONDS));
  }

  /** Not for use by several threads. */
  public static final class Builder {
    private final Map<String, Duration> byMethod = new HashMap<>();
    private Duration timeout = DEFAULT_TIMEOUT;
    private @Nullable Duration streamTimeout;

    private Builder() {}

    /** The time of calls with one answer; 5 s if never said. */
    public Builder timeout(Duration timeout) {
      this.timeout = Arguments.positive("timeout", timeout);
      return this;
    }

    /** The time of calls answered by a stream, from first to last message; none if never said. */
    public Builder streamTimeout(Duration timeout) {
      this.streamTimeout = Arguments.positive("streamTimeout", timeout);
      return this;
    }

    /** The time of one method, such as {@code ecommerce.v1.OrderService/GetOrder}. */
    public Builder method(String fullMethod, Duration timeout) {
      Arguments.check(
          fullMethod.indexOf('/') > 0,
          "method",
          Arguments.quoted(fullMethod),
          "SERVICE/METHOD such as ecommerce.v1.OrderService/GetOrder");
      byMethod.put(fullMethod, Arguments.positive("timeout", timeout));
      return this;
    }

    /** Returns the interceptor. */
    public DefaultDeadlines build() {
      return new DefaultDeadlines(this);
    }
  }
}
