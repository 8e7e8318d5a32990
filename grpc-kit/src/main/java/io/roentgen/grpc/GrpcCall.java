// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;
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
      ENDED = lookup.findVarHandle(GrpcCall.class, "ended", int.class);
      SENT = lookup.findVarHandle(GrpcCall.class, "messagesSent", long.class);
      RECEIVED = lookup.findVarHandle(GrpcCall.class, "messagesReceived", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Goes on; is being ended by one thread; is over, and its end may be read. */
  private static final int OPEN = 0;

  private static final int ENDING = 1;
  private static final int OVER = 2;

  private static final long[] NO_TICKS = {};

  private final MethodDescriptor<?, ?> method;
  private final long startNanos;
  private final long startEpochNanos;
  private ActiveSpan span = UnsampledSpan.NONE;
  private volatile int ended;
  // Each of these has one writer at a time, as gRPC asks of those who use a call, so that an
  // ordered store is enough.
  private long messagesSent;
  private long messagesReceived;
  private long headersNanos = UNKNOWN;
  private long firstMessageNanos = UNKNOWN;
  // Elements and count guarded by this; the array is set before the call is known to others.
  private long[] ticks = NO_TICKS;
  private int tickCount;
  // Written before ended becomes OVER, read after it.
  private @Nullable Status status;
  private long endNanos;

  GrpcCall(MethodDescriptor<?, ?> method, long startNanos, long startEpochNanos) {
    this.method = method;
    this.startNanos = startNanos;
    this.startEpochNanos = startEpochNanos;
  }

  /** Returns which end of the call this is. */
  public abstract Side side();

  /** Returns the method that is called. */
  public final MethodDescriptor<?, ?> method() {
    return method;
  }

  /** Returns the host that the caller named, with a port unless it is usual; may be empty. */
  public abstract String authority();

  /** Returns the span of this call; one that is not sampled if the call is not traced. */
  public final ActiveSpan span() {
    return span;
  }

  /**
   * Returns how long after its start the call must be over, in nanoseconds, or {@link #UNKNOWN} if
   * it has no deadline: on a server, what its caller left it.
   */
  public abstract long deadlineNanos();

  /** Returns the other end, as the transport names it, or null as long as that is not known. */
  public abstract @Nullable SocketAddress peer();

  /**
   * Returns the bytes of all messages sent so far, before compression, or {@link #UNKNOWN} if the
   * transport does not tell, or this side is a client and the call is not sampled.
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
    return (isOver() ? endNanos : System.nanoTime()) - startNanos;
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
   * Returns how long after the start the response's headers came or were sent, in nanoseconds, or
   * {@link #UNKNOWN} if they have not.
   */
  public final long headersNanos() {
    return headersNanos;
  }

  /**
   * Returns how long after the start the first message came from the other side, in nanoseconds, or
   * {@link #UNKNOWN} if none has.
   */
  public final long firstMessageNanos() {
    return firstMessageNanos;
  }

  /**
   * Returns how many attempts were made: more than one when gRPC retried or hedged the call, 0 if
   * the transport does not tell, or the call is not sampled.
   */
  public abstract int attempts();

  /**
   * Returns the attempts in order of their start if there was more than one; else none. Those of a
   * call that goes on may still change.
   */
  public List<? extends CallAttempt> severalAttempts() {
    return List.of();
  }

  final long startNanos() {
    return startNanos;
  }

  final void startedAs(ActiveSpan newSpan) {
    span = newSpan;
  }

  final void messageSent() {
    SENT.setRelease(this, messagesSent + 1);
    if (ticks != NO_TICKS) {
      tick(System.nanoTime() - startNanos);
    }
  }

  final void messageReceived() {
    if (messagesReceived == 0) {
      firstMessageNanos = System.nanoTime() - startNanos;
    }
    RECEIVED.setRelease(this, messagesReceived + 1);
    if (ticks != NO_TICKS) {
      tick(startNanos - System.nanoTime());
    }
  }

  /**
   * Remembers when the first messages are sent and received, at most this many. To be called by a
   * {@link SpanSource} when it starts the call's span, and by nobody else.
   */
  public final synchronized void recordTicks(int max) {
    ticks = new long[max];
  }

  private synchronized void tick(long nanos) {
    if (tickCount < ticks.length) {
      ticks[tickCount++] = nanos;
    }
  }

  /**
   * Returns when the first messages were sent or received, in nanoseconds since the start; below 0
   * for received ones. Empty unless that is asked for.
   */
  public final synchronized long[] messageTicks() {
    return ticks == NO_TICKS ? NO_TICKS : Arrays.copyOf(ticks, tickCount);
  }

  final void headers() {
    headersNanos = System.nanoTime() - startNanos;
  }

  /** Ends the call unless it is ended; returns whether it was this that did. */
  final boolean end(Status how) {
    if (!ENDED.compareAndSet(this, OPEN, ENDING)) {
      return false;
    }
    status = how;
    endNanos = System.nanoTime();
    // What was written above is seen by those who see this; a volatile store would wait for all of
    // it.
    ENDED.setRelease(this, OVER);
    return true;
  }

  private boolean isOver() {
    return ended == OVER;
  }
}
