// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Status;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one call, as the transport makes them: one as a rule, more when gRPC retries or
 * hedges.
 */
final class Attempts extends ClientStreamTracer.Factory {
  /** How many attempts are described; gRPC makes at most five, and transparent ones besides. */
  private static final int MAX = 16;

  private volatile @Nullable Attempt first;
  private volatile @Nullable List<Attempt> others;
  private int count;

  @Override
  public ClientStreamTracer newClientStreamTracer(
      ClientStreamTracer.StreamInfo info, Metadata headers) {
    Attempt attempt = new Attempt(info.getPreviousAttempts(), info.isTransparentRetry());
    add(attempt);
    return attempt;
  }

  private synchronized void add(Attempt attempt) {
    count++;
    if (first == null) {
      first = attempt;
      return;
    }
    List<Attempt> more = others;
    if (more == null) {
      more = new CopyOnWriteArrayList<>();
      others = more;
    }
    if (count <= MAX) {
      more.add(attempt);
    }
  }

  synchronized int count() {
    return count;
  }

  /** Returns the attempts in order of their start if there is more than one; else none. */
  List<Attempt> several() {
    Attempt one = first;
    List<Attempt> more = others;
    if (one == null || more == null) {
      return List.of();
    }
    List<Attempt> all = new CopyOnWriteArrayList<>(more);
    all.add(0, one);
    return all;
  }

  @Nullable SocketAddress peer() {
    SocketAddress peer = null;
    Attempt one = first;
    if (one != null) {
      peer = one.peer;
    }
    List<Attempt> more = others;
    if (more != null) {
      for (Attempt attempt : more) {
        peer = attempt.peer == null ? peer : attempt.peer;
      }
    }
    return peer;
  }

  long bytesSent() {
    long bytes = GrpcCall.UNKNOWN;
    for (Attempt attempt : all()) {
      bytes = attempt.bytesSent == GrpcCall.UNKNOWN ? bytes : Math.max(bytes, attempt.bytesSent);
    }
    return bytes;
  }

  long bytesReceived() {
    long bytes = GrpcCall.UNKNOWN;
    for (Attempt attempt : all()) {
      bytes =
          attempt.bytesReceived == GrpcCall.UNKNOWN
              ? bytes
              : Math.max(bytes, 0) + attempt.bytesReceived;
    }
    return bytes;
  }

  private List<Attempt> all() {
    Attempt one = first;
    if (one == null) {
      return List.of();
    }
    return others == null ? List.of(one) : several();
  }

  /** One try to get the call answered. Times are of {@link System#nanoTime}. */
  static final class Attempt extends ClientStreamTracer implements CallAttempt {
    final int previous;
    final boolean transparent;
    final long startNanos = System.nanoTime();
    private volatile long endNanos;
    private volatile @Nullable Status status;
    private volatile @Nullable SocketAddress peer;
    // Each written by one thread of the transport.
    private long bytesSent = GrpcCall.UNKNOWN;
    private long bytesReceived = GrpcCall.UNKNOWN;

    Attempt(int previous, boolean transparent) {
      this.previous = previous;
      this.transparent = transparent;
    }

    @Override
    public long startNanos() {
      return startNanos;
    }

    @Override
    public int previousAttempts() {
      return previous;
    }

    @Override
    public boolean isTransparentRetry() {
      return transparent;
    }

    @Override
    public @Nullable Status status() {
      return status;
    }

    @Override
    public long endNanos() {
      return endNanos;
    }

    @Override
    public @Nullable SocketAddress peer() {
      return peer;
    }

    @Override
    public void streamCreated(Attributes transportAttributes, Metadata headers) {
      peer = transportAttributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    }

    @Override
    public void outboundUncompressedSize(long bytes) {
      bytesSent = Math.max(bytesSent, 0) + bytes;
    }

    @Override
    public void inboundUncompressedSize(long bytes) {
      bytesReceived = Math.max(bytesReceived, 0) + bytes;
    }

    @Override
    public void streamClosed(Status how) {
      endNanos = System.nanoTime();
      status = how;
    }
  }
}
