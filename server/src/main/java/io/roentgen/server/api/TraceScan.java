// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.filter.Filter;
import io.roentgen.filter.FilterSearch;
import io.roentgen.model.TimeRange;
import io.roentgen.server.intake.Deadline;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceReader;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * How far the newest traces of a range were looked at, which is bounded by their number and by
 * time.
 *
 * @param lookedAtCount traces that were looked at, whether they match or not
 * @param limitReached whether there are more, all of them older
 * @param reachedEpochNanos the start of the last one, or of the range if all were looked at
 */
record TraceScan(int lookedAtCount, boolean limitReached, long reachedEpochNanos) {
  /** Gives the newest traces that {@code filter} matches to {@code sink}. */
  static TraceScan run(
      TraceReader reader,
      TimeRange range,
      Filter filter,
      int maxTraces,
      Duration maxTime,
      Deadline deadline,
      Consumer<Trace> sink) {
    long began = System.nanoTime();
    TraceQuery query =
        TraceQuery.of(range, SpanCondition.ANY, Math.min(maxTraces, TraceQuery.MAX_LIMIT));
    int lookedAt = 0;
    while (true) {
      deadline.checkWanted();
      Duration left = maxTime.minusNanos(System.nanoTime() - began);
      FilterSearch.Progress progress =
          FilterSearch.run(
              reader,
              query,
              filter,
              maxTraces - lookedAt,
              deadline.left(left.isNegative() ? Duration.ZERO : left),
              sink::accept);
      lookedAt += progress.lookedAtCount();
      String next = progress.next();
      boolean late = System.nanoTime() - began > maxTime.toNanos();
      if (next == null || lookedAt >= maxTraces || late) {
        return new TraceScan(lookedAt, next != null, progress.reachedEpochNanos());
      }
      query = query.from(next);
    }
  }

  void write(ModelJson model, JsonGenerator json, TimeRange range) throws IOException {
    json.writeNumberField("lookedAtCount", lookedAtCount);
    json.writeBooleanField("limitReached", limitReached);
    model.nanos("startEpochNanos", reachedEpochNanos);
    model.nanos("endEpochNanos", range.endEpochNanos());
  }
}
