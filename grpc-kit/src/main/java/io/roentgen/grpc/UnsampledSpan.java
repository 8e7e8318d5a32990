// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Metadata;
import io.roentgen.grpc.TraceContext.Decision;
import org.jspecify.annotations.Nullable;

/** A span of which nothing is sent; it only carries the trace on. */
final class UnsampledSpan extends ActiveSpan {
  static final UnsampledSpan NONE = new UnsampledSpan((TraceContext) null);

  /**
   * A {@link TraceContext}, or the bytes of an {@link UnsampledHeader}: there are many of these.
   */
  private final @Nullable Object carried;

  UnsampledSpan(@Nullable TraceContext context) {
    carried = context;
  }

  /** Makes one of an {@link UnsampledHeader}. */
  UnsampledSpan(byte[] header) {
    carried = header;
  }

  @Override
  public @Nullable TraceContext context() {
    return carried instanceof byte[] header
        ? UnsampledHeader.context(header)
        : (TraceContext) carried;
  }

  @Override
  byte @Nullable [] header() {
    return carried instanceof byte[] header ? header : null;
  }

  @Override
  @Nullable Decision decision() {
    return carried instanceof byte[] ? Decision.NOT_SAMPLED : super.decision();
  }

  @Override
  void inject(Propagation propagation, Metadata headers) {
    if (carried instanceof byte[] header) {
      propagation.inject(header, headers);
    } else {
      super.inject(propagation, headers);
    }
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
