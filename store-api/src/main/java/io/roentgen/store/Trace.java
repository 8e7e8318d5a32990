// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that shares one trace id, as far as it has arrived.
 *
 * <p>Of several spans with one id, one is seen: the last one written that is complete, or if none is, the last
 * one written.
 *
 * @param traceId the id
 * @param spans at least one, each span id once, sorted by start, then id
 */
public record Trace(TraceId traceId, List<Span> spans) {
  /** Written out, as combined comparators take twice the time for large traces. */
  private static final Comparator<Span> ORDER =
      (a, b) -> {
        int byStart = Long.compare(a.startEpochNanos(), b.startEpochNanos());
        return byStart != 0 ? byStart : a.spanId().compareTo(b.spanId());
      };

  public Trace {
    if (spans.isEmpty()) {
      throw new IllegalArgumentException("spans: none (expected: at least 1)");
    }
    spans = List.copyOf(spans);
  }

  /** Returns the trace that results from spans of one trace in the order in which they were written. */
  public static Trace ofWritten(List<Span> written) {
    Map<SpanId, Span> latest = new LinkedHashMap<>();
    for (Span span : written) {
      latest.merge(
          span.spanId(),
          span,
          (before, after) -> after.inProgress() && !before.inProgress() ? before : after);
    }
    List<Span> spans = new ArrayList<>(latest.values());
    spans.sort(ORDER);
    return new Trace(written.getFirst().traceId(), spans);
  }

  /** Returns the summary of this trace. */
  public TraceSummary summary() {
    return TraceSummary.of(this);
  }
}
