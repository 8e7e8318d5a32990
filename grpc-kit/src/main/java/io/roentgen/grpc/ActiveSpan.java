// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Context;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import org.jspecify.annotations.Nullable;

/**
 * A piece of work that goes on: the call that this thread handles, or something done for it. What
 * is said of it is sent when it ends.
 *
 * <p>Every method may be called on a span that is not sampled or has ended, and then does nothing:
 * handlers need not ask. Safe for use by several threads.
 *
 * <pre>{@code
 * ActiveSpan.current().annotate("order_id", order.id());
 * }</pre>
 */
public abstract class ActiveSpan {
  static final Context.Key<ActiveSpan> KEY = Context.key("roentgen-span");

  /** For those who make spans; see {@link SpanSource}. */
  protected ActiveSpan() {}

  /** Returns the span of the current gRPC {@link Context}; one that does nothing if there is none. */
  public static ActiveSpan current() {
    ActiveSpan span = KEY.get();
    return span == null ? NoSpan.NONE : span;
  }

  /** Returns the trace, or null if this span belongs to none. */
  public abstract @Nullable TraceId traceId();

  /** Returns this span's id, or null if it is not sampled. */
  public abstract @Nullable SpanId spanId();

  /** Returns whether what is said of this span is sent. */
  public abstract boolean isSampled();

  /**
   * Adds something to search by: an annotation of X-Ray, an attribute of OpenTelemetry. A key that
   * is there already gets the new value.
   */
  public abstract ActiveSpan annotate(String key, String value);

  /** Adds a number to search by. */
  public abstract ActiveSpan annotate(String key, long value);

  /** Adds a number to search by. */
  public abstract ActiveSpan annotate(String key, double value);

  /** Adds a flag to search by. */
  public abstract ActiveSpan annotate(String key, boolean value);

  /** Adds an exception with its stack and causes; whether the span is a fault, its status tells. */
  public abstract ActiveSpan recordException(Throwable thrown);
}
