// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One gRPC call, seen from one side. There is one object for a call, made when it begins; numbers
 * grow while it goes on, and may be read from any thread.
 */
public abstract class GrpcCall {
  /** What a number is that is not known. */
  public static final long UNKNOWN = -1;

  /** Which end of the call this is. */
  public enum Side {
    /** This process calls. */
    CLIENT,
    /** This process is called. */
    SERVER
  }

  private static final VarHandle ENDED;
  private static final VarHandle SENT;
  private static final VarHandle RECEIVED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      ENDED = lookup.findVarHandle(GrpcCall.class, "ended", boolean.class);
      SENT = lookup.findVarHandle(GrpcCall.class, "messagesSent", long.class);
      RECEIVED = lookup.findVarHandle(GrpcCall.class, "messagesReceived", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Side side;
  private final MethodDescriptor<?, ?> method;
  private final long startNanos;
  private final long startEpochNanos;
  private volatile boolean ended;
  private volatile long headersNanos = UNKNOWN;
  private volatile long firstMessageNanos = UNKNOWN;
  // Each has one writer at a time, as gRPC asks of those who use a call, so that an ordered store
  // is enough.
  private long messagesSent;
  private long messagesReceived;
  // Written before the volatile endNanos, read after it.
  private @Nullable Status status;
  private volatile long endNanos;

  GrpcCall(Side side, MethodDescriptor<?, ?> method, long startNanos, long startEpochNanos) {
    this.side = side;
    this.method = method;
    this.startNanos = startNanos;
    this.startEpochNanos = startEpochNanos;
  }

  /** Returns which end of the call this is. */
  public final Side side() {
    return side;
  }

  /** Returns the method that is called. */
  public final MethodDescriptor<?, ?> method() {
    return method;
  }

  /** Returns the host that the caller named, with a port unless it is usual; may be empty. */
  public abstract String authority();

  /** Returns the span of this call; one that is not sampled if the call is not traced. */
  public abstract ActiveSpan span();

  /**
   * Returns how long after its start the call must be over, in nanoseconds, or {@link #UNKNOWN} if
   * it has no deadline: on a server, what its caller left it.
   */
  public abstract long deadlineNanos();

  /** Returns the other end, as the transport names it, or null as long as that is not known. */
  public abstract @Nullable SocketAddress peer();

  /**
   * Returns the bytes of all messages sent so far, before compression, or {@link #UNKNOWN} if the
   * transport does not tell.
   */
  public abstract long bytesSent();

  /** Returns the bytes of all messages received so far, likewise. */
  public abstract long bytesReceived();

  /** Returns when the call began, in nanoseconds since the epoch. */
  public final long startEpochNanos() {
    return startEpochNanos;
  }

  /** Returns how long the call took, in nanoseconds; while it goes on, how long it has so far. */
  public final long durationNanos() {
    boolean over = isOver();
    return (over ? endNanos : System.nanoTime()) - startNanos;
  }

  /** Returns how the call ended, or null while it goes on. */
  public final @Nullable Status status() {
    return isOver() ? status : null;
  }

  /** Returns how many messages this side has sent. */
  public final long messagesSent() {
    return (long) SENT.getAcquire(this);
  }

  /** Returns how many messages this side has received. */
  public final long messagesReceived() {
    return (long) RECEIVED.getAcquire(this);
  }

  /**
   * Returns how long after the start the response headers came or were sent, in nanoseconds, or
   * {@link #UNKNOWN} if there were none.
   */
  public final long headersNanos() {
    return headersNanos;
  }

  /**
   * Returns how long after the start the first message came from the other side, in nanoseconds, or
   * {@link #UNKNOWN} if none did.
   */
  public final long firstMessageNanos() {
    return firstMessageNanos;
  }

  final long startNanos() {
    return startNanos;
  }
}
