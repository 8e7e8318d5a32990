// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.TraceId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Spans of some traces in outline. Of those that are equal in id and times only the one that was written last is held:
 * no other can count, nor change how far times are apart. So a request that its sender repeats does not grow this.
 */
final class OutlineSet {
  private final Map<TraceId, Map<Version, SpanOutline>> traces = new HashMap<>();
  private final Texts texts = new Texts();

  private record Version(long spanId, long start, long end, boolean inProgress) {}

  /** Adds a span, in any order. */
  void add(WrittenSpan written) {
    SpanOutline span = SpanOutline.of(written, texts);
    traces
        .computeIfAbsent(written.span().traceId(), _ -> new HashMap<>())
        .merge(
            new Version(
                span.spanId(), span.startEpochNanos(), span.endEpochNanos(), span.inProgress()),
            span,
            (one, other) -> one.sequence() > other.sequence() ? one : other);
  }

  /** Returns the spans of each trace that has any, in no order. */
  Map<TraceId, List<SpanOutline>> byTrace() {
    Map<TraceId, List<SpanOutline>> lists = HashMap.newHashMap(traces.size());
    traces.forEach((traceId, spans) -> lists.put(traceId, List.copyOf(spans.values())));
    return lists;
  }
}
