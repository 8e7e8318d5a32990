// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.ResourceScope;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceCursor;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceSummary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One search: the newest traces that match.
 *
 * <p>Live chunks and parts are asked from the newest on, parts in groups that double, and no further than they can hold
 * a newer trace than the last of the page. A row of a part is enough for a trace that is nowhere else and has no
 * replaced spans; any other is put together and looked at as a whole. A trace can start earlier, and last longer, than
 * what one part says of it, but by no more than the part's {@link PartInfo#timeShift}, so times are compared with that
 * much room until the trace is known.
 */
final class Search {
  private static final Comparator<TraceSummary> NEWEST_FIRST =
      Comparator.comparingLong(TraceSummary::startEpochNanos)
          .thenComparing(TraceSummary::traceId)
          .reversed();
  private static final int LEAST_ROWS = 100;
  private static final long DAY_NANOS = 86_400_000_000_000L;

  private final Engine engine;
  private final LakeReader reader;
  private final State state;
  private final TraceQuery query;
  private final @Nullable TraceCursor cursor;
  private final TreeSet<TraceSummary> page = new TreeSet<>(NEWEST_FIRST);
  private final Set<TraceId> seen = new HashSet<>();
  private final long shift;

  Search(Engine engine, LakeReader reader, State state, TraceQuery query) {
    this.engine = engine;
    this.reader = reader;
    this.state = state;
    this.query = query;
    cursor = TraceCursor.of(query);
    long greatest = 0;
    for (Part part : state.parts()) {
      greatest = Math.max(greatest, part.info().timeShift());
    }
    for (LiveChunk chunk : state.chunks()) {
      greatest =
          Math.max(greatest, chunk.calls().timeShift(reader.earlier(state, chunk)));
    }
    shift = greatest;
  }

  TracePage run() {
    searchChunks();
    List<Part> parts = new ArrayList<>();
    for (Part part : state.parts()) {
      if (mayHold(part.info())) {
        parts.add(part);
      }
    }
    parts.sort(Comparator.comparingLong((Part part) -> part.info().maxStart()).reversed());
    int size = 1;
    for (int from = 0; from < parts.size(); size *= 2) {
      if (!mayBeWanted(parts.get(from).info().maxStart())) {
        break;
      }
      List<Part> group = new ArrayList<>();
      while (from < parts.size() && group.size() < size) {
        Part next = parts.get(from++);
        if (mayMatch(next)) {
          group.add(next);
        }
      }
      if (!group.isEmpty()) {
        searchParts(group);
      }
    }
    // One more than the page holds was looked for, to know whether there is a next page.
    boolean more = page.size() > query.limit();
    List<TraceSummary> traces = page.stream().limit(query.limit()).toList();
    return new TracePage(traces, more ? TraceCursor.after(traces.getLast(), query) : null);
  }

  private boolean isFull() {
    return page.size() > query.limit();
  }

  /** Returns whether a trace of which a part or chunk knows this start could still get on the page. */
  private boolean mayBeWanted(long startEpochNanos) {
    return !isFull()
        || LakeReader.after(startEpochNanos, shift) >= page.last().startEpochNanos();
  }

  private void offer(TraceSummary summary) {
    if (cursor == null || cursor.isBefore(summary)) {
      page.add(summary);
      if (page.size() > query.limit() + 1) {
        page.pollLast();
      }
    }
  }

  private void searchChunks() {
    LiveFilter filter = query.span().isAny() ? null : new LiveFilter(query.span());
    List<LiveChunk.Candidate> candidates = new ArrayList<>();
    for (LiveChunk chunk : state.chunks()) {
      candidates.addAll(chunk.matching(filter));
    }
    candidates.sort(Comparator.comparingLong(LiveChunk.Candidate::lastStart).reversed());
    for (LiveChunk.Candidate candidate : candidates) {
      if (!mayBeWanted(candidate.lastStart())) {
        break;
      }
      if (seen.add(candidate.traceId())) {
        reader.findAll(state, List.of(candidate.traceId())).forEach(this::offerIfMatching);
      }
    }
  }

  private void offerIfMatching(Trace trace) {
    if (query.matches(trace)) {
      offer(trace.summary());
    }
  }

  private long rangeStart() {
    return LakeReader.before(query.range().startEpochNanos(), room());
  }

  private long rangeEnd() {
    return LakeReader.after(query.range().endEpochNanos(), room());
  }

  /** Returns how far from the range the times that a part knows of a trace may be. */
  private long room() {
    return query.timeField() == TraceQuery.TimeField.TRACE_ID ? shift + DAY_NANOS : shift;
  }

  private boolean mayHold(PartInfo part) {
    // A segment may end before it starts, so its start says nothing of where its end lies.
    boolean startsEarlyEnough =
        part.minStart() < rangeEnd() || query.timeField() == TraceQuery.TimeField.SEGMENT_END;
    boolean lastsLongEnough =
        switch (query.timeField()) {
          case START, TRACE_ID -> part.maxStart() >= rangeStart();
          case ACTIVE, SEGMENT_END -> part.maxEnd() >= rangeStart();
        };
    boolean beforeCursor = cursor == null || part.minStart() <= cursorEnd(cursor);
    return startsEarlyEnough && lastsLongEnough && beforeCursor;
  }

  /** Returns whether a part may hold a span that matches; only asks for attributes, of which most parts may lack one. */
  private boolean mayMatch(Part part) {
    part.checks().all();
    // There, a trace is looked at as a whole for the sake of a span in another part.
    return query.timeField() == TraceQuery.TimeField.SEGMENT_END
        || query.span().attributes().entrySet().stream()
            .allMatch(each -> part.values().mayMatch(each.getKey(), each.getValue()));
  }

  private long cursorEnd(TraceCursor place) {
    return LakeReader.after(place.startEpochNanos(), shift);
  }

  private void searchParts(List<Part> group) {
    int rows = Math.max(LEAST_ROWS, 2 * query.limit());
    String sql = sql(group, rows);
    List<Object> parameters = conditionOf(group).parameters();
    @Nullable TraceSummary last = null;
    while (true) {
      String after = last == null ? "TRUE" : after(last);
      List<TraceRow> found = engine.query(sql.replace("$after", after), parameters, TraceRow::read);
      Map<TraceId, Trace> whole = new HashMap<>();
      List<TraceId> wanted = new ArrayList<>();
      for (TraceRow row : found) {
        if (mayBeWanted(row.summary().startEpochNanos())
            && !seen.contains(row.summary().traceId())
            && !isEnough(row)) {
          wanted.add(row.summary().traceId());
        }
      }
      reader.findAll(state, wanted).forEach(trace -> whole.put(trace.traceId(), trace));
      for (TraceRow row : found) {
        if (!mayBeWanted(row.summary().startEpochNanos())) {
          return;
        }
        take(row, whole);
      }
      if (found.size() < rows) {
        return;
      }
      last = found.getLast().summary();
    }
  }

  private void take(TraceRow row, Map<TraceId, Trace> whole) {
    TraceId traceId = row.summary().traceId();
    if (!seen.add(traceId)) {
      return;
    }
    Trace trace = whole.get(traceId);
    if (trace != null) {
      offerIfMatching(trace);
    } else if (inRange(row.summary())) {
      offer(row.summary());
    }
  }

  /** Returns whether a row says all that the search needs of its trace. */
  private boolean isEnough(TraceRow row) {
    return query.where().isAny()
        && query.timeField() != TraceQuery.TimeField.SEGMENT_END
        && !(row.replaced() && !query.span().isAny())
        && !LakeReader.isSplit(state, row.summary().traceId());
  }

  private boolean inRange(TraceSummary summary) {
    TimeRange range = query.range();
    return switch (query.timeField()) {
      case START -> range.contains(summary.startEpochNanos());
      case TRACE_ID ->
          range.contains(
              TraceQuery.idEpochNanos(summary.traceId().high(), summary.startEpochNanos()));
      case ACTIVE ->
          summary.startEpochNanos() < range.endEpochNanos()
              && summary.endEpochNanos() >= range.startEpochNanos();
      case SEGMENT_END ->
          throw new IllegalStateException("a row does not say when segments ended");
    };
  }

  private ConditionSql conditionOf(List<Part> group) {
    Set<String> columns = new HashSet<>();
    group.forEach(part -> columns.addAll(part.info().attributeColumns()));
    SpanCondition condition = query.span();
    Map<Long, ResourceScope> scopes =
        LakeReader.needsScopes(condition) ? reader.scopes(group) : Map.of();
    return new ConditionSql(condition, columns, scopes);
  }

  private String sql(List<Part> group, int rows) {
    StringBuilder sql = new StringBuilder("SELECT t.* FROM ");
    sql.append(PartWriter.from(group, PartInfo.TRACES)).append(" t WHERE $after");
    if (cursor != null) {
      sql.append(" AND start_epoch_nanos <= ").append(cursorEnd(cursor));
    }
    sql.append(" AND ((start_epoch_nanos < ").append(rangeEnd());
    sql.append(
        switch (query.timeField()) {
          case START, TRACE_ID -> " AND start_epoch_nanos >= ";
          case ACTIVE, SEGMENT_END -> " AND end_epoch_nanos >= ";
        });
    sql.append(rangeStart());
    if (!query.span().isAny()) {
      sql.append(" AND ").append(exists(group, conditionOf(group).sql()));
    }
    sql.append(")");
    if (query.timeField() == TraceQuery.TimeField.SEGMENT_END) {
      String end = "s.start_epoch_nanos::HUGEINT + duration_nanos";
      String backwards =
          "duration_nanos < 0 AND "
              + end
              + " >= "
              + query.range().startEpochNanos()
              + " AND "
              + end
              + " < "
              + query.range().endEpochNanos();
      sql.append(" OR ").append(exists(group, backwards));
    }
    sql.append(") ORDER BY start_epoch_nanos DESC, ");
    sql.append("trace_id_high < 0 DESC, trace_id_high DESC, trace_id_low < 0 DESC, trace_id_low DESC");
    sql.append(" LIMIT ").append(rows);
    return sql.toString();
  }

  private static String exists(List<Part> group, String condition) {
    return "EXISTS (SELECT 1 FROM "
        + PartWriter.from(group, PartInfo.SPANS)
        + " s WHERE s.trace_id_high = t.trace_id_high AND s.trace_id_low = t.trace_id_low AND "
        + condition
        + ")";
  }

  /** Returns the rows that come behind {@code last}, ids compared as unsigned numbers. */
  private static String after(TraceSummary last) {
    long high = last.traceId().high();
    long low = last.traceId().low();
    return "(start_epoch_nanos < "
        + last.startEpochNanos()
        + " OR (start_epoch_nanos = "
        + last.startEpochNanos()
        + " AND ("
        + unsignedLess("trace_id_high", high)
        + " OR (trace_id_high = "
        + high
        + " AND "
        + unsignedLess("trace_id_low", low)
        + "))))";
  }

  private static String unsignedLess(String column, long value) {
    return value < 0
        ? "(" + column + " >= 0 OR " + column + " < " + value + ")"
        : "(" + column + " >= 0 AND " + column + " < " + value + ")";
  }
}
