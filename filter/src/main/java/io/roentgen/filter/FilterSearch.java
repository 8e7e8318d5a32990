// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.model.TraceId;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceCondition;
import io.roentgen.store.TraceCursor;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceReader;
import io.roentgen.store.TraceSummary;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Searches a store by a filter: the store gives candidates, and each is looked at as a whole. */
public final class FilterSearch {
  /** Traces loaded at a time, so that a page of large ones is not in memory as a whole. */
  private static final int LOAD_COUNT = 20;

  private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

  private FilterSearch() {}

  /** Receives the traces that match, in the order of the search. */
  public interface Sink<E extends Exception> {
    /** A trace that matches. */
    void found(Trace trace) throws E;
  }

  /**
   * How far a search got.
   *
   * @param foundCount how many traces were given to the sink
   * @param lookedAtCount how many candidates were looked at, matches among them
   * @param reachedEpochNanos the start of the last candidate, or the start of the query's range if
   *     all were looked at
   * @param next the cursor to go on with, or null if nothing is left; there may be no further match
   */
  public record Progress(
      int foundCount, int lookedAtCount, long reachedEpochNanos, @Nullable String next) {}

  /** Searches as the other method does, without a limit of time. */
  public static <E extends Exception> Progress run(
      TraceReader reader, TraceQuery query, Filter filter, int maxCandidates, Sink<E> sink)
      throws E {
    return run(reader, query, filter, maxCandidates, FOREVER, sink);
  }

  /**
   * Gives to {@code sink} the traces that {@code query} and {@code filter} both match, newest start
   * first, and ends after {@link TraceQuery#limit} of them, or after a page of candidates with
   * which at least {@code maxCandidates} have been looked at, or after the first candidate beyond
   * {@code maxTime}.
   *
   * @param query its cursor is null or the {@link Progress#next} of a search for the same
   * @throws IllegalArgumentException if the query's cursor was not made for an equal query and
   *     filter
   */
  public static <E extends Exception> Progress run(
      TraceReader reader,
      TraceQuery query,
      Filter filter,
      int maxCandidates,
      Duration maxTime,
      Sink<E> sink)
      throws E {
    long startNanos = System.nanoTime();
    Objects.requireNonNull(sink, "sink");
    TraceQuery candidates = query.where(both(query.where(), filter.plan().condition()));
    int found = 0;
    int lookedAt = 0;
    while (true) {
      TracePage page = reader.search(candidates);
      List<TraceSummary> summaries = page.traces();
      for (int at = 0; at < summaries.size(); at += LOAD_COUNT) {
        List<TraceSummary> some =
            summaries.subList(at, Math.min(summaries.size(), at + LOAD_COUNT));
        Map<TraceId, Trace> traces = new HashMap<>();
        for (Trace trace : reader.findAll(some.stream().map(TraceSummary::traceId).toList())) {
          traces.put(trace.traceId(), trace);
        }
        for (TraceSummary summary : some) {
          lookedAt++;
          Trace trace = traces.get(summary.traceId());
          if (trace != null && filter.matches(trace)) {
            sink.found(trace);
            found++;
          }
          boolean last = page.next() == null && summary.equals(summaries.getLast());
          boolean late = System.nanoTime() - startNanos > maxTime.toNanos();
          if ((found == query.limit() || late) && !last) {
            return new Progress(
                found, lookedAt, summary.startEpochNanos(), TraceCursor.after(summary, candidates));
          }
        }
      }
      if (page.next() == null) {
        return new Progress(found, lookedAt, query.range().startEpochNanos(), null);
      }
      if (lookedAt >= maxCandidates || found == query.limit()) {
        return new Progress(found, lookedAt, summaries.getLast().startEpochNanos(), page.next());
      }
      candidates = candidates.from(page.next());
    }
  }

  private static TraceCondition both(TraceCondition first, TraceCondition second) {
    if (first.isAny()) {
      return second;
    }
    return second.isAny() ? first : new TraceCondition.AllOf(List.of(first, second));
  }
}
