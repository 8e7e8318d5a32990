// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Refuses calls over a limit with {@link Status#RESOURCE_EXHAUSTED}, for {@link Slot#RATE_LIMIT}.
 * Clients that retry are told when by the trailer {@code grpc-retry-pushback-ms} (gRPC's A6). Calls
 * of {@code grpc.health.v1.Health} go through: a server at its limit is not ill.
 */
public final class RateLimit implements ServerInterceptor {
  private static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  private final RateLimiter limiter;

  private RateLimit(RateLimiter limiter) {
    this.limiter = limiter;
  }

  /** Returns the interceptor that asks this limiter. */
  public static RateLimit of(RateLimiter limiter) {
    return new RateLimit(Objects.requireNonNull(limiter, "limiter"));
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    if (WellKnownMethods.isHealth(method)) {
      return next.startCall(call, headers);
    }
    long waitNanos = limiter.tryAcquire(method, callerOf(call));
    if (waitNanos <= 0) {
      return next.startCall(call, headers);
    }
    // Rounded up: who comes a fraction early is refused again.
    long waitMillis = TimeUnit.NANOSECONDS.toMillis(waitNanos - 1) + 1;
    Metadata trailers = new Metadata();
    trailers.put(PUSHBACK, Long.toString(waitMillis));
    return RefusableCall.refuseAtStart(
        call,
        Status.RESOURCE_EXHAUSTED.withDescription(
            "too many calls of " + method + "; try again in " + waitMillis + " ms"),
        trailers);
  }

  private static String callerOf(ServerCall<?, ?> call) {
    User user = User.current();
    if (user != null) {
      return user.id();
    }
    SocketAddress peer = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    if (peer instanceof InetSocketAddress address) {
      return address.getAddress() == null
          ? address.getHostString()
          : address.getAddress().getHostAddress();
    }
    return peer == null ? "" : peer.toString();
  }
}
