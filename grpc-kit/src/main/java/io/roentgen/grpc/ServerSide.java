// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A call that is served. */
final class ServerSide extends GrpcCall {
  private static final Metadata.Key<String> TIMEOUT =
      Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);

  /** Digits that a timeout has at most. Source: gRPC over HTTP/2, "Timeout". */
  private static final int MAX_TIMEOUT_DIGITS = 8;

  private final String authority;
  private final @Nullable SocketAddress peer;
  private final long deadlineNanos;
  private final @Nullable ServerSizes sizes;

  ServerSide(ServerCall<?, ?> call, Metadata headers, KitClock clock, long startNanos) {
    super(call.getMethodDescriptor(), startNanos, clock.epochNanos(startNanos));
    String name = call.getAuthority();
    authority = name == null ? "" : name;
    peer = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    Deadline deadline = Context.current().getDeadline();
    // Armeria keeps the deadline in a context of its own.
    deadlineNanos =
        deadline == null
            ? timeoutNanos(headers.get(TIMEOUT))
            : deadline.timeRemaining(TimeUnit.NANOSECONDS);
    sizes = ServerSizes.current();
  }

  /** Returns what the header says, or {@link #UNKNOWN} if it is not there or not valid. */
  static long timeoutNanos(@Nullable String text) {
    int digits = text == null ? 0 : text.length() - 1;
    if (text == null || digits < 1 || digits > MAX_TIMEOUT_DIGITS) {
      return UNKNOWN;
    }
    long value = 0;
    for (int i = 0; i < digits; i++) {
      char digit = text.charAt(i);
      if (digit < '0' || digit > '9') {
        return UNKNOWN;
      }
      value = 10 * value + (digit - '0');
    }
    return switch (text.charAt(digits)) {
      case 'H' -> TimeUnit.HOURS.toNanos(value);
      case 'M' -> TimeUnit.MINUTES.toNanos(value);
      case 'S' -> TimeUnit.SECONDS.toNanos(value);
      case 'm' -> TimeUnit.MILLISECONDS.toNanos(value);
      case 'u' -> TimeUnit.MICROSECONDS.toNanos(value);
      case 'n' -> value;
      default -> UNKNOWN;
    };
  }

  @Override
  public Side side() {
    return Side.SERVER;
  }

  @Override
  public String authority() {
    return authority;
  }

  @Override
  public long deadlineNanos() {
    return deadlineNanos;
  }

  @Override
  public @Nullable SocketAddress peer() {
    return peer;
  }

  @Override
  public long bytesSent() {
    return sizes == null ? UNKNOWN : sizes.sent();
  }

  @Override
  public long bytesReceived() {
    return sizes == null ? UNKNOWN : sizes.received();
  }

  @Override
  public int attempts() {
    return 0;
  }
}
