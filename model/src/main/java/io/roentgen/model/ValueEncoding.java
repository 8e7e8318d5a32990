// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How values, attribute maps, events, links and scopes stand in the bytes of a {@link SpanBatch}. */
final class ValueEncoding {
  private ValueEncoding() {}

  static void putValue(ByteSink sink, Value value) {
    if (value instanceof Value.StringValue text) {
      sink.putByte(SpanBatch.VALUE_STRING);
      sink.putText(text.value());
    } else if (value instanceof Value.LongValue number) {
      sink.putByte(SpanBatch.VALUE_LONG);
      sink.putLong(number.value());
    } else if (value instanceof Value.DoubleValue number) {
      sink.putByte(SpanBatch.VALUE_DOUBLE);
      sink.putLong(Double.doubleToRawLongBits(number.value()));
    } else if (value instanceof Value.BooleanValue flag) {
      sink.putByte(flag.value() ? SpanBatch.VALUE_TRUE : SpanBatch.VALUE_FALSE);
    } else if (value instanceof Value.BytesValue bytes) {
      sink.putByte(SpanBatch.VALUE_BYTES);
      byte[] content = bytes.value();
      sink.putBlock(content, 0, content.length);
    } else if (value instanceof Value.ArrayValue array) {
      sink.putByte(SpanBatch.VALUE_ARRAY);
      sink.putVarint(array.values().size());
      for (Value element : array.values()) {
        putValue(sink, element);
      }
    } else if (value instanceof Value.MapValue map) {
      sink.putByte(SpanBatch.VALUE_MAP);
      putAttributes(sink, map.values());
    } else {
      sink.putByte(SpanBatch.VALUE_EMPTY);
    }
  }

  static void putAttributes(ByteSink sink, Map<String, Value> attributes) {
    sink.putVarint(attributes.size());
    for (Map.Entry<String, Value> attribute : attributes.entrySet()) {
      sink.putText(attribute.getKey());
      putValue(sink, attribute.getValue());
    }
  }

  static void putEvent(ByteSink sink, SpanEvent event) {
    sink.putLong(event.epochNanos());
    sink.putText(event.name());
    sink.putVarint(event.droppedAttributesCount());
    putAttributes(sink, event.attributes());
  }

  static void putLink(ByteSink sink, SpanLink link) {
    sink.putLong(link.traceId().high());
    sink.putLong(link.traceId().low());
    sink.putLong(link.spanId().value());
    sink.putText(link.traceState());
    sink.putInt(link.flags());
    sink.putVarint(link.droppedAttributesCount());
    putAttributes(sink, link.attributes());
  }

  static void putResourceScope(ByteSink sink, ResourceScope both) {
    Resource resource = both.resource();
    putAttributes(sink, resource.attributes());
    sink.putVarint(resource.droppedAttributesCount());
    sink.putText(resource.schemaUrl());
    putRaw(sink, resource.raw());
    Scope scope = both.scope();
    sink.putText(scope.name());
    sink.putText(scope.version());
    putAttributes(sink, scope.attributes());
    sink.putVarint(scope.droppedAttributesCount());
    sink.putText(scope.schemaUrl());
    putRaw(sink, scope.raw());
  }

  private static void putRaw(ByteSink sink, Raw raw) {
    byte[] bytes = raw.bytes();
    sink.putBlock(bytes, 0, bytes.length);
  }

  /** Reads what the put methods wrote. Trusts the bytes: a WAL frame is checked by its CRC before. */
  static final class Source {
    final byte[] bytes;
    int at;

    Source(byte[] bytes, int at) {
      this.bytes = bytes;
      this.at = at;
    }

    int getByte() {
      return bytes[at++];
    }

    int getInt() {
      int value = (int) ByteSink.INT.get(bytes, at);
      at += Integer.BYTES;
      return value;
    }

    long getLong() {
      long value = (long) ByteSink.LONG.get(bytes, at);
      at += Long.BYTES;
      return value;
    }

    int getVarint() {
      int value = bytes[at++];
      if (value >= 0) {
        return value;
      }
      value &= 0x7f;
      for (int shift = 7; ; shift += 7) {
        int next = bytes[at++];
        value |= (next & 0x7f) << shift;
        if (next >= 0) {
          return value;
        }
      }
    }

    String getText() {
      int length = getVarint();
      String text = new String(bytes, at, length, StandardCharsets.UTF_8);
      at += length;
      return text;
    }

    private byte[] getBlock() {
      byte[] block = new byte[getVarint()];
      System.arraycopy(bytes, at, block, 0, block.length);
      at += block.length;
      return block;
    }

    Value getValue() {
      int type = getByte();
      return switch (type) {
        case SpanBatch.VALUE_EMPTY -> Value.EmptyValue.INSTANCE;
        case SpanBatch.VALUE_STRING -> new Value.StringValue(getText());
        case SpanBatch.VALUE_LONG -> new Value.LongValue(getLong());
        case SpanBatch.VALUE_DOUBLE -> new Value.DoubleValue(Double.longBitsToDouble(getLong()));
        case SpanBatch.VALUE_FALSE -> new Value.BooleanValue(false);
        case SpanBatch.VALUE_TRUE -> new Value.BooleanValue(true);
        case SpanBatch.VALUE_BYTES -> new Value.BytesValue(getBlock());
        case SpanBatch.VALUE_ARRAY -> {
          int count = getVarint();
          List<Value> values = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            values.add(getValue());
          }
          yield new Value.ArrayValue(values);
        }
        case SpanBatch.VALUE_MAP -> new Value.MapValue(getAttributes());
        default -> throw new IllegalStateException("span batch: value type " + type + " at " + at);
      };
    }

    Map<String, Value> getAttributes() {
      int count = getVarint();
      Map<String, Value> attributes = new LinkedHashMap<>();
      for (int i = 0; i < count; i++) {
        String key = getText();
        attributes.put(key, getValue());
      }
      return attributes;
    }

    SpanEvent getEvent() {
      long epochNanos = getLong();
      String name = getText();
      int dropped = getVarint();
      return new SpanEvent(epochNanos, name, getAttributes(), dropped);
    }

    SpanLink getLink() {
      TraceId traceId = new TraceId(getLong(), getLong());
      SpanId spanId = new SpanId(getLong());
      String traceState = getText();
      int flags = getInt();
      int dropped = getVarint();
      return new SpanLink(traceId, spanId, traceState, flags, getAttributes(), dropped);
    }

    ResourceScope getResourceScope() {
      Resource resource =
          new Resource(getAttributes(), getVarint(), getText(), Raw.of(getBlock()));
      Scope scope =
          new Scope(
              getText(), getText(), getAttributes(), getVarint(), getText(), Raw.of(getBlock()));
      return new ResourceScope(resource, scope);
    }
  }
}
