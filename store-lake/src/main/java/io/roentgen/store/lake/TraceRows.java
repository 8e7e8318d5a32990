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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds traces in the spans of a part and reads them whole, without the query engine. Safe for use by several threads. */
final class TraceRows {
  private static final String MAP_KEY = Column.ATTRIBUTES.column() + "/key_value/key";
  private static final String MAP_VALUE = Column.ATTRIBUTES.column() + "/key_value/value";

  private final ParquetFile file;
  private final Map<Column, Integer> leaves = new EnumMap<>(Column.class);
  private final int mapKeys;
  private final int mapValues;
  private final List<AttributeColumn> attributes = new ArrayList<>();
  private final int[] attributeLeaves;

  /**
   * @throws StoreCorruptedException if the file is not one with these columns
   */
  TraceRows(ParquetFile file, List<String> attributeColumns) {
    this.file = file;
    for (Column column : Column.values()) {
      if (column != Column.ATTRIBUTES && column.copied() == null) {
        leaves.put(column, file.number(column.column()));
      }
    }
    mapKeys = file.number(MAP_KEY);
    mapValues = file.number(MAP_VALUE);
    attributeLeaves = new int[attributeColumns.size()];
    for (String name : attributeColumns) {
      AttributeColumn column = AttributeColumn.ofName(name);
      if (column == null) {
        throw new StoreCorruptedException(file.path() + ": column " + name);
      }
      attributeLeaves[attributes.size()] = file.number(name);
      attributes.add(column);
    }
  }

  /**
   * Returns all spans of these traces.
   *
   * @param scopes the part's scopes
   * @param checks compare each row group before it is read
   */
  List<WrittenSpan> find(
      Collection<TraceId> traceIds, Map<Long, ResourceScope> scopes, PartChecks checks) {
    List<WrittenSpan> found = new ArrayList<>();
    try (ColumnReader reader = new ColumnReader(file)) {
      for (int group = 0; group < file.rowGroups().size(); group++) {
        var highs = file.rowGroups().get(group).chunks().get(leaf(Column.TRACE_ID_HIGH));
        List<TraceId> some =
            traceIds.stream()
                .filter(id -> id.high() >= highs.min() && id.high() <= highs.max())
                .toList();
        if (!some.isEmpty()) {
          checks.rowGroup(file, group);
          read(reader, group, some, scopes, found);
        }
      }
    }
    return found;
  }

  private int leaf(Column column) {
    return leaves.getOrDefault(column, -1);
  }

  private void read(
      ColumnReader reader,
      int group,
      List<TraceId> traceIds,
      Map<Long, ResourceScope> scopes,
      List<WrittenSpan> found) {
    long[] highs = reader.readAll(group, leaf(Column.TRACE_ID_HIGH));
    long[] lows = reader.readAll(group, leaf(Column.TRACE_ID_LOW));
    TreeSet<Integer> wanted = new TreeSet<>();
    for (TraceId id : traceIds) {
      for (int row = firstNotBefore(highs, lows, id); row < highs.length; row++) {
        if (highs[row] != id.high() || lows[row] != id.low()) {
          break;
        }
        wanted.add(row);
      }
    }
    if (!wanted.isEmpty()) {
      int[] rows = wanted.stream().mapToInt(Integer::intValue).toArray();
      new Rows(reader, group, rows).addTo(found, highs, lows, scopes);
    }
  }

  /** Returns the first row that is of this trace or comes after it; rows are sorted by id. */
  private static int firstNotBefore(long[] highs, long[] lows, TraceId id) {
    int from = 0;
    int to = highs.length;
    while (from < to) {
      int middle = (from + to) >>> 1;
      boolean before =
          highs[middle] < id.high() || (highs[middle] == id.high() && lows[middle] < id.low());
      if (before) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  /** Some rows of a row group with all their columns. */
  private final class Rows {
    private final int[] rows;
    private final Map<Column, ColumnReader.Values> columns = new EnumMap<>(Column.class);
    private final ColumnReader.@Nullable Values[] attributeValues;
    private List<List<byte @Nullable []>> keys = List.of();
    private List<List<byte @Nullable []>> values = List.of();

    private Rows(ColumnReader reader, int group, int[] rows) {
      this.rows = rows;
      List<ParquetFile.Chunk> chunks = file.rowGroups().get(group).chunks();
      leaves.forEach(
          (column, leaf) -> {
            boolean isId = column == Column.TRACE_ID_HIGH || column == Column.TRACE_ID_LOW;
            if (!isId && !chunks.get(leaf).allNull()) {
              columns.put(column, reader.read(group, leaf, rows));
            }
          });
      attributeValues = new ColumnReader.Values[attributeLeaves.length];
      for (int i = 0; i < attributeLeaves.length; i++) {
        if (!chunks.get(attributeLeaves[i]).allNull()) {
          attributeValues[i] = reader.read(group, attributeLeaves[i], rows);
        }
      }
      if (!chunks.get(mapKeys).allNull()) {
        keys = reader.readRepeated(group, mapKeys, rows);
        values = reader.readRepeated(group, mapValues, rows);
      }
    }

    private void addTo(
        List<WrittenSpan> found, long[] highs, long[] lows, Map<Long, ResourceScope> scopes) {
      for (int i = 0; i < rows.length; i++) {
        TraceId traceId = new TraceId(highs[rows[i]], lows[rows[i]]);
        found.add(new WrittenSpan(number(Column.SEQUENCE, i), span(traceId, i, scopes)));
      }
    }

    private long number(Column column, int at) {
      ColumnReader.Values of = columns.get(column);
      return of == null ? 0 : of.number(at);
    }

    private byte @Nullable [] bytes(Column column, int at) {
      ColumnReader.Values of = columns.get(column);
      return of == null ? null : of.bytes(at);
    }

    private String text(Column column, int at) {
      ColumnReader.Values of = columns.get(column);
      return of == null ? "" : of.text(at);
    }

    private Span span(TraceId traceId, int at, Map<Long, ResourceScope> scopes) {
      long start = number(Column.START_EPOCH_NANOS, at);
      boolean inProgress = number(Column.IN_PROGRESS, at) != 0;
      Span.Builder span =
          Span.builder(traceId, new SpanId(number(Column.SPAN_ID, at)))
              .parentSpanId(SpanId.ofOrNull(number(Column.PARENT_SPAN_ID, at)))
              .startEpochNanos(start)
              .endEpochNanos(inProgress ? 0 : start + number(Column.DURATION_NANOS, at))
              .inProgress(inProgress)
              .service(text(Column.SERVICE, at))
              .serviceType(text(Column.SERVICE_TYPE, at))
              .name(text(Column.NAME, at))
              .kind(SpanKind.ofNumber((int) number(Column.KIND, at)))
              .statusCode(StatusCode.ofNumber((int) number(Column.STATUS, at)))
              .outcome(Outcome.ofBits((int) number(Column.OUTCOME, at)))
              .segment(number(Column.SEGMENT, at) != 0)
              .format(Format.ofNumber((int) number(Column.FORMAT, at)))
              .peerName(text(Column.PEER_NAME, at))
              .peerType(text(Column.PEER_TYPE, at))
              .flags((int) number(Column.FLAGS, at))
              .traceState(text(Column.TRACE_STATE, at))
              .statusMessage(text(Column.STATUS_MESSAGE, at))
              .document(text(Column.DOCUMENT, at))
              .droppedAttributesCount((int) number(Column.DROPPED_ATTRIBUTES, at))
              .droppedEventsCount((int) number(Column.DROPPED_EVENTS, at))
              .droppedLinksCount((int) number(Column.DROPPED_LINKS, at));
      byte[] raw = bytes(Column.RAW, at);
      if (raw != null) {
        span.raw(Raw.of(raw));
      }
      byte[] events = bytes(Column.EVENTS, at);
      if (events != null) {
        span.events(ValueJson.events(utf8(events)));
      }
      byte[] links = bytes(Column.LINKS, at);
      if (links != null) {
        span.links(ValueJson.links(utf8(links)));
      }
      long scopeId = number(Column.SCOPE_ID, at);
      ResourceScope scope = scopes.get(scopeId);
      if (scope == null) {
        throw new StoreCorruptedException("stored span: no scope " + scopeId);
      }
      span.resourceScope(scope);
      readAttributes(span, at);
      return span.build();
    }

    private void readAttributes(Span.Builder span, int at) {
      for (int i = 0; i < attributeValues.length; i++) {
        ColumnReader.Values of = attributeValues[i];
        if (of == null || of.isNull(at)) {
          continue;
        }
        AttributeColumn attribute = attributes.get(i);
        span.attribute(
            attribute.key(),
            switch (attribute.type()) {
              case STRING -> Value.of(of.text(at));
              case LONG -> Value.of(of.number(at));
              case DOUBLE -> Value.of(Double.longBitsToDouble(of.number(at)));
              case BOOLEAN -> Value.of(of.number(at) != 0);
            });
      }
      if (keys.isEmpty()) {
        return;
      }
      for (int i = 0; i < keys.get(at).size(); i++) {
        byte[] key = keys.get(at).get(i);
        byte[] value = values.get(at).get(i);
        if (key == null || value == null) {
          throw new StoreCorruptedException(file.path() + ": attribute without key or value");
        }
        span.attribute(utf8(key), ValueJson.value(utf8(value)));
      }
    }

    private static String utf8(byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
