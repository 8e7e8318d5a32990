// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.CallSpan;
import io.roentgen.store.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The calls that a live chunk adds to those of all that was written before it. Brought up to date when asked: only traces
 * with new spans are looked at, what they were counted as is taken away and what they are now is added.
 */
final class ChunkCalls {
  private static final int TRACES_PER_LOOK = 1_000;

  private final LiveChunk chunk;

  @GuardedBy("this")
  private final Graph graph = new Graph();

  /** Spans written before this chunk, of the traces that have any, in outline. */
  @GuardedBy("this")
  private final Map<TraceId, List<WrittenSpan>> earlier = new HashMap<>();

  /** How many rows of a trace, by its number in the chunk, are in the graph. */
  @GuardedBy("this")
  private int[] counted = new int[1024];

  @GuardedBy("this")
  private int rowsSeen;

  @GuardedBy("this")
  private long timeShift;

  ChunkCalls(LiveChunk chunk) {
    this.chunk = chunk;
  }

  /** Finds, in outline, what was written before a chunk of these traces; traces without any are left out. */
  interface Earlier {
    Map<TraceId, List<WrittenSpan>> find(List<TraceId> traces);
  }

  private record Rows(TraceId traceId, int trace, List<WrittenSpan> spans) {}

  /** Adds the calls in a range to {@code sum}. */
  synchronized void addTo(Graph sum, TimeRange range, Earlier source) {
    update(source);
    sum.addAll(graph, range);
  }

  /** Returns all sums. */
  synchronized List<Graph.Row> rows(Earlier source) {
    update(source);
    return graph.rows();
  }

  /**
   * Returns how far, at the most, start and end of a trace that was written before as well are from those of any of its
   * spans; 0 if there is no such trace.
   */
  synchronized long timeShift(Earlier source) {
    update(source);
    return timeShift;
  }

  @GuardedBy("this")
  private void update(Earlier source) {
    List<Integer> changed = changedTraces();
    for (int from = 0; from < changed.size(); from += TRACES_PER_LOOK) {
      List<Integer> some =
          changed.subList(from, Math.min(changed.size(), from + TRACES_PER_LOOK));
      List<Rows> traces = read(some);
      List<TraceId> fresh = new ArrayList<>();
      for (Rows each : traces) {
        if (counted[each.trace] == 0) {
          fresh.add(each.traceId);
        }
      }
      earlier.putAll(source.find(fresh));
      for (Rows each : traces) {
        count(each);
      }
    }
  }

  @GuardedBy("this")
  private void count(Rows each) {
    List<WrittenSpan> before = earlier.getOrDefault(each.traceId, List.of());
    List<WrittenSpan> all = new ArrayList<>(before);
    List<WrittenSpan> old = new ArrayList<>(before);
    all.addAll(each.spans);
    old.addAll(each.spans.subList(0, counted[each.trace]));
    if (!old.isEmpty()) {
      graph.count(calls(old), -1);
    }
    graph.count(calls(all), 1);
    counted[each.trace] = each.spans.size();
    if (!before.isEmpty()) {
      timeShift = Math.max(timeShift, timeShift(all));
    }
  }

  /** Returns how far, at the most, start and end of a trace are from those of any of its spans. */
  static long timeShift(List<WrittenSpan> trace) {
    var summary = Trace.ofWritten(WrittenSpan.inOrder(trace)).summary();
    long greatest = 0;
    for (WrittenSpan written : trace) {
      long start = written.span().startEpochNanos();
      long end = Math.max(start, written.span().endEpochNanos());
      greatest = Math.max(greatest, Math.abs(start - summary.startEpochNanos()));
      greatest = Math.max(greatest, Math.abs(end - summary.endEpochNanos()));
    }
    return greatest;
  }

  private static List<CallSpan> calls(List<WrittenSpan> written) {
    return Trace.ofWritten(WrittenSpan.inOrder(written)).spans().stream()
        .map(CallSpan::of)
        .toList();
  }

  @GuardedBy("this")
  private List<Integer> changedTraces() {
    int from = rowsSeen;
    Set<Integer> changed = new LinkedHashSet<>();
    rowsSeen =
        chunk.read(
            (batches, index) -> {
              for (int row = from; row < index.rowCount(); row++) {
                changed.add(index.traceOf(row));
              }
              return index.rowCount();
            });
    for (int trace : changed) {
      if (trace >= counted.length) {
        counted = Arrays.copyOf(counted, Math.max(trace + 1, counted.length * 2));
      }
    }
    return new ArrayList<>(changed);
  }

  @GuardedBy("this")
  private List<Rows> read(List<Integer> traces) {
    int limit = rowsSeen;
    return chunk.read(
        (batches, index) -> {
          List<Rows> result = new ArrayList<>(traces.size());
          for (int trace : traces) {
            TraceId traceId = new TraceId(index.traceHigh(trace), index.traceLow(trace));
            result.add(new Rows(traceId, trace, outline(batches, index, trace, limit)));
          }
          return result;
        });
  }

  /** Returns the spans of a trace in outline, those in rows before {@code limit}. */
  static List<WrittenSpan> outline(
      List<SpanBatch> batches, TraceIndex index, int trace, int limit) {
    List<WrittenSpan> spans = new ArrayList<>();
    for (int row = index.firstRow(trace); row >= 0 && row < limit; row = index.nextRow(row)) {
      SpanBatch.Cursor cursor = batches.get(index.batchOf(row)).cursor();
      cursor.seek(index.positionOf(row));
      Span span = cursor.toOutline();
      spans.add(new WrittenSpan(index.sequenceOf(row), span));
    }
    return spans;
  }
}
