// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.Outcome;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import io.roentgen.store.TraceSummary;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * What a part's spans say of a trace: its summary if no other part has spans of it.
 *
 * @param summary over this part's spans, each id once
 * @param replaced whether the part also has spans that do not count, as a later one with the same id does
 * @param continued whether earlier parts have or had spans of it, or other parts that were written together with this
 *     one. Of a trace in several places at most one row is not continued
 */
record TraceRow(TraceSummary summary, boolean replaced, boolean continued) {
  static final Table<TraceRow> TABLE =
      new Table<TraceRow>()
          .number("trace_id_high", row -> row.summary.traceId().high())
          .number("trace_id_low", row -> row.summary.traceId().low())
          .number("start_epoch_nanos", row -> row.summary.startEpochNanos())
          .number("end_epoch_nanos", row -> row.summary.endEpochNanos())
          .number("span_count", row -> row.summary.spanCount())
          .number("outcome", row -> row.summary.outcome().bits())
          .number("in_progress", row -> row.summary.inProgress() ? 1 : 0)
          .number("replaced", row -> row.replaced ? 1 : 0)
          .number("root_span_id", row -> row.summary.root().spanId().value())
          .text("root_service", row -> row.summary.root().service())
          .text("root_name", row -> row.summary.root().name())
          .number("root_duration_nanos", row -> row.summary.root().durationNanos())
          .number("root_outcome", row -> row.summary.root().outcome().bits())
          .text("services", row -> ValueJson.strings(row.summary.services()))
          .number("continued", row -> row.continued ? 1 : 0);

  /** Reads a row with the columns of {@link #TABLE}. */
  static TraceRow read(ResultSet row) throws SQLException {
    return new TraceRow(
        new TraceSummary(
            new TraceId(row.getLong(1), row.getLong(2)),
            row.getLong(3),
            row.getLong(4),
            new TraceSummary.Root(
                new SpanId(row.getLong(9)),
                row.getString(10),
                row.getString(11),
                row.getLong(12),
                Outcome.ofBits(row.getInt(13))),
            row.getInt(5),
            Outcome.ofBits(row.getInt(6)),
            row.getInt(7) != 0,
            ValueJson.strings(row.getString(14))),
        row.getInt(8) != 0,
        row.getInt(15) != 0);
  }
}
