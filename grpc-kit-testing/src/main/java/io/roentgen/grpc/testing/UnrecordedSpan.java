// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.testing;

import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.GrpcCall;
import io.roentgen.grpc.TraceContext;
import org.jspecify.annotations.Nullable;

/** A span that is not recorded, and only carries the trace on. */
final class UnrecordedSpan extends ActiveSpan {
  private final @Nullable TraceContext context;

  UnrecordedSpan(@Nullable TraceContext context) {
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
  public ActiveSpan annotate(String key, String value) {
    return this;
  }

  @Override
  public ActiveSpan annotate(String key, long value) {
    return this;
  }

  @Override
  public ActiveSpan annotate(String key, double value) {
    return this;
  }

  @Override
  public ActiveSpan annotate(String key, boolean value) {
    return this;
  }

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
