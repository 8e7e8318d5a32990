// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.insights;

import io.roentgen.filter.Filter;
import io.roentgen.filter.FilterException;
import io.roentgen.filter.FilterSearch;
import io.roentgen.model.NodeId;
import io.roentgen.model.TimeRange;
import io.roentgen.query.insight.Insight;
import io.roentgen.query.insight.Insight.Category;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceReader;
import io.roentgen.store.TraceSummary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds traces that show what insights are about: those in which the root cause failed, or took
 * long, while the insight was active.
 */
public final class InsightExamples {
  /** Examples of each category. */
  static final int PER_CATEGORY = 5;

  /** Traces of the root cause that are looked at for a category. */
  private static final int MAX_CANDIDATES = 1_000;

  private final TraceReader traces;

  /** Those of what is in a store. */
  public InsightExamples(TraceReader traces) {
    this.traces = traces;
  }

  /**
   * Returns {@code known} examples of an insight, and as many more as there may be.
   *
   * @param group what the traces of the insight's group match
   */
  List<InsightExample> complete(List<InsightExample> known, Insight insight, Filter group) {
    List<InsightExample> all = new ArrayList<>();
    Set<String> ids = known.stream().map(InsightExample::traceId).collect(Collectors.toSet());
    for (Category category : insight.categories()) {
      List<InsightExample> some = new ArrayList<>();
      known.stream().filter(each -> each.category() == category).forEach(some::add);
      if (some.size() < PER_CATEGORY) {
        for (InsightExample more : find(insight, category, group)) {
          if (some.size() < PER_CATEGORY && ids.add(more.traceId())) {
            some.add(more);
          }
        }
      }
      all.addAll(some);
    }
    return all;
  }

  private List<InsightExample> find(Insight insight, Category category, Filter group) {
    Filter filter = filterOrNull(insight, category);
    if (filter == null) {
      return List.of();
    }
    TraceQuery query =
        new TraceQuery(
            new TimeRange(insight.startEpochNanos(), insight.updatedEpochNanos()),
            TraceQuery.TimeField.ACTIVE,
            SpanCondition.ANY,
            TraceQuery.MAX_LIMIT,
            null);
    List<TraceSummary> found = new ArrayList<>();
    FilterSearch.run(
        traces, query, filter, MAX_CANDIDATES, trace -> add(found, trace, category, group));
    return found.stream()
        .map(each -> new InsightExample(each.traceId().toHex(), category, each.startEpochNanos()))
        .toList();
  }

  /** Keeps the newest faults, and of what is slow the traces that take longest. */
  private static void add(List<TraceSummary> found, Trace trace, Category category, Filter group) {
    boolean full = found.size() == PER_CATEGORY;
    if (!(full && category == Category.FAULT) && group.matches(trace)) {
      found.add(trace.summary());
      if (category == Category.LATENCY) {
        found.sort(
            Comparator.comparingLong(
                    (TraceSummary each) -> each.endEpochNanos() - each.startEpochNanos())
                .reversed());
        if (full) {
          found.removeLast();
        }
      }
    }
  }

  /** Returns what traces match that show the root cause so; null if no filter can say it. */
  private static @Nullable Filter filterOrNull(Insight insight, Category category) {
    NodeId node = insight.rootCause();
    String type = node.type().isEmpty() ? "" : ", type: " + quote(node.type());
    String service = "service(id(name: " + quote(node.name()) + type + "))";
    Long slowNanos = insight.slowNanos();
    String seen =
        switch (category) {
          case FAULT -> " { fault }";
          // Not known if only callers see that it is slow: then the longest traces are as good.
          case LATENCY -> slowNanos == null ? "" : " { responsetime > " + slowNanos + "ns }";
        };
    try {
      return Filter.parse(service + seen, Filter.Groups.NONE);
    } catch (FilterException tooLong) {
      // A name of thousands of characters, as OpenTelemetry allows.
      return null;
    }
  }

  private static String quote(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
