// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import io.roentgen.filter.Filter;
import io.roentgen.filter.TraceContent;
import io.roentgen.filter.TraceField;
import io.roentgen.model.TimeRange;
import io.roentgen.server.intake.Deadline;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.function.Function;

/**
 * The newest traces of a range, kept for a moment, as who writes an expression asks again with each
 * key.
 */
final class RangeSample {
  /** Enough for what is frequent to be there, few enough to be read between two keys. */
  static final int MAX_TRACES = 500;

  private static final int MAX_SPANS = 100_000;
  private static final Duration MAX_TIME = Duration.ofSeconds(3);
  private static final int MAX_KEPT = 4;
  private static final long KEPT_NANOS = 30_000_000_000L;

  private final TraceStore store;

  /** By range, oldest first. */
  private final Map<TimeRange, Kept> kept = new LinkedHashMap<>();

  RangeSample(TraceStore store) {
    this.store = store;
  }

  /** Counts of one range. */
  record Kept(long madeNanos, TraceScan scan, List<Trace> traces) {
    Kept {
      traces = List.copyOf(traces);
    }

    /** Returns how many of the traces have each of the keys. */
    Map<String, Long> keys(Function<TraceContent, SortedSet<String>> of) {
      Map<String, Long> counts = new HashMap<>();
      for (Trace trace : traces) {
        for (String key : of.apply(new TraceContent(trace))) {
          counts.merge(key, 1L, Long::sum);
        }
      }
      return counts;
    }

    List<FieldValueCounts.Counted> values(TraceField field) {
      FieldValueCounts counts = new FieldValueCounts(field);
      traces.forEach(trace -> counts.add(new TraceContent(trace)));
      return counts.values();
    }
  }

  Kept of(TimeRange range, Deadline deadline) {
    synchronized (kept) {
      long now = System.nanoTime();
      kept.values().removeIf(each -> now - each.madeNanos > KEPT_NANOS);
      Kept known = kept.get(range);
      if (known != null) {
        return known;
      }
    }
    List<Trace> traces = new ArrayList<>();
    int[] spans = {0};
    TraceScan scan =
        TraceScan.run(
            store.reader(),
            range,
            Filter.EVERYTHING,
            MAX_TRACES,
            MAX_TIME,
            deadline,
            trace -> {
              spans[0] += trace.spans().size();
              // Traces may be large, and these stay in memory.
              if (spans[0] <= MAX_SPANS) {
                traces.add(trace);
              }
            });
    Kept made = new Kept(System.nanoTime(), scan, traces);
    synchronized (kept) {
      kept.put(range, made);
      for (Iterator<TimeRange> oldest = kept.keySet().iterator(); kept.size() > MAX_KEPT; ) {
        oldest.next();
        oldest.remove();
      }
    }
    return made;
  }
}
