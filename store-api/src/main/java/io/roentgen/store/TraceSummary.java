// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One row of a search result.
 *
 * @param traceId the id
 * @param startEpochNanos the earliest start of a span
 * @param endEpochNanos the latest end of a complete span, or the latest start where that is later
 * @param root the span that stands for the request: the first in the trace's order without a parent, or if all
 *     have one, the first whose parent is not there, or else the first
 * @param spanCount how many spans there are, each id once
 * @param outcome error, fault and throttle if any span has them
 * @param inProgress whether any span is in progress
 * @param services names of services that took part, sorted; spans without a service left out
 */
public record TraceSummary(
    TraceId traceId,
    long startEpochNanos,
    long endEpochNanos,
    Root root,
    int spanCount,
    Outcome outcome,
    boolean inProgress,
    List<String> services) {
  public TraceSummary {
    services = List.copyOf(services);
  }

  /**
   * The span that stands for the request.
   *
   * @param spanId its id
   * @param service its service, or empty
   * @param name its operation
   * @param durationNanos its duration; 0 while in progress
   * @param outcome how the request went
   */
  public record Root(
      SpanId spanId, String service, String name, long durationNanos, Outcome outcome) {}

  /** Returns the summary of a trace. */
  public static TraceSummary of(Trace trace) {
    Set<SpanId> ids = new HashSet<>();
    for (Span span : trace.spans()) {
      ids.add(span.spanId());
    }
    long end = Long.MIN_VALUE;
    int outcome = 0;
    boolean inProgress = false;
    SortedSet<String> services = new TreeSet<>();
    @Nullable Span root = null;
    @Nullable Span orphan = null;
    for (Span span : trace.spans()) {
      end = Math.max(end, span.startEpochNanos());
      if (span.inProgress()) {
        inProgress = true;
      } else {
        end = Math.max(end, span.endEpochNanos());
      }
      outcome |= span.outcome().bits();
      if (!span.service().isEmpty()) {
        services.add(span.service());
      }
      SpanId parent = span.parentSpanId();
      if (parent == null) {
        root = root == null ? span : root;
      } else if (!ids.contains(parent)) {
        orphan = orphan == null ? span : orphan;
      }
    }
    Span first = trace.spans().getFirst();
    Span shown = root != null ? root : orphan != null ? orphan : first;
    return new TraceSummary(
        trace.traceId(),
        first.startEpochNanos(),
        end,
        new Root(
            shown.spanId(),
            shown.service(),
            shown.name(),
            shown.durationNanos(),
            shown.outcome()),
        trace.spans().size(),
        Outcome.ofBits(outcome),
        inProgress,
        List.copyOf(services));
  }
}
