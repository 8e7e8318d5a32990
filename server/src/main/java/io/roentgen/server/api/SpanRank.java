// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.model.LatencySketch;
import io.roentgen.model.Span;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.server.intake.Deadline;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.Trace;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceReader;
import io.roentgen.store.TraceSummary;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How long a span took beside others of its service, name and kind. */
final class SpanRank {
  /** Traces whose spans are compared, the newest. */
  static final int MAX_TRACES = 1_000;

  /** A trace with more spans would take longer to read than all others together. */
  private static final int MAX_SPANS = 5_000;

  private static final int PAGE = 100;
  private static final Duration MAX_TIME = Duration.ofSeconds(2);

  private final Span span;
  private final TraceId own;
  private final TimeRange range;
  private final LatencySketch durations = new LatencySketch();
  private int traceCount;
  private long spanCount;
  private long shorterCount;
  private long equalCount;
  private boolean limitReached;

  private SpanRank(TraceId own, Span span, TimeRange range) {
    this.own = own;
    this.span = span;
    this.range = range;
  }

  /**
   * Compares a complete span with the others of traces that began in {@code range}; the span itself
   * is not counted.
   *
   * @param own the trace that the span is of
   */
  static SpanRank of(
      TraceReader reader, TraceId own, Span span, TimeRange range, Deadline deadline) {
    SpanRank rank = new SpanRank(own, span, range);
    Deadline bounded = Deadline.in(deadline.left(MAX_TIME), () -> false);
    String service = span.service().isEmpty() ? null : span.service();
    TraceQuery query =
        TraceQuery.of(
            range, new SpanCondition(service, span.name(), null, null, null, Map.of()), PAGE);
    while (true) {
      deadline.checkWanted();
      TracePage page = reader.search(query);
      List<TraceId> ids = new ArrayList<>();
      for (TraceSummary summary : page.traces()) {
        if (summary.spanCount() <= MAX_SPANS) {
          ids.add(summary.traceId());
        } else {
          rank.limitReached = true;
        }
      }
      reader.findAll(ids).forEach(rank::add);
      String next = page.next();
      if (next == null) {
        return rank;
      }
      if (rank.traceCount >= MAX_TRACES || bounded.left().isZero()) {
        rank.limitReached = true;
        return rank;
      }
      query = query.from(next);
    }
  }

  private void add(Trace trace) {
    traceCount++;
    for (Span other : trace.spans()) {
      boolean itself = trace.traceId().equals(own) && other.spanId().equals(span.spanId());
      if (!itself
          && !other.inProgress()
          && other.kind() == span.kind()
          && other.name().equals(span.name())
          && other.service().equals(span.service())) {
        spanCount++;
        durations.add(other.durationNanos());
        if (other.durationNanos() < span.durationNanos()) {
          shorterCount++;
        } else if (other.durationNanos() == span.durationNanos()) {
          equalCount++;
        }
      }
    }
  }

  void write(JsonGenerator json) throws IOException {
    ModelJson model = new ModelJson(json);
    json.writeStartObject();
    json.writeNumberField("spanCount", spanCount);
    json.writeNumberField("shorterCount", shorterCount);
    json.writeNumberField("equalCount", equalCount);
    json.writeNumberField("traceCount", traceCount);
    json.writeBooleanField("limitReached", limitReached);
    model.quantiles("durations", durations);
    ApiRoutes.range(model, range);
    json.writeEndObject();
  }
}
