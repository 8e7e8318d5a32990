// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import io.roentgen.model.Rejection;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanLink;
import io.roentgen.model.TraceId;
import io.roentgen.model.Utf8;
import io.roentgen.model.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the messages that become objects: values, events, links. After each read {@link #exact}
 * says whether the object holds everything that stood there; if not, the caller keeps the bytes
 * instead. Everything is checked either way, so that kept bytes can be parsed by others.
 */
final class ValueReader {
  private static final int KEY = WireReader.tagOf(Otlp.KEY_VALUE_KEY, WireReader.LEN);
  private static final int VALUE = WireReader.tagOf(Otlp.KEY_VALUE_VALUE, WireReader.LEN);
  private static final int STRING = WireReader.tagOf(Otlp.VALUE_STRING, WireReader.LEN);
  private static final int BOOL = WireReader.tagOf(Otlp.VALUE_BOOL, WireReader.VARINT);
  private static final int INT = WireReader.tagOf(Otlp.VALUE_INT, WireReader.VARINT);
  private static final int DOUBLE = WireReader.tagOf(Otlp.VALUE_DOUBLE, WireReader.FIXED64);
  private static final int ARRAY = WireReader.tagOf(Otlp.VALUE_ARRAY, WireReader.LEN);
  private static final int KVLIST = WireReader.tagOf(Otlp.VALUE_KVLIST, WireReader.LEN);
  private static final int BYTES = WireReader.tagOf(Otlp.VALUE_BYTES, WireReader.LEN);
  private static final int LIST_VALUES = WireReader.tagOf(Otlp.LIST_VALUES, WireReader.LEN);
  private static final int EVENT_TIME = WireReader.tagOf(Otlp.EVENT_TIME, WireReader.FIXED64);
  private static final int EVENT_NAME = WireReader.tagOf(Otlp.EVENT_NAME, WireReader.LEN);
  private static final int EVENT_ATTRIBUTES =
      WireReader.tagOf(Otlp.EVENT_ATTRIBUTES, WireReader.LEN);
  private static final int EVENT_DROPPED =
      WireReader.tagOf(Otlp.EVENT_DROPPED_ATTRIBUTES, WireReader.VARINT);
  private static final int LINK_TRACE_ID = WireReader.tagOf(Otlp.LINK_TRACE_ID, WireReader.LEN);
  private static final int LINK_SPAN_ID = WireReader.tagOf(Otlp.LINK_SPAN_ID, WireReader.LEN);
  private static final int LINK_STATE = WireReader.tagOf(Otlp.LINK_TRACE_STATE, WireReader.LEN);
  private static final int LINK_ATTRIBUTES = WireReader.tagOf(Otlp.LINK_ATTRIBUTES, WireReader.LEN);
  private static final int LINK_DROPPED =
      WireReader.tagOf(Otlp.LINK_DROPPED_ATTRIBUTES, WireReader.VARINT);
  private static final int LINK_FLAGS = WireReader.tagOf(Otlp.LINK_FLAGS, WireReader.FIXED32);

  private final WireReader in;

  /** Whether what was read since the caller set it to true is all in the objects returned. */
  boolean exact;

  /** Where the key of the last {@link #keyValue} stands, 0 long if there was none. */
  int keyAt;

  int keyLength;

  ValueReader(WireReader in) {
    this.in = in;
  }

  /** Checks the text at a place. */
  void checkText(int at, int length) throws InvalidSpan {
    if (!Utf8.isValid(in.bytes, at, length)) {
      throw new InvalidSpan(Rejection.INVALID_TEXT, "text that is not UTF-8");
    }
  }

  String text(int at, int length) throws InvalidSpan {
    checkText(at, length);
    return new String(in.bytes, at, length, StandardCharsets.UTF_8);
  }

  /** Reads a length and text. */
  String text(int end) throws InvalidSpan {
    int length = in.length(end);
    String text = text(in.at, length);
    in.at += length;
    return text;
  }

  /**
   * Reads a KeyValue whose bytes are from {@code in.at} to {@code end}; returns null without a
   * value.
   */
  @Nullable Value keyValue(int end, int depth) throws InvalidSpan {
    int key = in.at;
    int length = 0;
    boolean hasKey = false;
    Value value = null;
    while (in.at < end) {
      int tag = in.tag(end);
      if (tag == KEY) {
        exact &= !hasKey;
        hasKey = true;
        length = in.length(end);
        key = in.at;
        checkText(key, length);
        in.at += length;
      } else if (tag == VALUE) {
        // Protobuf merges a message that comes twice; nobody sends that, so the bytes are kept as
        // they are.
        exact &= value == null;
        int valueLength = in.length(end);
        value = value(in.at + valueLength, depth);
      } else {
        exact = false;
        in.skip(tag, end);
      }
    }
    keyAt = key;
    keyLength = length;
    exact &= value != null;
    return value;
  }

  /** Reads an AnyValue whose bytes are from {@code in.at} to {@code end}. */
  Value value(int end, int depth) throws InvalidSpan {
    if (depth > Otlp.MAX_VALUE_DEPTH) {
      throw new InvalidSpan(
          Rejection.TOO_LARGE, "attribute value nested over " + Otlp.MAX_VALUE_DEPTH + " deep");
    }
    Value value = null;
    while (in.at < end) {
      int tag = in.tag(end);
      Value next;
      if (tag == STRING) {
        next = new Value.StringValue(text(end));
      } else if (tag == BOOL) {
        next = new Value.BooleanValue(in.varint(end) != 0);
      } else if (tag == INT) {
        next = new Value.LongValue(in.varint(end));
      } else if (tag == DOUBLE) {
        next = new Value.DoubleValue(Double.longBitsToDouble(in.fixed64(end)));
      } else if (tag == BYTES) {
        int length = in.length(end);
        next = new Value.BytesValue(Arrays.copyOfRange(in.bytes, in.at, in.at + length));
        in.at += length;
      } else if (tag == ARRAY) {
        int length = in.length(end);
        next = array(in.at + length, depth);
      } else if (tag == KVLIST) {
        int length = in.length(end);
        next = map(in.at + length, depth);
      } else {
        exact = false;
        in.skip(tag, end);
        continue;
      }
      exact &= value == null;
      value = next;
    }
    return value == null ? Value.EmptyValue.INSTANCE : value;
  }

  private Value array(int end, int depth) throws InvalidSpan {
    List<Value> values = new ArrayList<>();
    while (in.at < end) {
      int tag = in.tag(end);
      if (tag == LIST_VALUES) {
        int length = in.length(end);
        values.add(value(in.at + length, depth + 1));
      } else {
        exact = false;
        in.skip(tag, end);
      }
    }
    return new Value.ArrayValue(values);
  }

  private Value map(int end, int depth) throws InvalidSpan {
    Map<String, Value> values = new LinkedHashMap<>();
    while (in.at < end) {
      int tag = in.tag(end);
      if (tag == LIST_VALUES) {
        attribute(end, depth + 1, values);
      } else {
        exact = false;
        in.skip(tag, end);
      }
    }
    return new Value.MapValue(values);
  }

  /** Reads a length and a KeyValue into {@code target}; the first of two equal keys stays. */
  void attribute(int end, int depth, Map<String, Value> target) throws InvalidSpan {
    int length = in.length(end);
    Value value = keyValue(in.at + length, depth);
    if (value != null) {
      String key = new String(in.bytes, keyAt, keyLength, StandardCharsets.UTF_8);
      exact &= target.putIfAbsent(key, value) == null;
    }
  }

  /** Reads an event whose bytes are from {@code in.at} to {@code end}. */
  SpanEvent event(int end) throws InvalidSpan {
    long epochNanos = 0;
    String name = "";
    int dropped = 0;
    Map<String, Value> attributes = new LinkedHashMap<>();
    while (in.at < end) {
      int tag = in.tag(end);
      if (tag == EVENT_TIME) {
        epochNanos = in.fixed64(end);
      } else if (tag == EVENT_NAME) {
        name = text(end);
      } else if (tag == EVENT_ATTRIBUTES) {
        attribute(end, 1, attributes);
      } else if (tag == EVENT_DROPPED) {
        dropped = (int) in.varint(end);
      } else {
        exact = false;
        in.skip(tag, end);
      }
    }
    return new SpanEvent(epochNanos, name, attributes, dropped);
  }

  /**
   * Reads a link from {@code in.at} to {@code end}; null, and not exact, if its ids are not valid.
   */
  @Nullable SpanLink link(int end) throws InvalidSpan {
    int traceAt = 0;
    int traceLength = 0;
    int spanAt = 0;
    int spanLength = 0;
    String traceState = "";
    int flags = 0;
    int dropped = 0;
    Map<String, Value> attributes = new LinkedHashMap<>();
    while (in.at < end) {
      int tag = in.tag(end);
      if (tag == LINK_TRACE_ID) {
        traceLength = in.length(end);
        traceAt = in.at;
        in.at += traceLength;
      } else if (tag == LINK_SPAN_ID) {
        spanLength = in.length(end);
        spanAt = in.at;
        in.at += spanLength;
      } else if (tag == LINK_STATE) {
        traceState = text(end);
      } else if (tag == LINK_ATTRIBUTES) {
        attribute(end, 1, attributes);
      } else if (tag == LINK_DROPPED) {
        dropped = (int) in.varint(end);
      } else if (tag == LINK_FLAGS) {
        flags = in.fixed32(end);
      } else {
        exact = false;
        in.skip(tag, end);
      }
    }
    if (traceLength == Otlp.TRACE_ID_BYTES && spanLength == Otlp.SPAN_ID_BYTES) {
      long high = bigEndian(traceAt);
      long low = bigEndian(traceAt + Long.BYTES);
      long id = bigEndian(spanAt);
      if ((high | low) != 0 && id != 0) {
        return new SpanLink(
            new TraceId(high, low), new SpanId(id), traceState, flags, attributes, dropped);
      }
    }
    exact = false;
    return null;
  }

  long bigEndian(int at) {
    return Long.reverseBytes((long) WireSink.LONG.get(in.bytes, at));
  }
}
