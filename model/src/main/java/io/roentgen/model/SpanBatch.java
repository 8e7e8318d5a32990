// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Spans as received, in one block of bytes: what a codec makes, the write-ahead log keeps and a store reads.
 * Building and reading one makes no object per span. Immutable, safe to share.
 *
 * <p>Layout, all numbers little-endian: a header of {@value #HEADER_BYTES} bytes (magic, span count, offset
 * of the keys, key count, offset of the scopes, scope count, length, 0), the spans, the attribute keys (each
 * a varint length and UTF-8), the scopes (each an int length and content). A span is a fixed part of
 * {@value #ROW_BYTES} bytes and then fields, each with a tag, in any order. {@code docs/storage.md} has it in
 * full.
 *
 * <p>A batch may hold several spans with one id; readers take the last as the latest.
 */
public final class SpanBatch {
  /** Tags that {@link Cursor#nextField} returns. */
  public static final int FIELD_NONE = 0;

  public static final int FIELD_NAME = 1;
  public static final int FIELD_SERVICE = 2;
  public static final int FIELD_TRACE_STATE = 3;
  public static final int FIELD_STATUS_MESSAGE = 4;
  public static final int FIELD_DOCUMENT = 5;
  public static final int FIELD_RAW = 6;
  public static final int FIELD_DROPPED_ATTRIBUTES = 7;
  public static final int FIELD_DROPPED_EVENTS = 8;
  public static final int FIELD_DROPPED_LINKS = 9;
  public static final int FIELD_ATTRIBUTE = 10;
  public static final int FIELD_EVENT = 11;
  public static final int FIELD_LINK = 12;
  public static final int FIELD_SERVICE_TYPE = 13;
  public static final int FIELD_PEER_NAME = 14;
  public static final int FIELD_PEER_TYPE = 15;

  /** Types that {@link Cursor#valueType} returns. */
  public static final int VALUE_EMPTY = 0;

  public static final int VALUE_STRING = 1;
  public static final int VALUE_LONG = 2;
  public static final int VALUE_DOUBLE = 3;
  public static final int VALUE_FALSE = 4;
  public static final int VALUE_TRUE = 5;
  public static final int VALUE_BYTES = 6;
  public static final int VALUE_ARRAY = 7;
  public static final int VALUE_MAP = 8;

  private static final int MAGIC = 0x31425352; // "RSB1"
  private static final int HEADER_BYTES = 32;
  private static final int ROW_BYTES = 64;

  private static final int BIT_IN_PROGRESS = 1;
  private static final int BIT_SEGMENT = 2;
  private static final int FORMAT_SHIFT = 4;

  private final byte[] bytes;
  private final int offset;
  private final int length;
  private final int spanCount;
  private final String[] keys;
  private final ResourceScope[] scopes;
  private final String[] services;

  private SpanBatch(byte[] bytes, int offset, int length) {
    this.bytes = bytes;
    this.offset = offset;
    this.length = length;
    spanCount = (int) ByteSink.INT.get(bytes, offset + 4);
    var source = new ValueEncoding.Source(bytes, offset + (int) ByteSink.INT.get(bytes, offset + 8));
    keys = new String[(int) ByteSink.INT.get(bytes, offset + 12)];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = source.getText();
    }
    source.at = offset + (int) ByteSink.INT.get(bytes, offset + 16);
    scopes = new ResourceScope[(int) ByteSink.INT.get(bytes, offset + 20)];
    services = new String[scopes.length];
    for (int i = 0; i < scopes.length; i++) {
      source.at += Integer.BYTES;
      scopes[i] = source.getResourceScope();
      String service = scopes[i].resource().serviceName();
      services[i] = service == null ? "" : service;
    }
  }

  /**
   * Returns the batch whose {@link #bytes} these are. The array is not copied and must not change.
   *
   * @throws IllegalArgumentException if the bytes are not a batch of this version or of another length
   */
  public static SpanBatch ofBytes(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length < HEADER_BYTES
        || (int) ByteSink.INT.get(bytes, offset) != MAGIC
        || (int) ByteSink.INT.get(bytes, offset + 24) != length) {
      throw new IllegalArgumentException(
          "span batch: " + length + " bytes that are no batch (expected: RSB1 and its own length)");
    }
    return new SpanBatch(bytes, offset, length);
  }

  /** Returns a batch of these spans, in this order. */
  public static SpanBatch of(Iterable<Span> spans) {
    Builder builder = builder();
    for (Span span : spans) {
      builder.add(span);
    }
    return builder.build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Returns how many spans there are. */
  public int spanCount() {
    return spanCount;
  }

  /** Returns the array in which the encoded batch stands; not a copy, must not be changed. */
  public byte[] bytes() {
    return bytes;
  }

  /** Returns where in {@link #bytes} the batch starts. */
  public int offset() {
    return offset;
  }

  /** Returns how many bytes the batch takes. */
  public int length() {
    return length;
  }

  /** Returns how many attribute keys there are. */
  public int keyCount() {
    return keys.length;
  }

  /** Returns the attribute key with that index. */
  public String key(int index) {
    return keys[index];
  }

  /** Returns how many different resource scopes there are. */
  public int scopeCount() {
    return scopes.length;
  }

  /** Returns the resource scope with that index. */
  public ResourceScope scope(int index) {
    return scopes[index];
  }

  /** Returns a cursor before the first span. */
  public Cursor cursor() {
    return new Cursor(this);
  }

  /** Returns all spans as objects. */
  public List<Span> toSpans() {
    List<Span> spans = new ArrayList<>(spanCount);
    Cursor cursor = cursor();
    while (cursor.next()) {
      spans.add(cursor.toSpan());
    }
    return spans;
  }

  @Override
  public String toString() {
    return "SpanBatch[" + spanCount + " spans, " + length + " bytes]";
  }

  /** Reads a batch span by span and field by field. Not safe for use by several threads. */
  public static final class Cursor {
    private final SpanBatch batch;
    private final byte[] bytes;
    private final ValueEncoding.Source source;
    private int row;
    private int rowEnd;
    private int remaining;
    private int keyIndex;
    private int valueType;
    private int blockOffset;
    private int blockLength;
    private long number;

    private Cursor(SpanBatch batch) {
      this.batch = batch;
      bytes = batch.bytes;
      source = new ValueEncoding.Source(bytes, 0);
      rowEnd = batch.offset + HEADER_BYTES;
      remaining = batch.spanCount;
    }

    /** Goes to the next span; returns false when there is none. */
    public boolean next() {
      if (remaining == 0) {
        return false;
      }
      remaining--;
      row = rowEnd;
      rowEnd = row + (int) ByteSink.INT.get(bytes, row);
      source.at = row + ROW_BYTES;
      return true;
    }

    /** Returns where the current span stands, for {@link #seek}. */
    public int position() {
      return row;
    }

    /** Goes to the span at a {@link #position}; {@link #next} then goes on from there. */
    public void seek(int position) {
      row = position;
      rowEnd = row + (int) ByteSink.INT.get(bytes, row);
      source.at = row + ROW_BYTES;
    }

    public int kind() {
      return bytes[row + 4];
    }

    public int status() {
      return bytes[row + 5];
    }

    /** Returns {@link Outcome#bits}. */
    public int outcome() {
      return bytes[row + 6];
    }

    public boolean inProgress() {
      return (bytes[row + 7] & BIT_IN_PROGRESS) != 0;
    }

    public boolean segment() {
      return (bytes[row + 7] & BIT_SEGMENT) != 0;
    }

    /** Returns {@link Format#number}. */
    public int format() {
      return bytes[row + 7] >>> FORMAT_SHIFT;
    }

    public long traceIdHigh() {
      return (long) ByteSink.LONG.get(bytes, row + 8);
    }

    public long traceIdLow() {
      return (long) ByteSink.LONG.get(bytes, row + 16);
    }

    public long spanId() {
      return (long) ByteSink.LONG.get(bytes, row + 24);
    }

    /** Returns the parent's id, or 0 for a root. */
    public long parentSpanId() {
      return (long) ByteSink.LONG.get(bytes, row + 32);
    }

    public long startEpochNanos() {
      return (long) ByteSink.LONG.get(bytes, row + 40);
    }

    public long endEpochNanos() {
      return (long) ByteSink.LONG.get(bytes, row + 48);
    }

    public int flags() {
      return (int) ByteSink.INT.get(bytes, row + 56);
    }

    public int scopeIndex() {
      return (int) ByteSink.INT.get(bytes, row + 60);
    }

    /**
     * Goes to the next field of the current span and returns its tag, or {@link #FIELD_NONE} after the last.
     * Texts, documents, raw bytes, events and links are then at {@link #blockOffset}; counts in {@link
     * #number}; an attribute has {@link #keyIndex}, {@link #valueType} and its value in one of these.
     */
    public int nextField() {
      if (source.at >= rowEnd) {
        return FIELD_NONE;
      }
      int tag = bytes[source.at++];
      switch (tag) {
        case FIELD_DROPPED_ATTRIBUTES, FIELD_DROPPED_EVENTS, FIELD_DROPPED_LINKS ->
            number = source.getVarint();
        case FIELD_ATTRIBUTE -> {
          keyIndex = source.getVarint();
          readValue();
        }
        default -> readBlock();
      }
      return tag;
    }

    private void readBlock() {
      blockLength = source.getVarint();
      blockOffset = source.at;
      source.at += blockLength;
    }

    private void readValue() {
      valueType = bytes[source.at++];
      switch (valueType) {
        case VALUE_STRING, VALUE_BYTES -> readBlock();
        case VALUE_LONG, VALUE_DOUBLE -> number = source.getLong();
        case VALUE_ARRAY, VALUE_MAP -> {
          blockLength = source.getInt();
          blockOffset = source.at;
          source.at += blockLength;
        }
        default -> {}
      }
    }

    public int keyIndex() {
      return keyIndex;
    }

    public int valueType() {
      return valueType;
    }

    /** Returns where in {@link SpanBatch#bytes} the current text or block starts. */
    public int blockOffset() {
      return blockOffset;
    }

    public int blockLength() {
      return blockLength;
    }

    /** Returns the current count, long value, or raw bits of the current double value. */
    public long number() {
      return number;
    }

    /** Returns the current text. */
    public String text() {
      return new String(bytes, blockOffset, blockLength, StandardCharsets.UTF_8);
    }

    /** Returns the current attribute's value as an object. */
    public Value value() {
      return switch (valueType) {
        case VALUE_STRING -> new Value.StringValue(text());
        case VALUE_LONG -> new Value.LongValue(number);
        case VALUE_DOUBLE -> new Value.DoubleValue(Double.longBitsToDouble(number));
        case VALUE_FALSE -> new Value.BooleanValue(false);
        case VALUE_TRUE -> new Value.BooleanValue(true);
        case VALUE_BYTES ->
            new Value.BytesValue(Arrays.copyOfRange(bytes, blockOffset, blockOffset + blockLength));
        case VALUE_ARRAY, VALUE_MAP -> new ValueEncoding.Source(bytes, blockOffset).getValue();
        default -> Value.EmptyValue.INSTANCE;
      };
    }

    /** Returns the current event. */
    public SpanEvent event() {
      return new ValueEncoding.Source(bytes, blockOffset).getEvent();
    }

    /** Returns the current link. */
    public SpanLink link() {
      return new ValueEncoding.Source(bytes, blockOffset).getLink();
    }

    /**
     * Returns the current span without attributes, dropped counts, events, links, document, raw bytes, resource and
     * scope: what summaries and the service map need.
     */
    public Span toOutline() {
      Span.Builder span = header(ResourceScope.EMPTY);
      source.at = row + ROW_BYTES;
      for (int tag = nextField(); tag != FIELD_NONE; tag = nextField()) {
        readText(tag, span);
      }
      return span.build();
    }

    /** Returns the current span as an object and goes behind its last field. */
    public Span toSpan() {
      Span.Builder span = header(batch.scopes[scopeIndex()]);
      List<SpanEvent> events = new ArrayList<>();
      List<SpanLink> links = new ArrayList<>();
      source.at = row + ROW_BYTES;
      for (int tag = nextField(); tag != FIELD_NONE; tag = nextField()) {
        if (readText(tag, span)) {
          continue;
        }
        switch (tag) {
          case FIELD_DOCUMENT -> span.document(text());
          case FIELD_RAW -> span.raw(Raw.of(bytes, blockOffset, blockLength));
          case FIELD_DROPPED_ATTRIBUTES -> span.droppedAttributesCount((int) number);
          case FIELD_DROPPED_EVENTS -> span.droppedEventsCount((int) number);
          case FIELD_DROPPED_LINKS -> span.droppedLinksCount((int) number);
          case FIELD_ATTRIBUTE -> span.attribute(batch.keys[keyIndex], value());
          case FIELD_EVENT -> events.add(event());
          case FIELD_LINK -> links.add(link());
          default -> throw new IllegalStateException("span batch: field tag " + tag);
        }
      }
      return span.events(events).links(links).build();
    }

    private Span.Builder header(ResourceScope scope) {
      return Span.builder(new TraceId(traceIdHigh(), traceIdLow()), new SpanId(spanId()))
          .parentSpanId(SpanId.ofOrNull(parentSpanId()))
          .service(batch.services[scopeIndex()])
          .kind(SpanKind.ofNumber(kind()))
          .startEpochNanos(startEpochNanos())
          .endEpochNanos(endEpochNanos())
          .inProgress(inProgress())
          .segment(segment())
          .statusCode(StatusCode.ofNumber(status()))
          .outcome(Outcome.ofBits(outcome()))
          .flags(flags())
          .resourceScope(scope)
          .format(Format.ofNumber(format()));
    }

    /** Reads the current field into {@code span} if it is one of the short texts. */
    private boolean readText(int tag, Span.Builder span) {
      switch (tag) {
        case FIELD_NAME -> span.name(text());
        case FIELD_SERVICE -> span.service(text());
        case FIELD_SERVICE_TYPE -> span.serviceType(text());
        case FIELD_PEER_NAME -> span.peerName(text());
        case FIELD_PEER_TYPE -> span.peerType(text());
        case FIELD_TRACE_STATE -> span.traceState(text());
        case FIELD_STATUS_MESSAGE -> span.statusMessage(text());
        default -> {
          return false;
        }
      }
      return true;
    }
  }

  /** A state that a builder can go back to. */
  public record Mark(int size, int spanCount) {}

  /**
   * Builds a batch: {@link #begin}, then fields in any order, then {@link #end} or {@link #discard}. Texts
   * given as bytes must be valid UTF-8. Not safe for use by several threads.
   */
  public static final class Builder {
    private static final int FIRST_KEYS = 64;

    private final ByteSink rows = new ByteSink(16 * 1024);
    private final ByteSink keyBytes = new ByteSink(1024);
    private final ByteSink values = new ByteSink(256);
    private final Map<ResourceScope, Integer> scopes = new HashMap<>();
    private final List<ResourceScope> scopeList = new ArrayList<>();
    private int[] keyEnds = new int[FIRST_KEYS];
    private int[] keyHashes = new int[FIRST_KEYS];
    private int[] keyRows = new int[FIRST_KEYS];
    private int[] keySlots = new int[FIRST_KEYS * 2];
    private int keyCount;
    private int lastKey = -1;
    private int row = -1;
    private int spanCount;
    private int begun;

    private Builder() {
      rows.reserve(HEADER_BYTES);
    }

    /** Returns how many spans have been ended. */
    public int spanCount() {
      return spanCount;
    }

    /** Returns how many bytes the spans take so far. */
    public int size() {
      return rows.size;
    }

    /** Returns the index under which spans refer to that scope. */
    public int scope(ResourceScope scope) {
      Integer known = scopes.get(scope);
      if (known != null) {
        return known;
      }
      int index = scopeList.size();
      scopes.put(scope, index);
      scopeList.add(scope);
      return index;
    }

    /**
     * Starts a span.
     *
     * @throws IllegalStateException if one is begun already
     * @throws IllegalArgumentException if an id is zero
     */
    public Builder begin(long traceIdHigh, long traceIdLow, long spanId) {
      if (row >= 0) {
        throw new IllegalStateException("cannot begin span: one is open; call end() or discard()");
      }
      if ((traceIdHigh | traceIdLow) == 0 || spanId == 0) {
        throw new IllegalArgumentException("ids: zero (expected: trace id and span id with bits set)");
      }
      row = rows.reserve(ROW_BYTES);
      Arrays.fill(rows.bytes, row, row + ROW_BYTES, (byte) 0);
      begun++;
      lastKey = -1;
      ByteSink.LONG.set(rows.bytes, row + 8, traceIdHigh);
      ByteSink.LONG.set(rows.bytes, row + 16, traceIdLow);
      ByteSink.LONG.set(rows.bytes, row + 24, spanId);
      return this;
    }

    /** Sets the parent; 0 means none. */
    public Builder parent(long spanId) {
      ByteSink.LONG.set(rows.bytes, row + 32, spanId);
      return this;
    }

    public Builder start(long epochNanos) {
      ByteSink.LONG.set(rows.bytes, row + 40, epochNanos);
      return this;
    }

    public Builder endTime(long epochNanos) {
      ByteSink.LONG.set(rows.bytes, row + 48, epochNanos);
      return this;
    }

    public Builder kind(int number) {
      rows.bytes[row + 4] = (byte) number;
      return this;
    }

    public Builder status(int number) {
      rows.bytes[row + 5] = (byte) number;
      return this;
    }

    public Builder outcome(int bits) {
      rows.bytes[row + 6] = (byte) bits;
      return this;
    }

    public Builder inProgress() {
      rows.bytes[row + 7] |= BIT_IN_PROGRESS;
      return this;
    }

    public Builder segment() {
      rows.bytes[row + 7] |= BIT_SEGMENT;
      return this;
    }

    public Builder format(Format format) {
      rows.bytes[row + 7] |= (byte) (format.number() << FORMAT_SHIFT);
      return this;
    }

    public Builder flags(int flags) {
      ByteSink.INT.set(rows.bytes, row + 56, flags);
      return this;
    }

    public Builder scopeIndex(int index) {
      Objects.checkIndex(index, scopeList.size());
      ByteSink.INT.set(rows.bytes, row + 60, index);
      return this;
    }

    /** Adds a text, document or raw field from bytes; {@code tag} is one of those FIELD constants. */
    public Builder block(int tag, byte[] source, int offset, int length) {
      rows.putByte(tag);
      rows.putBlock(source, offset, length);
      return this;
    }

    /** Adds a text or document field. */
    public Builder text(int tag, String text) {
      rows.putByte(tag);
      rows.putText(text);
      return this;
    }

    /** Adds one of the three dropped counts. */
    public Builder count(int tag, int count) {
      rows.putByte(tag);
      rows.putVarint(count);
      return this;
    }

    /**
     * Returns the index of an attribute key, to be used in the next call only, or -1 if the current span has
     * that attribute already.
     */
    public int key(byte[] source, int offset, int length) {
      int key = lastKey + 1;
      // Spans of one kind have their attributes in one order: try the key that followed last time.
      if (key >= keyCount || !keyEquals(key, source, offset, length)) {
        key = findKey(source, offset, length);
      }
      lastKey = key;
      if (keyRows[key] == begun) {
        return -1;
      }
      keyRows[key] = begun;
      return key;
    }

    /** Returns like {@link #key(byte[], int, int)} the index of a key. */
    public int key(String key) {
      byte[] utf8 = key.getBytes(StandardCharsets.UTF_8);
      return key(utf8, 0, utf8.length);
    }

    private boolean keyEquals(int key, byte[] source, int offset, int length) {
      int start = key == 0 ? 0 : keyEnds[key - 1];
      return Arrays.equals(
          keyBytes.bytes, start, keyEnds[key], source, offset, offset + length);
    }

    private int findKey(byte[] source, int offset, int length) {
      int hash = 1;
      for (int i = offset; i < offset + length; i++) {
        hash = 31 * hash + source[i];
      }
      hash ^= hash >>> 15;
      int mask = keySlots.length - 1;
      int slot = hash & mask;
      while (keySlots[slot] != 0) {
        int key = keySlots[slot] - 1;
        if (keyHashes[key] == hash && keyEquals(key, source, offset, length)) {
          return key;
        }
        slot = (slot + 1) & mask;
      }
      int key = keyCount++;
      if (key == keyEnds.length) {
        growKeys();
      }
      keyBytes.putBytes(source, offset, length);
      keyEnds[key] = keyBytes.size;
      keyHashes[key] = hash;
      putSlot(key);
      return key;
    }

    private void putSlot(int key) {
      int mask = keySlots.length - 1;
      int slot = keyHashes[key] & mask;
      while (keySlots[slot] != 0) {
        slot = (slot + 1) & mask;
      }
      keySlots[slot] = key + 1;
    }

    private void growKeys() {
      int capacity = keyEnds.length * 2;
      keyEnds = Arrays.copyOf(keyEnds, capacity);
      keyHashes = Arrays.copyOf(keyHashes, capacity);
      keyRows = Arrays.copyOf(keyRows, capacity);
      keySlots = new int[capacity * 2];
      for (int key = 0; key < keyCount - 1; key++) {
        putSlot(key);
      }
    }

    public Builder stringAttribute(int key, byte[] source, int offset, int length) {
      attributeHeader(key, VALUE_STRING);
      rows.putBlock(source, offset, length);
      return this;
    }

    public Builder longAttribute(int key, long value) {
      attributeHeader(key, VALUE_LONG);
      rows.putLong(value);
      return this;
    }

    public Builder doubleAttribute(int key, double value) {
      attributeHeader(key, VALUE_DOUBLE);
      rows.putLong(Double.doubleToRawLongBits(value));
      return this;
    }

    public Builder booleanAttribute(int key, boolean value) {
      attributeHeader(key, value ? VALUE_TRUE : VALUE_FALSE);
      return this;
    }

    /** Adds an attribute of any type. */
    public Builder attribute(int key, Value value) {
      if (value instanceof Value.ArrayValue) {
        nestedAttribute(key, VALUE_ARRAY, value);
      } else if (value instanceof Value.MapValue) {
        nestedAttribute(key, VALUE_MAP, value);
      } else {
        rows.putByte(FIELD_ATTRIBUTE);
        rows.putVarint(key);
        ValueEncoding.putValue(rows, value);
      }
      return this;
    }

    private void nestedAttribute(int key, int type, Value value) {
      attributeHeader(key, type);
      values.size = 0;
      ValueEncoding.putValue(values, value);
      rows.putInt(values.size);
      rows.putBytes(values.bytes, 0, values.size);
    }

    private void attributeHeader(int key, int type) {
      rows.putByte(FIELD_ATTRIBUTE);
      rows.putVarint(key);
      rows.putByte(type);
    }

    public Builder event(SpanEvent event) {
      values.size = 0;
      ValueEncoding.putEvent(values, event);
      return block(FIELD_EVENT, values.bytes, 0, values.size);
    }

    public Builder link(SpanLink link) {
      values.size = 0;
      ValueEncoding.putLink(values, link);
      return block(FIELD_LINK, values.bytes, 0, values.size);
    }

    /** Completes the current span. */
    public Builder end() {
      ByteSink.INT.set(rows.bytes, row, rows.size - row);
      row = -1;
      spanCount++;
      return this;
    }

    /** Drops the current span; keys that only it used stay in the batch. */
    public Builder discard() {
      rows.size = row;
      row = -1;
      return this;
    }

    /** Returns the present state, for {@link #rollback}. */
    public Mark mark() {
      return new Mark(rows.size, spanCount);
    }

    /** Drops all spans ended or begun since {@code mark} was taken. */
    public Builder rollback(Mark mark) {
      rows.size = mark.size;
      spanCount = mark.spanCount;
      row = -1;
      return this;
    }

    /** Adds a whole span. */
    public Builder add(Span span) {
      int scope = scope(span.resourceScope());
      SpanId parent = span.parentSpanId();
      begin(span.traceId().high(), span.traceId().low(), span.spanId().value())
          .parent(parent == null ? 0 : parent.value())
          .start(span.startEpochNanos())
          .endTime(span.endEpochNanos())
          .kind(span.kind().number())
          .status(span.statusCode().number())
          .outcome(span.outcome().bits())
          .flags(span.flags())
          .format(span.format())
          .scopeIndex(scope);
      if (span.inProgress()) {
        inProgress();
      }
      if (span.segment()) {
        segment();
      }
      if (!span.service().equals(serviceOf(span.resourceScope()))) {
        text(FIELD_SERVICE, span.service());
      }
      text(FIELD_NAME, span.name());
      optionalText(FIELD_SERVICE_TYPE, span.serviceType());
      optionalText(FIELD_PEER_NAME, span.peerName());
      optionalText(FIELD_PEER_TYPE, span.peerType());
      optionalText(FIELD_TRACE_STATE, span.traceState());
      optionalText(FIELD_STATUS_MESSAGE, span.statusMessage());
      optionalText(FIELD_DOCUMENT, span.document());
      if (!span.raw().isEmpty()) {
        block(FIELD_RAW, span.raw().bytes(), 0, span.raw().length());
      }
      optionalCount(FIELD_DROPPED_ATTRIBUTES, span.droppedAttributesCount());
      optionalCount(FIELD_DROPPED_EVENTS, span.droppedEventsCount());
      optionalCount(FIELD_DROPPED_LINKS, span.droppedLinksCount());
      for (Map.Entry<String, Value> attribute : span.attributes().entrySet()) {
        attribute(key(attribute.getKey()), attribute.getValue());
      }
      for (SpanEvent event : span.events()) {
        event(event);
      }
      for (SpanLink link : span.links()) {
        link(link);
      }
      return end();
    }

    private static String serviceOf(ResourceScope scope) {
      @Nullable String service = scope.resource().serviceName();
      return service == null ? "" : service;
    }

    private void optionalText(int tag, String text) {
      if (!text.isEmpty()) {
        text(tag, text);
      }
    }

    private void optionalCount(int tag, int count) {
      if (count != 0) {
        count(tag, count);
      }
    }

    /**
     * Returns the batch. The builder must not be used any more.
     *
     * @throws IllegalStateException if a span is still open
     */
    public SpanBatch build() {
      if (row >= 0) {
        throw new IllegalStateException("cannot build batch: a span is open; call end() or discard()");
      }
      int keysAt = rows.size;
      for (int key = 0; key < keyCount; key++) {
        int start = key == 0 ? 0 : keyEnds[key - 1];
        rows.putBlock(keyBytes.bytes, start, keyEnds[key] - start);
      }
      int scopesAt = rows.size;
      for (ResourceScope scope : scopeList) {
        int lengthAt = rows.reserve(Integer.BYTES);
        ValueEncoding.putResourceScope(rows, scope);
        ByteSink.INT.set(rows.bytes, lengthAt, rows.size - lengthAt - Integer.BYTES);
      }
      // A batch may stay in memory for long, and the array may be twice as large as what it holds.
      byte[] bytes =
          rows.size < rows.bytes.length - rows.bytes.length / 8
              ? Arrays.copyOf(rows.bytes, rows.size)
              : rows.bytes;
      ByteSink.INT.set(bytes, 0, MAGIC);
      ByteSink.INT.set(bytes, 4, spanCount);
      ByteSink.INT.set(bytes, 8, keysAt);
      ByteSink.INT.set(bytes, 12, keyCount);
      ByteSink.INT.set(bytes, 16, scopesAt);
      ByteSink.INT.set(bytes, 20, scopeList.size());
      ByteSink.INT.set(bytes, 24, rows.size);
      return new SpanBatch(bytes, 0, rows.size);
    }
  }
}
