// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/**
 * A call that an interceptor may close under its handler's feet. grpc-java answers every use of a
 * closed call with an exception ("call already closed"), and goes on with callbacks such as
 * half-close; here whatever the handler still does is swallowed, and it hears of nothing but the
 * end, as a cancel.
 *
 * <p>A {@link ServerCall} is for one thread at a time, and a handler may be sending on its own
 * while a callback refuses; the lock of this object keeps them apart. What it is held over does not
 * block: gRPC buffers.
 */
final class RefusableCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {
  private enum State {
    OPEN,
    CLOSED,
    REFUSED
  }

  // Written under the lock.
  private volatile State state = State.OPEN;

  private RefusableCall(ServerCall<ReqT, RespT> call) {
    super(call);
  }

  /** Returns the call itself if it can be refused already, as one lock is enough. */
  static <ReqT, RespT> RefusableCall<ReqT, RespT> of(ServerCall<ReqT, RespT> call) {
    return call instanceof RefusableCall<ReqT, RespT> refusable
        ? refusable
        : new RefusableCall<>(call);
  }

  /**
   * Closes a call that no handler has seen yet, and returns the listener for it, which ignores
   * everything.
   */
  static <ReqT> ServerCall.Listener<ReqT> refuseAtStart(
      ServerCall<ReqT, ?> call, Status status, Metadata trailers) {
    if (call instanceof RefusableCall<?, ?> refusable) {
      refusable.refuse(status, trailers);
    } else {
      call.close(status, trailers);
    }
    return ignoringListener();
  }

  static <ReqT> ServerCall.Listener<ReqT> ignoringListener() {
    return new ServerCall.Listener<>() {};
  }

  /** Closes the call, unless it is closed already; returns whether this did it. */
  boolean refuse(Status status, Metadata trailers) {
    synchronized (this) {
      if (state != State.OPEN) {
        return false;
      }
      state = State.REFUSED;
      if (!delegate().isCancelled()) {
        delegate().close(status, trailers);
      }
      return true;
    }
  }

  boolean isRefused() {
    return state == State.REFUSED;
  }

  /** Returns whether the call has its answer, by whomever. */
  boolean isClosed() {
    return state != State.OPEN;
  }

  @Override
  public void request(int numMessages) {
    if (!isRefused()) {
      super.request(numMessages);
    }
  }

  @Override
  public void sendHeaders(Metadata headers) {
    synchronized (this) {
      if (!isRefused()) {
        super.sendHeaders(headers);
      }
    }
  }

  @Override
  public void sendMessage(RespT message) {
    synchronized (this) {
      if (!isRefused()) {
        super.sendMessage(message);
      }
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    synchronized (this) {
      if (isRefused()) {
        return;
      }
      state = State.CLOSED;
      super.close(status, trailers);
    }
  }

  @Override
  public void setMessageCompression(boolean enabled) {
    if (!isRefused()) {
      super.setMessageCompression(enabled);
    }
  }

  @Override
  public void setCompression(String compressor) {
    if (!isRefused()) {
      super.setCompression(compressor);
    }
  }

  @Override
  public boolean isReady() {
    return !isRefused() && super.isReady();
  }

  @Override
  public boolean isCancelled() {
    return isRefused() || super.isCancelled();
  }

  /** What the handler hears of a call: nothing of a refused one but its end. */
  static class Listener<ReqT> extends SimpleForwardingServerCallListener<ReqT> {
    private final RefusableCall<ReqT, ?> call;

    Listener(RefusableCall<ReqT, ?> call, ServerCall.Listener<ReqT> delegate) {
      super(delegate);
      this.call = call;
    }

    @Override
    public void onMessage(ReqT message) {
      if (!call.isRefused()) {
        super.onMessage(message);
      }
    }

    @Override
    public void onHalfClose() {
      if (!call.isRefused()) {
        super.onHalfClose();
      }
    }

    @Override
    public void onReady() {
      if (!call.isRefused()) {
        super.onReady();
      }
    }

    @Override
    public void onComplete() {
      if (call.isRefused()) {
        // Complete would mean that what the handler sent arrived.
        super.onCancel();
      } else {
        super.onComplete();
      }
    }
  }
}
