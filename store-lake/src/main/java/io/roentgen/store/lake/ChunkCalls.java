// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
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
  private final Map<TraceId, List<SpanOutline>> earlier = new HashMap<>();

  @GuardedBy("this")
  private final OutlineReader outlines = new OutlineReader();

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

  /** Finds, in no order, what was written before a chunk of these traces; traces without any are left out. */
  interface Earlier {
    Map<TraceId, List<SpanOutline>> find(List<TraceId> traces);
  }

  private record Rows(TraceId traceId, int trace, List<SpanOutline> spans) {}

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

  /** Returns the traces of the chunk of which spans were written before it. */
  synchronized Set<TraceId> continued(Earlier source) {
    update(source);
    return Set.copyOf(earlier.keySet());
  }

  @GuardedBy("this")
  private void update(Earlier source) {
    int limit = chunk.spanCount();
    List<Integer> changed = changedTraces(limit);
    for (int from = 0; from < changed.size(); from += TRACES_PER_LOOK) {
      List<Integer> some =
          changed.subList(from, Math.min(changed.size(), from + TRACES_PER_LOOK));
      List<Rows> traces = read(some, limit);
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
    // Only now: if finding failed, what was not counted yet is looked at again.
    rowsSeen = limit;
  }

  @GuardedBy("this")
  private void count(Rows each) {
    List<SpanOutline> before = earlier.getOrDefault(each.traceId, List.of());
    List<SpanOutline> old = joined(before, each.spans.subList(0, counted[each.trace]));
    List<SpanOutline> all = joined(before, each.spans);
    if (!old.isEmpty()) {
      graph.count(SpanOutline.calls(SpanOutline.counting(old)), -1);
    }
    graph.count(SpanOutline.calls(SpanOutline.counting(all)), 1);
    counted[each.trace] = each.spans.size();
    if (!before.isEmpty()) {
      timeShift = Math.max(timeShift, SpanOutline.timeShift(all));
    }
  }

  /** Returns all these spans in the order in which they were written; {@code later} is in that order. */
  private static List<SpanOutline> joined(List<SpanOutline> before, List<SpanOutline> later) {
    if (before.isEmpty()) {
      return later;
    }
    List<SpanOutline> all = new ArrayList<>(before);
    all.addAll(later);
    return SpanOutline.inOrder(all);
  }

  @GuardedBy("this")
  private List<Integer> changedTraces(int limit) {
    int from = rowsSeen;
    BitSet changed =
        chunk.read(
            (batches, index) -> {
              BitSet traces = new BitSet();
              for (int row = from; row < limit; row++) {
                traces.set(index.traceOf(row));
              }
              return traces;
            });
    if (changed.length() > counted.length) {
      counted = Arrays.copyOf(counted, Math.max(changed.length(), counted.length * 2));
    }
    return changed.stream().boxed().toList();
  }

  @GuardedBy("this")
  private List<Rows> read(List<Integer> traces, int limit) {
    OutlineReader reader = outlines;
    return chunk.read(
        (batches, index) -> {
          List<Rows> result = new ArrayList<>(traces.size());
          for (int trace : traces) {
            TraceId traceId = new TraceId(index.traceHigh(trace), index.traceLow(trace));
            result.add(new Rows(traceId, trace, reader.trace(batches, index, trace, limit)));
          }
          return result;
        });
  }
}
