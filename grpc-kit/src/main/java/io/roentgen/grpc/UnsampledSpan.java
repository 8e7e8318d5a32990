// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import org.jspecify.annotations.Nullable;

/** A span of which nothing is sent; it only carries the trace on. */
final class UnsampledSpan extends ActiveSpan {
  static final UnsampledSpan NONE = new UnsampledSpan(null);

  private final @Nullable TraceContext context;

  UnsampledSpan(@Nullable TraceContext context) {
    this.context = context;
  }

  @Override
  public @Nullable TraceContext context() {
    return context;
  }

  @Override
  public boolean isSampled() {
    return false;
  }

  @Override
  protected void put(String key, Object value) {}

  @Override
  public ActiveSpan recordException(Throwable thrown) {
    return this;
  }

  @Override
  public void end() {}

  @Override
  protected ActiveSpan newChild(String name, Kind kind) {
    return this;
  }

  @Override
  protected void callEnded(GrpcCall call, @Nullable Throwable thrown) {}
}
