// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.Format;
import io.roentgen.model.Outcome;
import io.roentgen.model.Raw;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.StatusCode;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.StoreCorruptedException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads spans from the rows of a part. */
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

  private final List<AttributeColumn> attributes = new ArrayList<>();
  private final Map<Long, ResourceScope> scopes;

  /** Makes a reader for rows with all columns of a part, in its order. */
  SpanRows(PartInfo info, Map<Long, ResourceScope> scopes) {
    for (String name : info.attributeColumns()) {
      AttributeColumn column = AttributeColumn.ofName(name);
      if (column == null) {
        throw new StoreCorruptedException("part " + info.number() + ": column " + name);
      }
      attributes.add(column);
    }
    this.scopes = scopes;
  }

  /** Returns all columns of a part as SQL. */
  static String columns(PartInfo info) {
    List<String> names = new ArrayList<>(Column.columns());
    for (String name : info.attributeColumns()) {
      names.add(Engine.quoted(name));
    }
    return String.join(", ", names);
  }

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

  private static @Nullable String textOrNull(ResultSet row, Column column) throws SQLException {
    return row.getString(column.ordinal() + 1);
  }

  /** Reads a row of {@link #columns}. */
  WrittenSpan read(ResultSet row) throws SQLException {
    Span.Builder span =
        header(row, Column::ordinal)
            .flags(row.getInt(Column.FLAGS.ordinal() + 1))
            .traceState(text(row, Column.TRACE_STATE.ordinal()))
            .statusMessage(text(row, Column.STATUS_MESSAGE.ordinal()))
            .document(text(row, Column.DOCUMENT.ordinal()))
            .droppedAttributesCount(row.getInt(Column.DROPPED_ATTRIBUTES.ordinal() + 1))
            .droppedEventsCount(row.getInt(Column.DROPPED_EVENTS.ordinal() + 1))
            .droppedLinksCount(row.getInt(Column.DROPPED_LINKS.ordinal() + 1));
    byte[] raw = row.getBytes(Column.RAW.ordinal() + 1);
    if (raw != null) {
      span.raw(Raw.of(raw));
    }
    String events = textOrNull(row, Column.EVENTS);
    if (events != null) {
      span.events(ValueJson.events(events));
    }
    String links = textOrNull(row, Column.LINKS);
    if (links != null) {
      span.links(ValueJson.links(links));
    }
    long scopeId = row.getLong(Column.SCOPE_ID.ordinal() + 1);
    ResourceScope scope = scopes.get(scopeId);
    if (scope == null) {
      throw new StoreCorruptedException("stored span: no scope " + scopeId);
    }
    span.resourceScope(scope);
    readAttributes(row, span);
    return new WrittenSpan(row.getLong(Column.SEQUENCE.ordinal() + 1), span.build());
  }

  private void readAttributes(ResultSet row, Span.Builder span) throws SQLException {
    int position = Column.values().length;
    for (AttributeColumn attribute : attributes) {
      position++;
      switch (attribute.type()) {
        case STRING -> {
          String text = row.getString(position);
          if (text != null) {
            span.attribute(attribute.key(), Value.of(text));
          }
        }
        case LONG -> {
          long number = row.getLong(position);
          if (!row.wasNull()) {
            span.attribute(attribute.key(), Value.of(number));
          }
        }
        case DOUBLE -> {
          double number = row.getDouble(position);
          if (!row.wasNull()) {
            span.attribute(attribute.key(), Value.of(number));
          }
        }
        case BOOLEAN -> {
          boolean flag = row.getBoolean(position);
          if (!row.wasNull()) {
            span.attribute(attribute.key(), Value.of(flag));
          }
        }
      }
    }
    if (row.getObject(Column.ATTRIBUTES.ordinal() + 1) instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> each : map.entrySet()) {
        span.attribute(
            String.valueOf(each.getKey()), ValueJson.value(String.valueOf(each.getValue())));
      }
    }
  }
}
