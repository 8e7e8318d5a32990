// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.SpanBatch;
import io.roentgen.store.LongRange;
import io.roentgen.store.SpanTest;
import io.roentgen.store.TraceCondition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A {@link TraceCondition} over the bytes of a chunk's batches, in one pass and without an object per span or trace. It
 * is a first sieve: of the traces that have all their spans in the chunk it accepts every one that the condition accepts.
 * Spans that others replaced count too, and what stands below NOT is left open.
 */
final class LiveWhere {
  /** As many tests as a number has bits; those beyond are taken for true. */
  private static final int MAX_TESTS = Long.SIZE;

  private final TraceCondition where;
  private final List<SpanTest> tests;
  private final List<TraceCondition.SomeChild> pairs;
  private final LiveTest spanTests;
  private boolean asksForLength;

  LiveWhere(TraceCondition where) {
    this.where = where;
    Set<SpanTest> all = new LinkedHashSet<>();
    Set<TraceCondition.SomeChild> allPairs = new LinkedHashSet<>();
    collect(where, all, allPairs);
    tests = all.stream().limit(MAX_TESTS).toList();
    pairs =
        allPairs.stream()
            .filter(pair -> tests.contains(pair.child()) && tests.contains(pair.parent()))
            .limit(MAX_TESTS)
            .toList();
    spanTests = new LiveTest(tests);
  }

  private void collect(
      TraceCondition condition, Set<SpanTest> all, Set<TraceCondition.SomeChild> allPairs) {
    switch (condition) {
      case TraceCondition.AllOf(List<TraceCondition> inner) ->
          inner.forEach(each -> collect(each, all, allPairs));
      case TraceCondition.AnyOf(List<TraceCondition> inner) ->
          inner.forEach(each -> collect(each, all, allPairs));
      case TraceCondition.Not _ -> {}
      case TraceCondition.SomeSpan(SpanTest test) -> all.add(test);
      case TraceCondition.SomeChild pair -> {
        all.add(pair.child());
        all.add(pair.parent());
        allPairs.add(pair);
      }
      case TraceCondition.Lasts _ -> asksForLength = true;
    }
  }

  /**
   * Returns the numbers of the traces that may match.
   *
   * @param traceOfRow the number of each span's trace, in the order of the batches; spans beyond its end are left out
   */
  BitSet matching(List<SpanBatch> batches, int[] traceOfRow, int traceCount) {
    Seen seen = new Seen(traceOfRow, traceCount);
    int row = 0;
    for (SpanBatch batch : batches) {
      LiveTest.Matcher matcher = spanTests.forBatch(batch);
      SpanBatch.Cursor cursor = batch.cursor();
      while (cursor.next() && row < traceOfRow.length) {
        seen.add(row++, cursor, matcher);
      }
    }
    if (!pairs.isEmpty()) {
      seen.findPairs();
    }
    BitSet found = new BitSet(traceCount);
    Check check = seen.check(where);
    for (int trace = 0; trace < traceCount; trace++) {
      if (check.mayMatch(trace)) {
        found.set(trace);
      }
    }
    return found;
  }

  /** Says of a trace, by its number, whether it may match. */
  private interface Check {
    boolean mayMatch(int trace);
  }

  /** What was seen of the traces of a chunk. */
  private final class Seen {
    private final int[] traceOfRow;

    /** By trace, a bit for each test that a span was like. */
    private final long[] ofTrace;

    /** By trace, a bit for each pair of which both spans were seen. */
    private final long[] pairsOfTrace;

    private final long[] starts;
    private final long[] ends;
    private final int[] lastRows;

    private final int[] previousRows;
    private final long[] spanIds;
    private final long[] parentIds;
    private final long[] ofRow;

    private Seen(int[] traceOfRow, int traceCount) {
      this.traceOfRow = traceOfRow;
      ofTrace = new long[traceCount];
      boolean hasPairs = !pairs.isEmpty();
      int rows = traceOfRow.length;
      pairsOfTrace = new long[hasPairs ? traceCount : 0];
      parentIds = new long[hasPairs ? rows : 0];
      ofRow = new long[hasPairs ? rows : 0];
      starts = new long[asksForLength ? traceCount : 0];
      ends = new long[asksForLength ? traceCount : 0];
      lastRows = new int[asksForLength ? traceCount : 0];
      previousRows = new int[asksForLength ? rows : 0];
      spanIds = new long[hasPairs || asksForLength ? rows : 0];
      Arrays.fill(starts, Long.MAX_VALUE);
      Arrays.fill(ends, Long.MIN_VALUE);
      Arrays.fill(lastRows, -1);
    }

    private void add(int row, SpanBatch.Cursor cursor, LiveTest.Matcher matcher) {
      int trace = traceOfRow[row];
      if (asksForLength) {
        long start = cursor.startEpochNanos();
        long latest = cursor.inProgress() ? start : Math.max(start, cursor.endEpochNanos());
        starts[trace] = Math.min(starts[trace], start);
        ends[trace] = Math.max(ends[trace], latest);
        previousRows[row] = lastRows[trace];
        lastRows[trace] = row;
      }
      if (spanIds.length > 0) {
        spanIds[row] = cursor.spanId();
      }
      if (parentIds.length > 0) {
        parentIds[row] = cursor.parentSpanId();
      }
      long flags = tests.isEmpty() ? 0 : matcher.flags(cursor);
      ofTrace[trace] |= flags;
      if (ofRow.length > 0) {
        ofRow[row] = flags;
      }
    }

    private void findPairs() {
      for (int i = 0; i < pairs.size(); i++) {
        long child = flag(pairs.get(i).child());
        long parent = flag(pairs.get(i).parent());
        // Two ids of one sum only make a candidate of a trace without need.
        Set<Long> parents = new HashSet<>();
        for (int row = 0; row < ofRow.length; row++) {
          if ((ofRow[row] & parent) != 0 && (ofTrace[traceOfRow[row]] & child) != 0) {
            parents.add(sum(traceOfRow[row], spanIds[row]));
          }
        }
        for (int row = 0; row < ofRow.length && !parents.isEmpty(); row++) {
          if ((ofRow[row] & child) != 0
              && parentIds[row] != 0
              && parents.contains(sum(traceOfRow[row], parentIds[row]))) {
            pairsOfTrace[traceOfRow[row]] |= 1L << i;
          }
        }
      }
    }

    private static long sum(int trace, long spanId) {
      return spanId * 31 + trace;
    }

    /** Returns the bit of a test, or 0 if it has none. */
    private long flag(SpanTest test) {
      int at = tests.indexOf(test);
      return at < 0 ? 0 : 1L << at;
    }

    private Check check(TraceCondition condition) {
      return switch (condition) {
        case TraceCondition.AllOf(List<TraceCondition> all) -> {
          List<Check> checks = all.stream().map(this::check).toList();
          yield trace -> {
            for (Check each : checks) {
              if (!each.mayMatch(trace)) {
                return false;
              }
            }
            return true;
          };
        }
        case TraceCondition.AnyOf(List<TraceCondition> any) -> {
          List<Check> checks = any.stream().map(this::check).toList();
          yield trace -> {
            for (Check each : checks) {
              if (each.mayMatch(trace)) {
                return true;
              }
            }
            return false;
          };
        }
        case TraceCondition.Not _ -> _ -> true;
        case TraceCondition.SomeSpan(SpanTest test) -> {
          long flag = flag(test);
          yield trace -> flag == 0 || (ofTrace[trace] & flag) != 0;
        }
        case TraceCondition.SomeChild pair -> {
          int at = pairs.indexOf(pair);
          yield trace -> at < 0 || (pairsOfTrace[trace] & 1L << at) != 0;
        }
        case TraceCondition.Lasts(List<LongRange> durations) ->
            trace -> isIn(durations, ends[trace] - starts[trace]) || hasRepeatedSpan(trace);
      };
    }

    private static boolean isIn(List<LongRange> ranges, long number) {
      for (LongRange range : ranges) {
        if (range.contains(number)) {
          return true;
        }
      }
      return false;
    }

    /** Returns whether times of spans that others replaced may be among those of the trace. */
    private boolean hasRepeatedSpan(int trace) {
      Set<Long> ids = new HashSet<>();
      for (int row = lastRows[trace]; row >= 0; row = previousRows[row]) {
        if (!ids.add(spanIds[row])) {
          return true;
        }
      }
      return false;
    }
  }
}
