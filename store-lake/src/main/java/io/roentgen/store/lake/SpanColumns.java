// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.SpanLink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a live chunk as Arrow columns, in the order asked for, some thousand rows at a time. The query engine reads it
 * once and writes a part from it.
 */
final class SpanColumns extends ArrowReader {
  private static final int ROWS_PER_BATCH = 16_384;
  private static final int NO_COLUMN = -1;

  private final List<SpanBatch> batches;
  private final TraceIndex index;
  private final int[] rows;
  private final ScopeIds scopes;
  private final List<AttributeColumn> attributes;
  private final Map<AttributeColumn, Integer> attributeNumbers = new LinkedHashMap<>();

  /** For each batch, by key index times the number of types plus type: the attribute column, or -1. */
  private final int[][] batchColumns;

  private int done;
  private final List<SpanEvent> events = new ArrayList<>();
  private final List<SpanLink> links = new ArrayList<>();
  private final List<byte[]> mapKeys = new ArrayList<>();
  private final List<String> mapValues = new ArrayList<>();

  /**
   * @param rows numbers of the chunk's rows, in the order in which they are to stand
   * @param attributes the attributes that have a column; others go to the map
   */
  SpanColumns(
      BufferAllocator allocator,
      List<SpanBatch> batches,
      TraceIndex index,
      int[] rows,
      ScopeIds scopes,
      List<AttributeColumn> attributes) {
    super(allocator);
    this.batches = batches;
    this.index = index;
    this.rows = rows;
    this.scopes = scopes;
    this.attributes = attributes;
    for (AttributeColumn attribute : attributes) {
      attributeNumbers.put(attribute, attributeNumbers.size());
    }
    batchColumns = new int[batches.size()][];
  }

  @Override
  protected Schema readSchema() {
    List<Field> fields = new ArrayList<>();
    for (Column column : Column.values()) {
      fields.add(field(column));
    }
    for (AttributeColumn attribute : attributes) {
      fields.add(
          Field.nullable(
              attribute.name(),
              switch (attribute.type()) {
                case STRING -> ArrowType.Utf8.INSTANCE;
                case LONG -> new ArrowType.Int(64, true);
                case DOUBLE -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
                case BOOLEAN -> ArrowType.Bool.INSTANCE;
              }));
    }
    return new Schema(fields);
  }

  private static Field field(Column column) {
    return switch (column) {
      case TRACE_ID_HIGH,
          TRACE_ID_LOW,
          SPAN_ID,
          PARENT_SPAN_ID,
          SEQUENCE,
          START_EPOCH_NANOS,
          DURATION_NANOS,
          SCOPE_ID ->
          Field.nullable(column.column(), new ArrowType.Int(64, true));
      case KIND, STATUS, OUTCOME, FORMAT ->
          Field.nullable(column.column(), new ArrowType.Int(8, true));
      case FLAGS, DROPPED_ATTRIBUTES, DROPPED_EVENTS, DROPPED_LINKS ->
          Field.nullable(column.column(), new ArrowType.Int(32, true));
      case SEGMENT, IN_PROGRESS -> Field.nullable(column.column(), ArrowType.Bool.INSTANCE);
      case RAW -> Field.nullable(column.column(), ArrowType.Binary.INSTANCE);
      case SERVICE,
          SERVICE_TYPE,
          NAME,
          PEER_NAME,
          PEER_TYPE,
          TRACE_STATE,
          STATUS_MESSAGE,
          DOCUMENT,
          EVENTS,
          LINKS ->
          Field.nullable(column.column(), ArrowType.Utf8.INSTANCE);
      case ATTRIBUTES ->
          new Field(
              column.column(),
              FieldType.nullable(new ArrowType.Map(false)),
              List.of(
                  new Field(
                      MapVector.DATA_VECTOR_NAME,
                      FieldType.notNullable(ArrowType.Struct.INSTANCE),
                      List.of(
                          new Field(
                              MapVector.KEY_NAME,
                              FieldType.notNullable(ArrowType.Utf8.INSTANCE),
                              null),
                          new Field(
                              MapVector.VALUE_NAME,
                              FieldType.nullable(ArrowType.Utf8.INSTANCE),
                              null)))));
    };
  }

  @Override
  public boolean loadNextBatch() throws IOException {
    prepareLoadNextBatch();
    if (done >= rows.length) {
      return false;
    }
    int count = Math.min(ROWS_PER_BATCH, rows.length - done);
    var root = getVectorSchemaRoot();
    // Earlier buffers belong to the engine by now; fresh ones keep it from seeing them change.
    root.clear();
    for (FieldVector vector : root.getFieldVectors()) {
      vector.setInitialCapacity(count);
      vector.allocateNew();
    }
    for (int i = 0; i < count; i++) {
      writeRow(i, rows[done + i]);
    }
    root.setRowCount(count);
    done += count;
    return true;
  }

  private <V extends FieldVector> V vector(Column column, Class<V> type) throws IOException {
    return type.cast(getVectorSchemaRoot().getVector(column.ordinal()));
  }

  private void writeRow(int at, int row) throws IOException {
    int batchNumber = index.batchOf(row);
    SpanBatch batch = batches.get(batchNumber);
    SpanBatch.Cursor cursor = batch.cursor();
    cursor.seek(index.positionOf(row));
    long start = cursor.startEpochNanos();
    setLong(Column.TRACE_ID_HIGH, at, cursor.traceIdHigh());
    setLong(Column.TRACE_ID_LOW, at, cursor.traceIdLow());
    setLong(Column.SPAN_ID, at, cursor.spanId());
    if (cursor.parentSpanId() != 0) {
      setLong(Column.PARENT_SPAN_ID, at, cursor.parentSpanId());
    }
    setLong(Column.SEQUENCE, at, index.sequenceOf(row));
    setLong(Column.START_EPOCH_NANOS, at, start);
    if (!cursor.inProgress()) {
      setLong(Column.DURATION_NANOS, at, cursor.endEpochNanos() - start);
    }
    setByte(Column.KIND, at, cursor.kind());
    setByte(Column.STATUS, at, cursor.status());
    setByte(Column.OUTCOME, at, cursor.outcome());
    setByte(Column.FORMAT, at, cursor.format());
    vector(Column.SEGMENT, BitVector.class).set(at, cursor.segment() ? 1 : 0);
    vector(Column.IN_PROGRESS, BitVector.class).set(at, cursor.inProgress() ? 1 : 0);
    setIntUnlessZero(Column.FLAGS, at, cursor.flags());
    ScopeIds.Entry scope = scopes.of(batch, cursor.scopeIndex());
    setLong(Column.SCOPE_ID, at, scope.id());
    if (scope.service().length > 0) {
      vector(Column.SERVICE, VarCharVector.class).setSafe(at, scope.service());
    }
    writeFields(at, batch, cursor, columnsOf(batchNumber, batch));
  }

  private void writeFields(int at, SpanBatch batch, SpanBatch.Cursor cursor, int[] columns)
      throws IOException {
    for (int tag = cursor.nextField(); tag != SpanBatch.FIELD_NONE; tag = cursor.nextField()) {
      switch (tag) {
        case SpanBatch.FIELD_ATTRIBUTE -> writeAttribute(at, batch, cursor, columns);
        case SpanBatch.FIELD_NAME -> setText(Column.NAME, at, batch, cursor);
        case SpanBatch.FIELD_SERVICE -> writeService(at, batch, cursor);
        case SpanBatch.FIELD_SERVICE_TYPE -> setText(Column.SERVICE_TYPE, at, batch, cursor);
        case SpanBatch.FIELD_PEER_NAME -> setText(Column.PEER_NAME, at, batch, cursor);
        case SpanBatch.FIELD_PEER_TYPE -> setText(Column.PEER_TYPE, at, batch, cursor);
        case SpanBatch.FIELD_TRACE_STATE -> setText(Column.TRACE_STATE, at, batch, cursor);
        case SpanBatch.FIELD_STATUS_MESSAGE -> setText(Column.STATUS_MESSAGE, at, batch, cursor);
        case SpanBatch.FIELD_DOCUMENT -> setText(Column.DOCUMENT, at, batch, cursor);
        case SpanBatch.FIELD_RAW ->
            vector(Column.RAW, VarBinaryVector.class)
                .setSafe(at, batch.bytes(), cursor.blockOffset(), cursor.blockLength());
        case SpanBatch.FIELD_DROPPED_ATTRIBUTES ->
            setIntUnlessZero(Column.DROPPED_ATTRIBUTES, at, (int) cursor.number());
        case SpanBatch.FIELD_DROPPED_EVENTS ->
            setIntUnlessZero(Column.DROPPED_EVENTS, at, (int) cursor.number());
        case SpanBatch.FIELD_DROPPED_LINKS ->
            setIntUnlessZero(Column.DROPPED_LINKS, at, (int) cursor.number());
        case SpanBatch.FIELD_EVENT -> events.add(cursor.event());
        case SpanBatch.FIELD_LINK -> links.add(cursor.link());
        default -> throw new IllegalStateException("span batch: field tag " + tag);
      }
    }
    if (!events.isEmpty()) {
      setText(Column.EVENTS, at, ValueJson.events(events));
      events.clear();
    }
    if (!links.isEmpty()) {
      setText(Column.LINKS, at, ValueJson.links(links));
      links.clear();
    }
    if (!mapKeys.isEmpty()) {
      writeMap(at);
    }
  }

  /** Writes the service of a span that is not its resource's; an empty one takes the place of the resource's. */
  private void writeService(int at, SpanBatch batch, SpanBatch.Cursor cursor) throws IOException {
    if (cursor.blockLength() == 0) {
      vector(Column.SERVICE, VarCharVector.class).setNull(at);
    } else {
      setText(Column.SERVICE, at, batch, cursor);
    }
  }

  private void writeAttribute(int at, SpanBatch batch, SpanBatch.Cursor cursor, int[] columns)
      throws IOException {
    AttributeColumn.Type type = AttributeColumn.Type.ofValue(cursor.valueType());
    int column =
        type == null
            ? NO_COLUMN
            : columns[cursor.keyIndex() * AttributeColumn.Type.values().length + type.ordinal()];
    if (type == null || column == NO_COLUMN) {
      mapKeys.add(batch.key(cursor.keyIndex()).getBytes(StandardCharsets.UTF_8));
      mapValues.add(ValueJson.value(cursor.value()));
      return;
    }
    FieldVector vector = getVectorSchemaRoot().getVector(Column.values().length + column);
    switch (type) {
      case STRING ->
          ((VarCharVector) vector)
              .setSafe(at, batch.bytes(), cursor.blockOffset(), cursor.blockLength());
      case LONG -> ((BigIntVector) vector).set(at, cursor.number());
      case DOUBLE -> ((Float8Vector) vector).set(at, Double.longBitsToDouble(cursor.number()));
      case BOOLEAN ->
          ((BitVector) vector).set(at, cursor.valueType() == SpanBatch.VALUE_TRUE ? 1 : 0);
    }
  }

  private void writeMap(int at) throws IOException {
    MapVector map = vector(Column.ATTRIBUTES, MapVector.class);
    StructVector entries = (StructVector) map.getDataVector();
    VarCharVector keys = entries.getChild(MapVector.KEY_NAME, VarCharVector.class);
    VarCharVector values = entries.getChild(MapVector.VALUE_NAME, VarCharVector.class);
    int offset = map.startNewValue(at);
    for (int i = 0; i < mapKeys.size(); i++) {
      keys.setSafe(offset + i, mapKeys.get(i));
      values.setSafe(offset + i, mapValues.get(i).getBytes(StandardCharsets.UTF_8));
      entries.setIndexDefined(offset + i);
    }
    map.endValue(at, mapKeys.size());
    mapKeys.clear();
    mapValues.clear();
  }

  private int[] columnsOf(int batchNumber, SpanBatch batch) {
    int[] known = batchColumns[batchNumber];
    if (known != null) {
      return known;
    }
    AttributeColumn.Type[] types = AttributeColumn.Type.values();
    int[] columns = new int[batch.keyCount() * types.length];
    for (int key = 0; key < batch.keyCount(); key++) {
      for (AttributeColumn.Type type : types) {
        @Nullable Integer number =
            attributeNumbers.get(new AttributeColumn(batch.key(key), type));
        columns[key * types.length + type.ordinal()] = number == null ? NO_COLUMN : number;
      }
    }
    batchColumns[batchNumber] = columns;
    return columns;
  }

  private void setLong(Column column, int at, long value) throws IOException {
    vector(column, BigIntVector.class).set(at, value);
  }

  private void setByte(Column column, int at, int value) throws IOException {
    vector(column, TinyIntVector.class).set(at, value);
  }

  private void setIntUnlessZero(Column column, int at, int value) throws IOException {
    if (value != 0) {
      vector(column, IntVector.class).set(at, value);
    }
  }

  private void setText(Column column, int at, SpanBatch batch, SpanBatch.Cursor cursor)
      throws IOException {
    if (cursor.blockLength() > 0) {
      vector(column, VarCharVector.class)
          .setSafe(at, batch.bytes(), cursor.blockOffset(), cursor.blockLength());
    }
  }

  private void setText(Column column, int at, String text) throws IOException {
    vector(column, VarCharVector.class).setSafe(at, text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public long bytesRead() {
    return 0;
  }

  @Override
  protected void closeReadSource() {}
}
