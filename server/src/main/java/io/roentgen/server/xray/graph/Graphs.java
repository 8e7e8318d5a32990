// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.graph;

import io.roentgen.filter.Filter;
import io.roentgen.filter.FilterSearch;
import io.roentgen.filter.FilterSearch.Progress;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import io.roentgen.server.xray.protocol.XRayException;
import io.roentgen.store.GraphCounter;
import io.roentgen.store.GraphReader;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceStore;
import java.util.List;

/**
 * Graphs of all traces, which the store has ready, and of those that a filter matches, which are
 * worked out from the traces.
 */
public final class Graphs {
  /** Traces that are looked at for one graph; each is read as a whole. */
  static final int MAX_TRACES = 100_000;

  private final TraceStore store;

  /** Those of what is in {@code store}. */
  public Graphs(TraceStore store) {
    this.store = store;
  }

  /** Returns the calls that ended in a range; see {@link GraphReader#graph}. */
  public ServiceGraph graph(TimeRange range, Filter filter) {
    if (filter.equals(Filter.EVERYTHING)) {
      return store.graph().graph(range);
    }
    return count(GraphCounter.of(range), range, filter).graph();
  }

  /** Returns the calls that ended in a range by periods; see {@link GraphReader#series}. */
  public List<GraphReader.Period> series(TimeRange range, long periodNanos, Filter filter) {
    if (filter.equals(Filter.EVERYTHING)) {
      return store.graph().series(range, periodNanos);
    }
    return count(GraphCounter.byPeriod(range, periodNanos), range, filter).periods();
  }

  private GraphCounter count(GraphCounter counter, TimeRange range, Filter filter) {
    TraceQuery query =
        new TraceQuery(
            range, TraceQuery.TimeField.ACTIVE, SpanCondition.ANY, TraceQuery.MAX_LIMIT, null);
    int lookedAt = 0;
    while (true) {
      Progress progress =
          FilterSearch.run(store.reader(), query, filter, TraceQuery.MAX_LIMIT, counter::add);
      lookedAt += progress.lookedAtCount();
      String next = progress.next();
      if (next == null) {
        return counter;
      }
      if (lookedAt >= MAX_TRACES) {
        throw XRayException.invalid(
            "range: more than "
                + MAX_TRACES
                + " traces to look at for the filter (expected: a shorter range)");
      }
      query = query.from(next);
    }
  }
}
