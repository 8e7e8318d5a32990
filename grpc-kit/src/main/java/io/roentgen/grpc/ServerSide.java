// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A call that is served. */
final class ServerSide extends GrpcCall {
  private final String authority;
  private final @Nullable SocketAddress peer;
  private final long deadlineNanos;
  private final @Nullable ServerSizes sizes;

  ServerSide(ServerCall<?, ?> call, KitClock clock, long startNanos) {
    super(call.getMethodDescriptor(), startNanos, clock.epochNanos(startNanos));
    String name = call.getAuthority();
    authority = name == null ? "" : name;
    peer = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    Deadline deadline = Context.current().getDeadline();
    deadlineNanos = deadline == null ? UNKNOWN : deadline.timeRemaining(TimeUnit.NANOSECONDS);
    sizes = ServerSizes.current();
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
