// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.Format;
import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.StatusCode;
import io.roentgen.model.TraceId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** Reads spans in outline from rows that the engine has found in parts. */
final class SpanRows {
  private static final List<Column> OUTLINE =
      List.of(
          Column.TRACE_ID_HIGH,
          Column.TRACE_ID_LOW,
          Column.SPAN_ID,
          Column.PARENT_SPAN_ID,
          Column.SEQUENCE,
          Column.START_EPOCH_NANOS,
          Column.DURATION_NANOS,
          Column.SERVICE,
          Column.SERVICE_TYPE,
          Column.NAME,
          Column.KIND,
          Column.STATUS,
          Column.OUTCOME,
          Column.SEGMENT,
          Column.IN_PROGRESS,
          Column.FORMAT,
          Column.PEER_NAME,
          Column.PEER_TYPE);

  /** The columns that {@link #outline} reads, as SQL. */
  static final String OUTLINE_COLUMNS =
      String.join(", ", OUTLINE.stream().map(Column::column).toList());

  private SpanRows() {}

  /** Reads a row of {@link #OUTLINE_COLUMNS}. */
  static WrittenSpan outline(ResultSet row) throws SQLException {
    return new WrittenSpan(
        row.getLong(OUTLINE.indexOf(Column.SEQUENCE) + 1),
        header(row, OUTLINE::indexOf).build());
  }

  private interface Position {
    int of(Column column);
  }

  private static Span.Builder header(ResultSet row, Position position) throws SQLException {
    TraceId traceId =
        new TraceId(
            row.getLong(position.of(Column.TRACE_ID_HIGH) + 1),
            row.getLong(position.of(Column.TRACE_ID_LOW) + 1));
    SpanId spanId = new SpanId(row.getLong(position.of(Column.SPAN_ID) + 1));
    long start = row.getLong(position.of(Column.START_EPOCH_NANOS) + 1);
    boolean inProgress = row.getBoolean(position.of(Column.IN_PROGRESS) + 1);
    long duration = row.getLong(position.of(Column.DURATION_NANOS) + 1);
    return Span.builder(traceId, spanId)
        .parentSpanId(SpanId.ofOrNull(row.getLong(position.of(Column.PARENT_SPAN_ID) + 1)))
        .startEpochNanos(start)
        .endEpochNanos(inProgress ? 0 : start + duration)
        .inProgress(inProgress)
        .service(text(row, position.of(Column.SERVICE)))
        .serviceType(text(row, position.of(Column.SERVICE_TYPE)))
        .name(text(row, position.of(Column.NAME)))
        .kind(SpanKind.ofNumber(row.getInt(position.of(Column.KIND) + 1)))
        .statusCode(StatusCode.ofNumber(row.getInt(position.of(Column.STATUS) + 1)))
        .outcome(Outcome.ofBits(row.getInt(position.of(Column.OUTCOME) + 1)))
        .segment(row.getBoolean(position.of(Column.SEGMENT) + 1))
        .format(Format.ofNumber(row.getInt(position.of(Column.FORMAT) + 1)))
        .peerName(text(row, position.of(Column.PEER_NAME)))
        .peerType(text(row, position.of(Column.PEER_TYPE)));
  }

  private static String text(ResultSet row, int position) throws SQLException {
    String text = row.getString(position + 1);
    return text == null ? "" : text;
  }
}
