// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.graph;

import io.roentgen.filter.Filter;
import io.roentgen.filter.FilterSearch;
import io.roentgen.filter.FilterSearch.Progress;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import io.roentgen.server.intake.Deadline;
import io.roentgen.server.xray.sums.KeptSums;
import io.roentgen.store.GraphCounter;
import io.roentgen.store.GraphReader;
import io.roentgen.store.GraphSums;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceStore;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Graphs of all traces, which the store has ready, of the traces of groups, whose sums are kept,
 * and of those that any other filter matches, which are worked out from the traces.
 */
public final class Graphs {
  private final TraceStore store;
  private final @Nullable KeptSums kept;
  private final BooleanSupplier keptAreOfStore;

  /** Those of what is in {@code store}; {@code kept} are of the same, or null for none. */
  public Graphs(TraceStore store, @Nullable KeptSums kept) {
    this(store, kept, () -> true);
  }

  /**
   * Those of what is in {@code store}.
   *
   * @param kept sums of the same, or null for none
   * @param keptAreOfStore whether they are at the moment
   */
  public Graphs(TraceStore store, @Nullable KeptSums kept, BooleanSupplier keptAreOfStore) {
    this.store = store;
    this.kept = kept;
    this.keptAreOfStore = keptAreOfStore;
  }

  private @Nullable KeptSums sums() {
    return keptAreOfStore.getAsBoolean() ? kept : null;
  }

  /**
   * Returns the calls that ended in a range; see {@link GraphReader#graph}.
   *
   * @throws Deadline.PassedException if that takes too long
   */
  public ServiceGraph graph(TimeRange range, Filter filter, Deadline deadline) {
    if (filter.equals(Filter.EVERYTHING)) {
      return store.graph().graph(range);
    }
    KeptSums sums = sums();
    SortedMap<Long, GraphSums> kept =
        sums == null ? null : sums.sums(range, 1, filter, deadline, true);
    if (kept != null) {
      return kept.getOrDefault(0L, new GraphSums()).build();
    }
    return count(GraphCounter.of(range), range, GraphReader.RESOLUTION_NANOS, filter, deadline)
        .graph();
  }

  /**
   * Returns the calls that ended in a range by periods; see {@link GraphReader#series}.
   *
   * @throws Deadline.PassedException if that takes too long
   */
  public List<GraphReader.Period> series(
      TimeRange range, long periodNanos, Filter filter, Deadline deadline) {
    if (filter.equals(Filter.EVERYTHING)) {
      return store.graph().series(range, periodNanos);
    }
    GraphReader.checkPeriod(periodNanos);
    KeptSums sums = sums();
    SortedMap<Long, GraphSums> kept =
        sums == null
            ? null
            : sums.sums(range, periodNanos / GraphReader.RESOLUTION_NANOS, filter, deadline, false);
    if (kept != null) {
      SortedMap<Long, GraphSums> periods = new TreeMap<>();
      kept.forEach((number, each) -> periods.put(number * periodNanos, each));
      return GraphSums.build(periods);
    }
    return count(GraphCounter.byPeriod(range, periodNanos), range, periodNanos, filter, deadline)
        .periods();
  }

  /** Returns the range rounded outwards, as calls are counted in whole units. */
  private static TimeRange outwards(TimeRange range, long unitNanos) {
    if (range.equals(TimeRange.ALL)) {
      return range;
    }
    long first = Math.floorDiv(range.startEpochNanos(), unitNanos);
    long last = Math.floorDiv(range.endEpochNanos() - 1, unitNanos);
    long farthest = Long.MAX_VALUE / unitNanos;
    return new TimeRange(
        first <= -farthest ? Long.MIN_VALUE : first * unitNanos,
        last + 1 >= farthest ? Long.MAX_VALUE : (last + 1) * unitNanos);
  }

  private GraphCounter count(
      GraphCounter counter, TimeRange range, long unitNanos, Filter filter, Deadline deadline) {
    TraceQuery query =
        new TraceQuery(
            outwards(range, unitNanos),
            TraceQuery.TimeField.ACTIVE,
            SpanCondition.ANY,
            TraceQuery.MAX_LIMIT,
            null);
    while (true) {
      deadline.check();
      Progress progress =
          FilterSearch.run(
              store.reader(), query, filter, TraceQuery.MAX_LIMIT, deadline.left(), counter::add);
      String next = progress.next();
      if (next == null) {
        return counter;
      }
      query = query.from(next);
    }
  }
}
