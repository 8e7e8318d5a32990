// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.TimeRange;
import org.jspecify.annotations.Nullable;

/**
 * A search for traces: those that {@code timeField} puts into {@code range}, that have a span that is like
 * {@code span}, and that are like {@code where} as a whole.
 *
 * @param range when
 * @param timeField which time of a trace must lie in the range
 * @param span what one of its spans must be like
 * @param where what the trace must be like beside that
 * @param limit how many traces at the most, 1 to {@value #MAX_LIMIT}
 * @param cursor {@link TracePage#next} of the page before, or null for the first page
 */
public record TraceQuery(
    TimeRange range,
    TimeField timeField,
    SpanCondition span,
    TraceCondition where,
    int limit,
    @Nullable String cursor) {
  public static final int MAX_LIMIT = 1_000;

  public TraceQuery {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit: " + limit + " (expected: 1 to " + MAX_LIMIT + ")");
    }
  }

  /** Makes a search that asks nothing of the trace as a whole. */
  public TraceQuery(
      TimeRange range, TimeField timeField, SpanCondition span, int limit, @Nullable String cursor) {
    this(range, timeField, span, TraceCondition.any(), limit, cursor);
  }

  /** Which time of a trace must lie in the range. */
  public enum TimeField {
    /** The earliest start of its spans. */
    START,
    /**
     * The time that its id spells, as X-Ray makes ids; the earliest start where the two are over a day apart, so
     * that random ids are found as well.
     */
    TRACE_ID,
    /** Any time from its earliest start to its end: the trace was active in the range. */
    ACTIVE,
    /** The end of one of its complete segments. */
    SEGMENT_END
  }

  /** Returns the first page of this search. */
  public static TraceQuery of(TimeRange range, SpanCondition span, int limit) {
    return new TraceQuery(range, TimeField.START, span, limit, null);
  }

  /** Returns the same search for the page that {@code next} stands for. */
  public TraceQuery from(@Nullable String next) {
    return new TraceQuery(range, timeField, span, where, limit, next);
  }

  /** Returns the same search among the traces that are like {@code condition} as a whole. */
  public TraceQuery where(TraceCondition condition) {
    return new TraceQuery(range, timeField, span, condition, limit, cursor);
  }

  /** Returns whether a trace belongs to the result, cursor and limit aside. */
  public boolean matches(Trace trace) {
    TraceSummary summary = trace.summary();
    return inRange(trace, summary)
        && trace.spans().stream().anyMatch(span::matches)
        && where.matches(trace, summary);
  }

  private boolean inRange(Trace trace, TraceSummary summary) {
    return switch (timeField) {
      case START -> range.contains(summary.startEpochNanos());
      case TRACE_ID ->
          range.contains(idEpochNanos(trace.traceId().high(), summary.startEpochNanos()));
      case ACTIVE ->
          summary.startEpochNanos() < range.endEpochNanos()
              && summary.endEpochNanos() >= range.startEpochNanos();
      case SEGMENT_END ->
          trace.spans().stream()
              .anyMatch(
                  each ->
                      each.segment()
                          && !each.inProgress()
                          && range.contains(each.endEpochNanos()));
    };
  }

  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final long DAY_NANOS = 86_400 * NANOS_PER_SECOND;

  /** Returns the time that a trace id spells, or the trace's start where the two are over a day apart. */
  public static long idEpochNanos(long traceIdHigh, long startEpochNanos) {
    long spelled = (traceIdHigh >>> 32) * NANOS_PER_SECOND;
    return Math.abs(spelled - startEpochNanos) <= DAY_NANOS ? spelled : startEpochNanos;
  }
}
