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
  /**
   * Spans loaded at a time, if not in one trace, so that large traces are not in memory together.
   */
  private static final int LOAD_SPANS = 10_000;

  /**
   * How many candidates are asked for at a time, for each match wanted, if not all candidates
   * match.
   */
  private static final int CANDIDATES_PER_MATCH = 2;

  /** One candidate more for so many matches wanted is asked for, if nearly all candidates match. */
  private static final int SPARE_SHARE = 8;

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
    TraceQuery candidates = candidates(query, filter);
    int found = 0;
    int lookedAt = 0;
    while (true) {
      TracePage page = reader.search(candidates);
      List<TraceSummary> summaries = page.traces();
      int at = 0;
      while (at < summaries.size()) {
        // As many as it takes, if further ones match as often as those before.
        long expected = (query.limit() - found) * (lookedAt + 1L) / (found + 1L);
        List<TraceSummary> some = slice(summaries, at, expected);
        at += some.size();
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

  /** Returns what is asked of the store; the same each time, as cursors belong to one query. */
  private static TraceQuery candidates(TraceQuery query, Filter filter) {
    FilterPlan plan = filter.plan();
    int limit = query.limit();
    if (!plan.exact()) {
      limit += plan.nearlyExact() ? limit / SPARE_SHARE : limit * (CANDIDATES_PER_MATCH - 1);
    }
    return new TraceQuery(
        query.range(),
        query.timeField(),
        query.span(),
        both(query.where(), plan.condition()),
        Math.min(TraceQuery.MAX_LIMIT, limit),
        query.cursor());
  }

  /** Returns at least one trace and at most {@code count} from {@code from} on. */
  private static List<TraceSummary> slice(List<TraceSummary> summaries, int from, long count) {
    int to = from;
    long spans = 0;
    while (to < summaries.size() && (to == from || to - from < count)) {
      spans += summaries.get(to).spanCount();
      if (to > from && spans > LOAD_SPANS) {
        break;
      }
      to++;
    }
    return summaries.subList(from, to);
  }

  private static TraceCondition both(TraceCondition first, TraceCondition second) {
    if (first.isAny()) {
      return second;
    }
    return second.isAny() ? first : new TraceCondition.AllOf(List.of(first, second));
  }
}
