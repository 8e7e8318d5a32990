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
import java.util.Objects;
import org.apache.arrow.memory.BufferAllocator;
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
  private static final int ROWS_PER_BATCH = 8_192;
  private static final int NO_COLUMN = -1;

  private final List<SpanBatch> batches;
  private final TraceIndex index;
  private final int[] rows;
  private final Parents parents;
  private final ScopeIds scopes;
  private final List<AttributeColumn> attributes;
  private final Map<AttributeColumn, Integer> attributeNumbers = new LinkedHashMap<>();

  /** For each batch, by key index times the number of types plus type: the attribute column, or -1. */
  private final int[][] batchColumns;

  private final ColumnBuffer.Numbers[] numbers = new ColumnBuffer.Numbers[Column.values().length];
  private final ColumnBuffer.Texts[] texts = new ColumnBuffer.Texts[Column.values().length];
  private final ColumnBuffer[] attributeBuffers;

  /** By number of the batch. */
  private final SpanBatch.@Nullable Cursor[] cursors;

  private final ScopeIds.Entry[][] batchScopes;
  private final ValueIndex.Builder values = new ValueIndex.Builder();

  /** For each batch, by key index. */
  private final ValueIndex.Values[][] batchValues;

  /** Of the columns whose texts are indexed. */
  private final ValueIndex.@Nullable Values[] columnValues =
      new ValueIndex.Values[Column.values().length];

  private final Runnable beforeBatch;
  private int done;
  private final List<SpanEvent> events = new ArrayList<>();
  private final List<SpanLink> links = new ArrayList<>();
  private final List<byte[]> mapKeys = new ArrayList<>();
  private final List<String> mapValues = new ArrayList<>();

  /**
   * @param rows numbers of the chunk's rows, in the order in which they are to stand
   * @param parents what is known of the parents of these rows
   * @param attributes the attributes that have a column; others go to the map
   * @param beforeBatch is run before each batch of rows; what it throws ends the reading
   */
  SpanColumns(
      BufferAllocator allocator,
      List<SpanBatch> batches,
      TraceIndex index,
      int[] rows,
      Parents parents,
      ScopeIds scopes,
      List<AttributeColumn> attributes,
      Runnable beforeBatch) {
    super(allocator);
    this.batches = batches;
    this.index = index;
    this.rows = rows;
    this.parents = parents;
    this.scopes = scopes;
    this.attributes = attributes;
    this.beforeBatch = beforeBatch;
    for (AttributeColumn attribute : attributes) {
      attributeNumbers.put(attribute, attributeNumbers.size());
    }
    batchColumns = new int[batches.size()][];
    cursors = new SpanBatch.Cursor[batches.size()];
    batchScopes = new ScopeIds.Entry[batches.size()][];
    batchValues = new ValueIndex.Values[batches.size()][];
    int most = Math.min(ROWS_PER_BATCH, rows.length);
    for (Column column : Column.values()) {
      if (ValueIndex.hasColumn(column)) {
        columnValues[column.ordinal()] = values.column(column);
      }
      ArrowType type = field(column).getType();
      if (type instanceof ArrowType.Utf8 || type instanceof ArrowType.Binary) {
        texts[column.ordinal()] = new ColumnBuffer.Texts(most);
      } else if (column != Column.ATTRIBUTES) {
        numbers[column.ordinal()] = new ColumnBuffer.Numbers(most);
      }
    }
    attributeBuffers = new ColumnBuffer[attributes.size()];
    for (int i = 0; i < attributeBuffers.length; i++) {
      attributeBuffers[i] =
          attributes.get(i).type() == AttributeColumn.Type.STRING
              ? new ColumnBuffer.Texts(most)
              : new ColumnBuffer.Numbers(most);
    }
  }

  /** Returns the values of all rows that were read. */
  ValueIndex.Builder values() {
    return values;
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
      case SEGMENT, IN_PROGRESS, PARENT_IN_PROGRESS ->
          Field.nullable(column.column(), ArrowType.Bool.INSTANCE);
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
          LINKS,
          PARENT_SERVICE,
          PARENT_SERVICE_TYPE,
          PARENT_PEER_NAME,
          PARENT_PEER_TYPE ->
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
    beforeBatch.run();
    int count = Math.min(ROWS_PER_BATCH, rows.length - done);
    var root = getVectorSchemaRoot();
    // Earlier buffers belong to the engine by now; fresh ones keep it from seeing them change.
    root.clear();
    MapVector map = (MapVector) root.getVector(Column.ATTRIBUTES.ordinal());
    map.setInitialCapacity(count);
    map.allocateNew();
    for (int i = 0; i < count; i++) {
      writeRow(i, rows[done + i], map);
      writeParent(i, parents.of(done + i));
    }
    for (Column column : Column.values()) {
      int at = column.ordinal();
      if (numbers[at] != null) {
        numbers[at].moveTo(root.getVector(at), count);
      } else if (texts[at] != null) {
        texts[at].moveTo(root.getVector(at), count);
      }
    }
    for (int i = 0; i < attributeBuffers.length; i++) {
      attributeBuffers[i].moveTo(root.getVector(Column.values().length + i), count);
    }
    root.setRowCount(count);
    done += count;
    return true;
  }

  private void writeRow(int at, int row, MapVector map) {
    int batchNumber = index.batchOf(row);
    SpanBatch batch = batches.get(batchNumber);
    SpanBatch.Cursor cursor = cursors[batchNumber];
    if (cursor == null) {
      cursor = batch.cursor();
      cursors[batchNumber] = cursor;
    }
    cursor.seek(index.positionOf(row));
    long start = cursor.startEpochNanos();
    number(Column.TRACE_ID_HIGH).set(at, cursor.traceIdHigh());
    number(Column.TRACE_ID_LOW).set(at, cursor.traceIdLow());
    number(Column.SPAN_ID).set(at, cursor.spanId());
    setUnlessZero(Column.PARENT_SPAN_ID, at, cursor.parentSpanId());
    number(Column.SEQUENCE).set(at, index.sequenceOf(row));
    number(Column.START_EPOCH_NANOS).set(at, start);
    if (!cursor.inProgress()) {
      number(Column.DURATION_NANOS).set(at, cursor.endEpochNanos() - start);
    }
    number(Column.KIND).set(at, cursor.kind());
    number(Column.STATUS).set(at, cursor.status());
    number(Column.OUTCOME).set(at, cursor.outcome());
    number(Column.FORMAT).set(at, cursor.format());
    number(Column.SEGMENT).set(at, cursor.segment() ? 1 : 0);
    number(Column.IN_PROGRESS).set(at, cursor.inProgress() ? 1 : 0);
    setUnlessZero(Column.FLAGS, at, cursor.flags());
    ScopeIds.Entry scope = scope(batchNumber, batch, cursor.scopeIndex());
    number(Column.SCOPE_ID).set(at, scope.id());
    writeFields(at, batchNumber, batch, cursor, scope.service(), map);
  }

  private void writeParent(int at, Parents.@Nullable Parent parent) {
    if (parent == null) {
      return;
    }
    setText(Column.PARENT_SERVICE, at, parent.service());
    setText(Column.PARENT_SERVICE_TYPE, at, parent.serviceType());
    setText(Column.PARENT_PEER_NAME, at, parent.peerName());
    setText(Column.PARENT_PEER_TYPE, at, parent.peerType());
    number(Column.PARENT_IN_PROGRESS).set(at, parent.inProgress() ? 1 : 0);
  }

  private ScopeIds.Entry scope(int batchNumber, SpanBatch batch, int scope) {
    ScopeIds.Entry[] known = batchScopes[batchNumber];
    if (known == null) {
      known = new ScopeIds.Entry[batch.scopeCount()];
      batchScopes[batchNumber] = known;
    }
    ScopeIds.Entry entry = known[scope];
    if (entry == null) {
      entry = scopes.of(batch.scope(scope));
      values.addAll(batch.scope(scope).resource().attributes());
      if (entry.service().length > 0) {
        indexed(Column.SERVICE).addText(entry.service(), 0, entry.service().length);
      }
      known[scope] = entry;
    }
    return entry;
  }

  private void writeFields(
      int at,
      int batchNumber,
      SpanBatch batch,
      SpanBatch.Cursor cursor,
      byte[] resourceService,
      MapVector map) {
    int[] columns = columnsOf(batchNumber, batch);
    ValueIndex.Values[] indexed = batchValues[batchNumber];
    boolean ownService = false;
    for (int tag = cursor.nextField(); tag != SpanBatch.FIELD_NONE; tag = cursor.nextField()) {
      switch (tag) {
        case SpanBatch.FIELD_ATTRIBUTE -> {
          indexed[cursor.keyIndex()].add(batch, cursor);
          writeAttribute(at, batch, cursor, columns);
        }
        case SpanBatch.FIELD_NAME -> setText(Column.NAME, at, batch, cursor);
        case SpanBatch.FIELD_SERVICE -> {
          // Takes the place of the resource's, even when it is empty.
          ownService = true;
          setIndexedText(Column.SERVICE, at, batch, cursor);
        }
        case SpanBatch.FIELD_SERVICE_TYPE ->
            setIndexedText(Column.SERVICE_TYPE, at, batch, cursor);
        case SpanBatch.FIELD_PEER_NAME -> setIndexedText(Column.PEER_NAME, at, batch, cursor);
        case SpanBatch.FIELD_PEER_TYPE -> setIndexedText(Column.PEER_TYPE, at, batch, cursor);
        case SpanBatch.FIELD_TRACE_STATE -> setText(Column.TRACE_STATE, at, batch, cursor);
        case SpanBatch.FIELD_STATUS_MESSAGE -> setText(Column.STATUS_MESSAGE, at, batch, cursor);
        case SpanBatch.FIELD_DOCUMENT -> setText(Column.DOCUMENT, at, batch, cursor);
        case SpanBatch.FIELD_RAW ->
            text(Column.RAW)
                .set(at, batch.bytes(), cursor.blockOffset(), cursor.blockLength());
        case SpanBatch.FIELD_DROPPED_ATTRIBUTES ->
            setUnlessZero(Column.DROPPED_ATTRIBUTES, at, cursor.number());
        case SpanBatch.FIELD_DROPPED_EVENTS ->
            setUnlessZero(Column.DROPPED_EVENTS, at, cursor.number());
        case SpanBatch.FIELD_DROPPED_LINKS ->
            setUnlessZero(Column.DROPPED_LINKS, at, cursor.number());
        case SpanBatch.FIELD_EVENT -> events.add(cursor.event());
        case SpanBatch.FIELD_LINK -> links.add(cursor.link());
        default -> throw new IllegalStateException("span batch: field tag " + tag);
      }
    }
    if (!ownService) {
      if (resourceService.length > 0) {
        text(Column.SERVICE).set(at, resourceService, 0, resourceService.length);
      } else {
        indexed(Column.SERVICE).addText(resourceService, 0, 0);
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
      writeMap(at, map);
    }
  }

  private void writeAttribute(int at, SpanBatch batch, SpanBatch.Cursor cursor, int[] columns) {
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
    switch (type) {
      case STRING ->
          ((ColumnBuffer.Texts) attributeBuffers[column])
              .set(at, batch.bytes(), cursor.blockOffset(), cursor.blockLength());
      case LONG, DOUBLE ->
          ((ColumnBuffer.Numbers) attributeBuffers[column]).set(at, cursor.number());
      case BOOLEAN ->
          ((ColumnBuffer.Numbers) attributeBuffers[column])
              .set(at, cursor.valueType() == SpanBatch.VALUE_TRUE ? 1 : 0);
    }
  }

  private void writeMap(int at, MapVector map) {
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
    ValueIndex.Values[] indexed = new ValueIndex.Values[batch.keyCount()];
    for (int key = 0; key < indexed.length; key++) {
      indexed[key] = values.key(batch.key(key));
    }
    batchValues[batchNumber] = indexed;
    return columns;
  }

  private ColumnBuffer.Numbers number(Column column) {
    return numbers[column.ordinal()];
  }

  private ColumnBuffer.Texts text(Column column) {
    return texts[column.ordinal()];
  }

  private void setUnlessZero(Column column, int at, long value) {
    if (value != 0) {
      number(column).set(at, value);
    }
  }

  private void setIndexedText(Column column, int at, SpanBatch batch, SpanBatch.Cursor cursor) {
    setText(column, at, batch, cursor);
    indexed(column).addText(batch, cursor);
  }

  private ValueIndex.Values indexed(Column column) {
    return Objects.requireNonNull(columnValues[column.ordinal()]);
  }

  private void setText(Column column, int at, SpanBatch batch, SpanBatch.Cursor cursor) {
    if (cursor.blockLength() > 0) {
      text(column).set(at, batch.bytes(), cursor.blockOffset(), cursor.blockLength());
    }
  }

  private void setText(Column column, int at, String value) {
    if (!value.isEmpty()) {
      byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
      text(column).set(at, utf8, 0, utf8.length);
    }
  }

  @Override
  public long bytesRead() {
    return 0;
  }

  @Override
  protected void closeReadSource() {}
}
