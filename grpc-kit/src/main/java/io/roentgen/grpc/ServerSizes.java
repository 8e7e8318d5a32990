// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import org.jspecify.annotations.Nullable;

/** The bytes of a call that is served, which only the transport sees. */
final class ServerSizes extends ServerStreamTracer {
  private static final Context.Key<ServerSizes> KEY = Context.key("roentgen-sizes");

  // Each written by one thread of the transport.
  private long sent;
  private long received;

  /** Of calls whose sizes nobody is told. */
  private static final ServerStreamTracer NONE = new ServerStreamTracer() {};

  /** Makes one for each call of a server that somebody may be told of. */
  static final class Factory extends ServerStreamTracer.Factory {
    private final Calls calls;

    Factory(Calls calls) {
      this.calls = calls;
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
      return !calls.isObserved() && calls.unsampled(headers) != null ? NONE : new ServerSizes();
    }
  }

  /** Returns the one of the current call, or null if the server has no {@link Factory}. */
  static @Nullable ServerSizes current() {
    return KEY.get();
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  @Override
  public void outboundUncompressedSize(long bytes) {
    sent += bytes;
  }

  @Override
  public void inboundUncompressedSize(long bytes) {
    received += bytes;
  }

  long sent() {
    return sent;
  }

  long received() {
    return received;
  }
}
