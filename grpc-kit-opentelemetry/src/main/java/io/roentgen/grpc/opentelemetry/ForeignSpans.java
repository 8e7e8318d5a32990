// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.TraceStateBuilder;
import io.opentelemetry.context.Context;
import io.roentgen.grpc.TraceContext;
import io.roentgen.grpc.TraceContext.Decision;
import io.roentgen.model.Hex;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Spans that OpenTelemetry did not make, in its words. */
final class ForeignSpans {
  private ForeignSpans() {}

  /** Returns a context in which the calling span is current, or none if there is none. */
  static Context contextOf(@Nullable TraceContext incoming) {
    Context current = Context.current();
    SpanContext remote = incoming == null ? SpanContext.getInvalid() : remote(incoming);
    return Span.fromContextOrNull(current) == null && !remote.isValid()
        ? current
        : current.with(Span.wrap(remote));
  }

  private static SpanContext remote(TraceContext incoming) {
    boolean refused = incoming.decision() == Decision.NOT_SAMPLED;
    TraceId trace = incoming.traceId();
    if (trace == null) {
      if (!refused) {
        return SpanContext.getInvalid();
      }
      // Without a parent the SDK would decide anew; whoever refused is to be heard.
      ThreadLocalRandom random = ThreadLocalRandom.current();
      trace = new TraceId(random.nextLong(), random.nextLong() | 1);
    }
    SpanId span = incoming.spanId();
    long id = span == null ? madeUp(trace) : span.value();
    return SpanContext.createFromRemoteParent(
        Hex.format(trace.high()) + Hex.format(trace.low()),
        Hex.format(id),
        refused ? TraceFlags.getDefault() : TraceFlags.getSampled(),
        parse(incoming.traceState()));
  }

  /** Returns the ids of a span of this process, invalid if there is no trace. */
  static SpanContext local(TraceContext context) {
    TraceId trace = context.traceId();
    if (trace == null) {
      return SpanContext.getInvalid();
    }
    SpanId span = context.spanId();
    return SpanContext.create(
        Hex.format(trace.high()) + Hex.format(trace.low()),
        Hex.format(span == null ? madeUp(trace) : span.value()),
        context.decision() == Decision.SAMPLED ? TraceFlags.getSampled() : TraceFlags.getDefault(),
        parse(context.traceState()));
  }

  private static long madeUp(TraceId trace) {
    return trace.low() == 0 ? trace.high() : trace.low();
  }

  /** Reads a tracestate; entries that are none are left out. */
  private static TraceState parse(String text) {
    if (text.isEmpty()) {
      return TraceState.getDefault();
    }
    TraceStateBuilder builder = TraceState.builder();
    String[] entries = text.split(",");
    // The builder puts each in front of those before.
    for (int i = entries.length - 1; i >= 0; i--) {
      String entry = entries[i].strip();
      int equals = entry.indexOf('=');
      if (equals > 0) {
        builder.put(entry.substring(0, equals), entry.substring(equals + 1));
      }
    }
    return builder.build();
  }

  /** Writes a tracestate; empty if it has no entries. */
  static String format(TraceState state) {
    if (state.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    state.forEach(
        (key, value) -> {
          if (text.length() > 0) {
            text.append(',');
          }
          text.append(key).append('=').append(value);
        });
    return text.toString();
  }
}
