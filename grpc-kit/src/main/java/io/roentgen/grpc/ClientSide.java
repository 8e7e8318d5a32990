// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A call that is made. */
final class ClientSide extends GrpcCall {
  private final @Nullable String callee;
  private final String authority;
  private final long deadlineNanos;
  private final @Nullable Attempts attempts;

  ClientSide(
      MethodDescriptor<?, ?> method,
      @Nullable String callee,
      String authority,
      @Nullable Deadline deadline,
      @Nullable Attempts attempts,
      KitClock clock,
      long startNanos) {
    super(method, startNanos, clock.epochNanos(startNanos));
    this.callee = callee;
    this.authority = authority;
    this.attempts = attempts;
    deadlineNanos = deadline == null ? UNKNOWN : deadline.timeRemaining(TimeUnit.NANOSECONDS);
  }

  @Override
  public Side side() {
    return Side.CLIENT;
  }

  /** Returns what the callee is called in the map, or null if nobody said. */
  @Nullable String callee() {
    return callee;
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
    return attempts == null ? null : attempts.peer();
  }

  @Override
  public long bytesSent() {
    return attempts == null ? UNKNOWN : attempts.bytesSent();
  }

  @Override
  public long bytesReceived() {
    return attempts == null ? UNKNOWN : attempts.bytesReceived();
  }

  @Override
  public int attempts() {
    return attempts == null ? 0 : attempts.count();
  }

  @Override
  public List<Attempts.Attempt> severalAttempts() {
    return attempts == null ? List.of() : attempts.several();
  }
}
