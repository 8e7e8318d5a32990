// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import org.jspecify.annotations.Nullable;

/** A span of which nothing is sent. */
class NoSpan extends ActiveSpan {
  static final NoSpan NONE = new NoSpan();

  NoSpan() {}

  @Override
  public @Nullable TraceId traceId() {
    return null;
  }

  @Override
  public @Nullable SpanId spanId() {
    return null;
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
}
