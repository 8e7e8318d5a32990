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

  /** Whether gRPC says that it hedges; older versions do not. */
  private static final boolean TELLS_HEDGES = tellsHedges();

  private volatile @Nullable Attempt first;
  private volatile @Nullable List<Attempt> others;
  private int count;

  @Override
  public ClientStreamTracer newClientStreamTracer(
      ClientStreamTracer.StreamInfo info, Metadata headers) {
    Attempt attempt =
        new Attempt(info.getPreviousAttempts(), info.isTransparentRetry(), isHedge(info));
    add(attempt);
    return attempt;
  }

  private boolean isHedge(ClientStreamTracer.StreamInfo info) {
    if (info.getPreviousAttempts() == 0 || info.isTransparentRetry()) {
      return false;
    }
    if (TELLS_HEDGES) {
      return info.isHedging();
    }
    for (Attempt earlier : all()) {
      if (earlier.status == null) {
        return true;
      }
    }
    return false;
  }

  private static boolean tellsHedges() {
    try {
      ClientStreamTracer.StreamInfo.class.getMethod("isHedging");
      return true;
    } catch (NoSuchMethodException older) {
      return false;
    }
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

  /** Returns the server that answered, or else the last that was tried and reached. */
  @Nullable SocketAddress peer() {
    SocketAddress peer = null;
    for (Attempt attempt : all()) {
      SocketAddress reached = attempt.peer;
      if (reached != null) {
        Status how = attempt.status;
        if (how != null && how.isOk()) {
          return reached;
        }
        peer = reached;
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
    final boolean hedge;
    final long startNanos = System.nanoTime();
    private volatile long endNanos;
    private volatile @Nullable Status status;
    private volatile @Nullable SocketAddress peer;

    /** The same in each document that tells of it; the thread that writes these makes it up. */
    long id;

    // Each written by one thread of the transport.
    private long bytesSent = GrpcCall.UNKNOWN;
    private long bytesReceived = GrpcCall.UNKNOWN;

    Attempt(int previous, boolean transparent, boolean hedge) {
      this.previous = previous;
      this.transparent = transparent;
      this.hedge = hedge;
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
    public boolean isHedge() {
      return hedge;
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
