// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.ResourceScope;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.Comparison;
import io.roentgen.store.LongRange;
import io.roentgen.store.SpanTest;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceCondition;
import io.roentgen.store.TraceCursor;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceSummary;
import io.roentgen.store.ValueTest;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One search: the newest traces that match.
 *
 * <p>Live chunks and parts are asked from the newest on, parts in groups in which the rest of the page should be
 * if matches go on as often as before, and no further than they can hold a newer trace than the last of the page. A row of a part is enough for a trace that is nowhere else and has no
 * replaced spans; any other is put together and looked at as a whole. A trace can start earlier, and last longer, than
 * what one part says of it, but by no more than the part's {@link PartInfo#timeShift}, so times are compared with that
 * much room until the trace is known.
 *
 * <p>What a trace must be like as a whole, {@link TraceQuery#where}, is decided by SQL too, see {@link WhereSql}. A trace
 * of which a row alone cannot tell is found by that of its rows that says so, {@link TraceRow#continued}: it was noted
 * when the row was written, as the spans before were looked up anyway. To compare the indexes of all parts for each
 * search would be exact as well, but takes longer than the search.
 */
final class Search {
  private static final Comparator<TraceSummary> NEWEST_FIRST =
      Comparator.comparingLong(TraceSummary::startEpochNanos)
          .thenComparing(TraceSummary::traceId)
          .reversed();
  /** How many rows more than traces are asked for, in case that some turn out not to match. */
  private static final int SPARE_ROWS = 100;

  /**
   * Among how many traces at least the first question is asked if rows of spans answer it, and so takes little longer for
   * one part more: the newest one is often small and would not fill the page.
   */
  private static final long FIRST_TRACES = 16_000;

  /** How much larger, at the most, a group of parts is than all before, as few matches say little of how many there are. */
  private static final int MAX_GROWTH = 8;

  /** In SQL, what stands for the rows that come behind those that were seen. */
  private static final String AFTER = "$after";

  private static final long DAY_NANOS = 86_400_000_000_000L;

  private final Engine engine;
  private final LakeReader reader;
  private final State state;
  private final TraceQuery query;
  private final @Nullable TraceCursor cursor;
  private final TreeSet<TraceSummary> page = new TreeSet<>(NEWEST_FIRST);
  private final Set<TraceId> seen = new HashSet<>();
  private final long shift;

  /** Whether the condition on whole traces is left to SQL. */
  private final boolean whereInSql;

  /**
   * Whether rows that say that their trace is continued have to be found whatever its spans are like; see {@link
   * WhereSql#findsByFlags}. Where two conditions have to meet, they may do so in two places.
   */
  private final boolean looksForContinued;

  /** Whether rows of traces in progress do not decide; see {@link WhereSql#asksForEnd}. */
  private final boolean asksForEnd;

  /** What some span of each match is like; null if that is not known. */
  private final @Nullable SpanTest necessary;

  /** The parts that may have a span that is like {@link #necessary}, once they were asked for. */
  private @Nullable List<Part> partsWithNecessary;

  Search(Engine engine, LakeReader reader, State state, TraceQuery query) {
    this.engine = engine;
    this.reader = reader;
    this.state = state;
    this.query = query;
    cursor = TraceCursor.of(query);
    TraceCondition where = query.where();
    whereInSql = !where.isAny() && WhereSql.canSay(where);
    asksForEnd = whereInSql && WhereSql.asksForEnd(where);
    looksForContinued =
        whereInSql
            && !(WhereSql.findsByFlags(where)
                && query.span().isAny()
                && query.timeField() != TraceQuery.TimeField.SEGMENT_END);
    necessary = whereInSql ? LiveTest.necessary(where) : null;
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
    long wanted = whereInSql && WhereSql.isOfRows(query.where()) ? FIRST_TRACES : 1;
    long asked = 0;
    for (int from = 0; from < parts.size(); ) {
      if (!mayBeWanted(parts.get(from).info().maxStart())) {
        break;
      }
      List<Part> group = new ArrayList<>();
      List<Part> continued = new ArrayList<>();
      long inGroup = 0;
      while (from < parts.size() && inGroup < wanted) {
        Part next = parts.get(from++);
        next.checks().all();
        if (mayMatch(next)) {
          group.add(next);
          inGroup += next.info().traceCount();
        } else if (looksForContinued
            && next.info().continuedCount() > 0
            && !partsWithNecessary().isEmpty()) {
          continued.add(next);
        }
      }
      if (!group.isEmpty()) {
        searchParts(ask(group));
      }
      if (!continued.isEmpty()) {
        searchParts(askForContinued(continued));
      }
      asked += inGroup;
      wanted = tracesToAsk(asked);
    }
    // One more than the page holds was looked for, to know whether there is a next page.
    boolean more = page.size() > query.limit();
    List<TraceSummary> traces = page.stream().limit(query.limit()).toList();
    return new TracePage(traces, more ? TraceCursor.after(traces.getLast(), query) : null);
  }

  /**
   * Returns among how many traces of further parts the rest of the page should be, after so many were asked, and half as
   * many more: to ask once more takes longer than to ask for more.
   */
  private long tracesToAsk(long asked) {
    long missing = query.limit() + 1L - page.size();
    // Live traces among those found make it too few, which takes one group more.
    long expected = asked * missing / Math.max(1, page.size());
    return Math.max(1, Math.min(expected + expected / 2, asked * MAX_GROWTH));
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
    List<LiveChunk.Candidate> candidates = new ArrayList<>();
    for (LiveChunk chunk : state.chunks()) {
      if (looksForContinued) {
        // Before the spans are looked at, as a trace may get its first span here meanwhile.
        Set<TraceId> continued = chunk.calls().continued(reader.earlier(state, chunk));
        continued.forEach(id -> candidates.add(chunk.candidate(id)));
      }
      candidates.addAll(
          query.span().isAny() && whereInSql
              ? chunk.matching(new LiveWhere(query.where()))
              : chunk.matching(liveFilter()));
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

  /** Returns what accepts some span of each match, if a chunk has all of its spans. */
  private @Nullable Function<SpanBatch, Predicate<SpanBatch.Cursor>> liveFilter() {
    if (!query.span().isAny()) {
      LiveFilter filter = new LiveFilter(query.span());
      return batch -> filter.forBatch(batch)::matches;
    }
    return null;
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

  /** Returns whether a part may hold a span that matches; only asks for what most parts may lack. */
  private boolean mayMatch(Part part) {
    // There, a trace is looked at as a whole for the sake of a span in another part.
    if (query.timeField() == TraceQuery.TimeField.SEGMENT_END) {
      return true;
    }
    String service = query.span().service();
    return (service == null || mayHold(part.values(), Column.SERVICE, service))
        && query.span().attributes().entrySet().stream()
            .allMatch(each -> part.values().mayMatch(each.getKey(), each.getValue()))
        && (!whereInSql || mayMatch(part.values(), query.where()));
  }

  /** Returns whether a part with these values may hold a whole trace that is like {@code condition}. */
  private static boolean mayMatch(ValueIndex values, TraceCondition condition) {
    return switch (condition) {
      case TraceCondition.AllOf(List<TraceCondition> all) ->
          all.stream().allMatch(each -> mayMatch(values, each));
      case TraceCondition.AnyOf(List<TraceCondition> any) ->
          any.stream().anyMatch(each -> mayMatch(values, each));
      case TraceCondition.SomeSpan(SpanTest test) -> mayMatch(values, test);
      case TraceCondition.SomeChild(SpanTest child, SpanTest parent) ->
          mayMatch(values, child) && mayMatch(values, parent);
      case TraceCondition.Not _, TraceCondition.Lasts _ -> true;
    };
  }

  /**
   * Returns a condition that is as true of a trace whose spans are all in these parts, without looking for what none of them
   * has.
   */
  private static TraceCondition possible(TraceCondition condition, List<Part> parts) {
    return switch (condition) {
      case TraceCondition.AllOf(List<TraceCondition> all) -> {
        List<TraceCondition> left = new ArrayList<>();
        for (TraceCondition each : all) {
          TraceCondition possible = possible(each, parts);
          if (possible.equals(TraceCondition.none())) {
            yield possible;
          }
          if (!possible.isAny()) {
            left.add(possible);
          }
        }
        yield new TraceCondition.AllOf(left);
      }
      case TraceCondition.AnyOf(List<TraceCondition> any) -> {
        List<TraceCondition> left = new ArrayList<>();
        for (TraceCondition each : any) {
          TraceCondition possible = possible(each, parts);
          if (possible.isAny()) {
            yield possible;
          }
          if (!possible.equals(TraceCondition.none())) {
            left.add(possible);
          }
        }
        yield new TraceCondition.AnyOf(left);
      }
      case TraceCondition.Not(TraceCondition inner) -> {
        TraceCondition possible = possible(inner, parts);
        yield possible.equals(TraceCondition.none())
            ? TraceCondition.any()
            : new TraceCondition.Not(possible);
      }
      case TraceCondition.SomeSpan(SpanTest test) ->
          mayMatch(parts, test) ? condition : TraceCondition.none();
      case TraceCondition.SomeChild(SpanTest child, SpanTest parent) ->
          mayMatch(parts, child) && mayMatch(parts, parent) ? condition : TraceCondition.none();
      case TraceCondition.Lasts _ -> condition;
    };
  }

  private static boolean mayMatch(List<Part> parts, SpanTest test) {
    return parts.stream().anyMatch(part -> mayMatch(part.values(), test));
  }

  private static boolean mayMatch(ValueIndex values, SpanTest test) {
    return switch (test) {
      case SpanTest.AllOf(List<SpanTest> all) ->
          all.stream().allMatch(each -> mayMatch(values, each));
      case SpanTest.AnyOf(List<SpanTest> any) ->
          any.stream().anyMatch(each -> mayMatch(values, each));
      case SpanTest.Attribute(String key, SpanTest.Place _, ValueTest value) ->
          switch (value) {
            case ValueTest.Text(ValueTest.TextOperator operator, String wanted)
                when operator == ValueTest.TextOperator.EQUAL ->
                values.mayHold(key, List.of(Value.of(wanted)));
            case ValueTest.Flag(boolean wanted) -> values.mayHold(key, List.of(Value.of(wanted)));
            case ValueTest.Numeric(Comparison comparison, BigDecimal wanted)
                when comparison == Comparison.EQUAL ->
                values.mayHold(key, numbers(wanted));
            case ValueTest.Text _, ValueTest.Numeric _, ValueTest.Present _ -> values.mayHold(key);
          };
      case SpanTest.Field(SpanTest.TextField field, ValueTest.Text text) ->
          text.operator() != ValueTest.TextOperator.EQUAL
              || mayHold(values, SpanTestSql.column(field), text.wanted());
      case SpanTest.Not _, SpanTest.Lasts _, SpanTest.Went _, SpanTest.Is _ -> true;
    };
  }

  private static boolean mayHold(ValueIndex values, Column column, String text) {
    return !ValueIndex.hasColumn(column) || values.mayHold(column, text);
  }

  private static List<Value> numbers(BigDecimal wanted) {
    List<Value> numbers = new ArrayList<>(List.of(Value.of(wanted.doubleValue())));
    // At most one range of one number.
    LongRange.of(Comparison.EQUAL, wanted).forEach(range -> numbers.add(Value.of(range.min())));
    return numbers;
  }

  private long cursorEnd(TraceCursor place) {
    return LakeReader.after(place.startEpochNanos(), shift);
  }

  private void searchParts(Asked asked) {
    int rows = rows();
    @Nullable TraceSummary last = null;
    while (true) {
      String after = last == null ? "TRUE" : after(last);
      List<TraceRow> found =
          engine.query(asked.sql.replace(AFTER, after), asked.parameters, TraceRow::read);
      boolean toTheEnd = take(found);
      if (!toTheEnd || found.size() < rows) {
        return;
      }
      last = found.getLast().summary();
    }
  }

  /**
   * Takes rows, newest first: those first that are enough, as with them the page may be too full for most of the others,
   * which take longer.
   *
   * @return whether all of them may be wanted, so that there may be more
   */
  private boolean take(List<TraceRow> rows) {
    List<TraceRow> others = new ArrayList<>();
    for (TraceRow row : rows) {
      TraceSummary summary = row.summary();
      if (!mayBeWanted(summary.startEpochNanos())) {
        break;
      }
      if (seen.contains(summary.traceId())) {
        continue;
      }
      if (!isEnough(row)) {
        if (!row.continued() || mayHaveNecessary(summary.traceId())) {
          others.add(row);
        }
      } else if (seen.add(summary.traceId()) && inRange(summary)) {
        offer(summary);
      }
    }
    List<TraceId> wanted = new ArrayList<>();
    for (TraceRow row : others) {
      if (mayBeWanted(row.summary().startEpochNanos()) && seen.add(row.summary().traceId())) {
        wanted.add(row.summary().traceId());
      }
    }
    reader.findAll(state, wanted).forEach(this::offerIfMatching);
    return !rows.isEmpty() && mayBeWanted(rows.getLast().summary().startEpochNanos());
  }

  /** Returns the parts that may have a span that every match has; all of them if no such span is known. */
  private List<Part> partsWithNecessary() {
    List<Part> known = partsWithNecessary;
    if (known == null) {
      known =
          state.parts().stream()
              .filter(part -> necessary == null || mayMatch(part.values(), necessary))
              .toList();
      partsWithNecessary = known;
    }
    return known;
  }

  /** Returns whether some place that has spans of a trace may have one that every match has. */
  private boolean mayHaveNecessary(TraceId id) {
    return necessary == null
        || state.chunks().stream().anyMatch(chunk -> chunk.contains(id.high(), id.low()))
        || partsWithNecessary().stream()
            .anyMatch(part -> part.index().contains(id.high(), id.low()));
  }

  /** Returns whether a row says all that the search needs of its trace. */
  private boolean isEnough(TraceRow row) {
    boolean anySpan = query.span().isAny() && query.where().isAny();
    return (query.where().isAny() || whereInSql)
        && query.timeField() != TraceQuery.TimeField.SEGMENT_END
        && !(row.replaced() && !anySpan)
        // Such a row was found whatever its spans are like.
        && !(row.continued() && looksForContinued)
        && !(row.summary().inProgress() && asksForEnd)
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

  private int rows() {
    return query.limit() + SPARE_ROWS;
  }

  /**
   * A question to the engine.
   *
   * @param sql with {@link #AFTER} in place of where to go on
   */
  private record Asked(String sql, List<Object> parameters) {}

  /** Asks for the traces that may match, by what their spans in these parts are like. */
  private Asked ask(List<Part> group) {
    Set<String> columns = new HashSet<>();
    group.forEach(part -> columns.addAll(part.info().attributeColumns()));
    boolean needsScopes =
        LakeReader.needsScopes(query.span())
            || (whereInSql && WhereSql.needsScopes(query.where()));
    Map<Long, ResourceScope> scopes = needsScopes ? reader.scopes(group) : Map.of();
    String join = "";
    String where = "TRUE";
    List<Object> parameters = new ArrayList<>();
    if (whereInSql) {
      WhereSql sql = new WhereSql(possible(query.where(), group), columns, scopes);
      join =
          sql.join(
              PartWriter.from(group, PartInfo.SPANS),
              PartWriter.from(group, PartInfo.TRACES),
              !looksForContinued);
      where = sql.condition();
      parameters.addAll(sql.parameters());
    }
    String span = "TRUE";
    if (!query.span().isAny()) {
      ConditionSql sql = new ConditionSql(query.span(), columns, scopes);
      span = exists(group, sql.sql());
      parameters.addAll(sql.parameters());
    }
    String condition = "(" + inTime() + " AND " + span + " AND " + where + ")";
    if (query.timeField() == TraceQuery.TimeField.SEGMENT_END) {
      condition = "(" + condition + " OR (" + exists(group, endsBackwards()) + " AND " + where + "))";
    }
    if (looksForContinued) {
      condition = "(" + continued() + " OR " + condition + ")";
    }
    return new Asked(select(group, join, condition), parameters);
  }

  /** Asks for the traces that may match by what other parts or chunks hold of them. */
  private Asked askForContinued(List<Part> group) {
    return new Asked(select(group, "", continued()), List.of());
  }

  private String select(List<Part> group, String join, String condition) {
    StringBuilder sql = new StringBuilder("SELECT t.* FROM ");
    sql.append(PartWriter.from(group, PartInfo.TRACES)).append(" t").append(join);
    sql.append(" WHERE ").append(AFTER);
    if (cursor != null) {
      sql.append(" AND start_epoch_nanos <= ").append(cursorEnd(cursor));
    }
    sql.append(" AND ").append(condition);
    sql.append(" ORDER BY start_epoch_nanos DESC, ");
    sql.append("trace_id_high < 0 DESC, trace_id_high DESC, trace_id_low < 0 DESC, trace_id_low DESC");
    return sql.append(" LIMIT ").append(rows()).toString();
  }

  /** Returns what is true of the rows of traces that may be in the range, backward segments aside. */
  private String inTime() {
    String end =
        switch (query.timeField()) {
          case START, TRACE_ID -> "start_epoch_nanos";
          case ACTIVE, SEGMENT_END -> "end_epoch_nanos";
        };
    return "start_epoch_nanos < " + rangeEnd() + " AND " + end + " >= " + rangeStart();
  }

  /** Returns what is true of spans that start after their end, which is in the range. */
  private String endsBackwards() {
    String end = "s.start_epoch_nanos::HUGEINT + duration_nanos";
    return "duration_nanos < 0 AND "
        + end
        + " >= "
        + query.range().startEpochNanos()
        + " AND "
        + end
        + " < "
        + query.range().endEpochNanos();
  }

  /** Returns what is true of the rows that stand for traces of which other places may have spans. */
  private String continued() {
    // A segment that ends before it starts may be in the other place, far from the times that this row knows.
    return query.timeField() == TraceQuery.TimeField.SEGMENT_END
        ? "t.continued <> 0"
        : "(t.continued <> 0 AND " + inTime() + ")";
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
