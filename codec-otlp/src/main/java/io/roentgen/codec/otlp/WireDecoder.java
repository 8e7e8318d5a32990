// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import io.roentgen.model.Format;
import io.roentgen.model.Hex;
import io.roentgen.model.Raw;
import io.roentgen.model.Rejection;
import io.roentgen.model.Resource;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Scope;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.SpanKind;
import io.roentgen.model.SpanLink;
import io.roentgen.model.StatusCode;
import io.roentgen.model.Value;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one ExportTraceServiceRequest. A span's fields may come in any order and more than once,
 * so a span is read twice: first its tags, noting where things are, then what they hold. Attributes
 * with plain values go from the request's bytes to the batch's without an object in between.
 *
 * <p>What has no place in the model is kept as the bytes it came in: of a span in its raw field; of
 * Resource and ResourceSpans in {@link Resource#raw}, which is a fragment of a ResourceSpans
 * message, so unknown fields of the Resource stand in a field 1 and those of the ResourceSpans
 * beside it; of InstrumentationScope and ScopeSpans likewise in {@link Scope#raw}. Protobuf merges
 * a message field that comes twice, so appending a fragment to the message written from the model
 * gives the original again.
 */
final class WireDecoder {
  private static final int RESOURCE_SPANS =
      WireReader.tagOf(Otlp.REQUEST_RESOURCE_SPANS, WireReader.LEN);

  private static final int RESOURCE =
      WireReader.tagOf(Otlp.RESOURCE_SPANS_RESOURCE, WireReader.LEN);
  private static final int SCOPE_SPANS =
      WireReader.tagOf(Otlp.RESOURCE_SPANS_SCOPE_SPANS, WireReader.LEN);
  private static final int LIBRARY_SPANS =
      WireReader.tagOf(Otlp.RESOURCE_SPANS_LIBRARY_SPANS, WireReader.LEN);
  private static final int RESOURCE_SCHEMA =
      WireReader.tagOf(Otlp.RESOURCE_SPANS_SCHEMA_URL, WireReader.LEN);
  private static final int RESOURCE_ATTRIBUTES =
      WireReader.tagOf(Otlp.RESOURCE_ATTRIBUTES, WireReader.LEN);
  private static final int RESOURCE_DROPPED =
      WireReader.tagOf(Otlp.RESOURCE_DROPPED_ATTRIBUTES, WireReader.VARINT);
  private static final int SCOPE = WireReader.tagOf(Otlp.SCOPE_SPANS_SCOPE, WireReader.LEN);
  private static final int SPANS = WireReader.tagOf(Otlp.SCOPE_SPANS_SPANS, WireReader.LEN);
  private static final int SCOPE_SCHEMA =
      WireReader.tagOf(Otlp.SCOPE_SPANS_SCHEMA_URL, WireReader.LEN);
  private static final int SCOPE_NAME = WireReader.tagOf(Otlp.SCOPE_NAME, WireReader.LEN);
  private static final int SCOPE_VERSION = WireReader.tagOf(Otlp.SCOPE_VERSION, WireReader.LEN);
  private static final int SCOPE_ATTRIBUTES =
      WireReader.tagOf(Otlp.SCOPE_ATTRIBUTES, WireReader.LEN);
  private static final int SCOPE_DROPPED =
      WireReader.tagOf(Otlp.SCOPE_DROPPED_ATTRIBUTES, WireReader.VARINT);

  // Literals, as the switch over a span's fields wants them: field number << 3 | wire type.
  private static final int TRACE_ID = 1 << 3 | WireReader.LEN;
  private static final int SPAN_ID = 2 << 3 | WireReader.LEN;
  private static final int TRACE_STATE = 3 << 3 | WireReader.LEN;
  private static final int PARENT = 4 << 3 | WireReader.LEN;
  private static final int NAME = 5 << 3 | WireReader.LEN;
  private static final int KIND = 6 << 3;
  private static final int START = 7 << 3 | WireReader.FIXED64;
  private static final int END = 8 << 3 | WireReader.FIXED64;
  private static final int ATTRIBUTE = 9 << 3 | WireReader.LEN;
  private static final int DROPPED_ATTRIBUTES = 10 << 3;
  private static final int EVENT = 11 << 3 | WireReader.LEN;
  private static final int DROPPED_EVENTS = 12 << 3;
  private static final int LINK = 13 << 3 | WireReader.LEN;
  private static final int DROPPED_LINKS = 14 << 3;
  private static final int STATUS = 15 << 3 | WireReader.LEN;
  private static final int FLAGS = 16 << 3 | WireReader.FIXED32;

  private static final int STATUS_MESSAGE = WireReader.tagOf(Otlp.STATUS_MESSAGE, WireReader.LEN);
  private static final int STATUS_CODE = WireReader.tagOf(Otlp.STATUS_CODE, WireReader.VARINT);

  private static final int KEY = WireReader.tagOf(Otlp.KEY_VALUE_KEY, WireReader.LEN);
  private static final int VALUE = WireReader.tagOf(Otlp.KEY_VALUE_VALUE, WireReader.LEN);
  private static final int VALUE_STRING = 1 << 3 | WireReader.LEN;
  private static final int VALUE_BOOL = 2 << 3;
  private static final int VALUE_INT = 3 << 3;
  private static final int VALUE_DOUBLE = 4 << 3 | WireReader.FIXED64;

  private static final int PART_INTS = 3;
  private static final int UNKNOWN_PART = 0;
  private static final int MAX_QUOTED_BYTES = 512;

  private final byte[] bytes;
  private final int end;
  private final WireReader in;
  private final ValueReader values;
  private final CallDetails call;
  private final SpanBatch.Builder batch = SpanBatch.builder();
  private final int[] rejected = new int[Rejection.values().length];
  private int rejectedSpans;
  private String firstRejected = "";

  /** Triples of tag, start and end: the repeated and unknown fields of the current span. */
  private int[] parts = new int[32 * PART_INTS];

  private int partCount;
  private final WireSink raw = new WireSink(64);
  private final WireSink inner = new WireSink(64);
  private final Set<String> keysKept = new HashSet<>();

  private int traceIdAt;
  private int traceIdLength;
  private int spanIdAt;
  private int spanIdLength;
  private int parentAt;
  private int parentLength;
  private int nameAt;
  private int nameLength;
  private int traceStateAt;
  private int traceStateLength;
  private int kind;
  private long startNanos;
  private long endNanos;
  private int droppedAttributes;
  private int droppedEvents;
  private int droppedLinks;
  private int flags;
  private int statusCode;
  private int statusMessageAt;
  private int statusMessageLength;
  private boolean begun;

  WireDecoder(byte[] bytes, int offset, int length) {
    this.bytes = bytes;
    end = offset + length;
    in = new WireReader(bytes, offset);
    values = new ValueReader(in);
    call = new CallDetails(bytes);
  }

  DecodedRequest decode() {
    while (in.at < end) {
      int tag = in.tag(end);
      if (tag == RESOURCE_SPANS) {
        int length = in.length(end);
        int start = in.at;
        in.at += length;
        resourceSpans(start, in.at);
        in.at = start + length;
      } else {
        in.skip(tag, end);
      }
    }
    TreeMap<Rejection, Integer> rejections = new TreeMap<>();
    for (Rejection rejection : Rejection.values()) {
      if (rejected[rejection.ordinal()] != 0) {
        rejections.put(rejection, rejected[rejection.ordinal()]);
      }
    }
    SpanBatch spans = batch.build();
    return new DecodedRequest(
        spans, rejectedSpans, rejections, errorMessage(spans.spanCount(), rejections));
  }

  private String errorMessage(int taken, Map<Rejection, Integer> rejections) {
    if (rejectedSpans == 0) {
      return "";
    }
    StringBuilder message = new StringBuilder();
    message.append("rejected ").append(rejectedSpans).append(" of ");
    message.append((long) rejectedSpans + taken).append(" spans (");
    String separator = "";
    for (Map.Entry<Rejection, Integer> entry : rejections.entrySet()) {
      message.append(separator).append(entry.getKey().label()).append(' ').append(entry.getValue());
      separator = ", ";
    }
    return message.append("); first: ").append(firstRejected).toString();
  }

  private void resourceSpans(int start, int limit) {
    Resource resource = null;
    byte[] serviceType = {};
    InvalidSpan invalid = null;
    try {
      resource = resource(start, limit);
      serviceType = ServiceTypes.of(resource.attributes());
    } catch (InvalidSpan e) {
      invalid = e;
    }
    in.at = start;
    while (in.at < limit) {
      int tag = in.tag(limit);
      if (tag == SCOPE_SPANS || tag == LIBRARY_SPANS) {
        int length = in.length(limit);
        int scopeStart = in.at;
        int scopeEnd = scopeStart + length;
        if (resource == null) {
          rejectAll(scopeStart, scopeEnd, Objects.requireNonNull(invalid));
        } else {
          scopeSpans(scopeStart, scopeEnd, resource, serviceType);
        }
        in.at = scopeEnd;
      } else {
        in.skip(tag, limit);
      }
    }
  }

  private Resource resource(int start, int limit) throws InvalidSpan {
    Map<String, Value> attributes = new LinkedHashMap<>();
    int dropped = 0;
    String schemaUrl = "";
    boolean present = false;
    inner.clear();
    raw.clear();
    keysKept.clear();
    in.at = start;
    while (in.at < limit) {
      int fieldAt = in.at;
      int tag = in.tag(limit);
      if (tag == RESOURCE) {
        present = true;
        int length = in.length(limit);
        int innerEnd = in.at + length;
        while (in.at < innerEnd) {
          int innerAt = in.at;
          int innerTag = in.tag(innerEnd);
          if (innerTag == RESOURCE_ATTRIBUTES) {
            sharedAttribute(innerAt, innerEnd, attributes);
          } else if (innerTag == RESOURCE_DROPPED) {
            dropped = (int) in.varint(innerEnd);
          } else {
            keepUnknown(inner, innerAt, innerTag, innerEnd);
          }
        }
      } else if (tag == RESOURCE_SCHEMA) {
        schemaUrl = values.text(limit);
      } else if (tag == SCOPE_SPANS || tag == LIBRARY_SPANS) {
        in.skip(tag, limit);
      } else {
        keepUnknown(raw, fieldAt, tag, limit);
      }
    }
    boolean empty = attributes.isEmpty() && dropped == 0;
    Raw fragment = fragment(Otlp.RESOURCE_SPANS_RESOURCE, present && empty);
    return new Resource(attributes, dropped, schemaUrl, fragment);
  }

  private Scope scope(int start, int limit) throws InvalidSpan {
    String name = "";
    String version = "";
    Map<String, Value> attributes = new LinkedHashMap<>();
    int dropped = 0;
    String schemaUrl = "";
    boolean present = false;
    inner.clear();
    raw.clear();
    keysKept.clear();
    in.at = start;
    while (in.at < limit) {
      int fieldAt = in.at;
      int tag = in.tag(limit);
      if (tag == SCOPE) {
        present = true;
        int length = in.length(limit);
        int innerEnd = in.at + length;
        while (in.at < innerEnd) {
          int innerAt = in.at;
          int innerTag = in.tag(innerEnd);
          if (innerTag == SCOPE_NAME) {
            name = values.text(innerEnd);
          } else if (innerTag == SCOPE_VERSION) {
            version = values.text(innerEnd);
          } else if (innerTag == SCOPE_ATTRIBUTES) {
            sharedAttribute(innerAt, innerEnd, attributes);
          } else if (innerTag == SCOPE_DROPPED) {
            dropped = (int) in.varint(innerEnd);
          } else {
            keepUnknown(inner, innerAt, innerTag, innerEnd);
          }
        }
      } else if (tag == SCOPE_SCHEMA) {
        schemaUrl = values.text(limit);
      } else if (tag == SPANS) {
        in.skip(tag, limit);
      } else {
        keepUnknown(raw, fieldAt, tag, limit);
      }
    }
    boolean empty = name.isEmpty() && version.isEmpty() && attributes.isEmpty() && dropped == 0;
    Raw fragment = fragment(Otlp.SCOPE_SPANS_SCOPE, present && empty);
    return new Scope(name, version, attributes, dropped, schemaUrl, fragment);
  }

  /**
   * Reads an attribute of a resource or scope; one that the map cannot hold goes to {@link #inner}.
   */
  private void sharedAttribute(int fieldAt, int limit, Map<String, Value> attributes)
      throws InvalidSpan {
    int length = in.length(limit);
    int attributeEnd = in.at + length;
    values.exact = true;
    Value value = values.keyValue(attributeEnd, 1);
    String key = new String(bytes, values.keyAt, values.keyLength, StandardCharsets.UTF_8);
    if (value == null
        || !values.exact
        || keysKept.contains(key)
        || attributes.putIfAbsent(key, value) != null) {
      keysKept.add(key);
      inner.putBytes(bytes, fieldAt, attributeEnd - fieldAt);
    }
  }

  private void keepUnknown(WireSink target, int fieldAt, int tag, int limit) {
    in.skip(tag, limit);
    target.putBytes(bytes, fieldAt, in.at - fieldAt);
  }

  /** Returns what {@link #inner} and {@link #raw} hold as one fragment of the outer message. */
  private Raw fragment(int field, boolean markPresent) {
    if (inner.size == 0 && raw.size == 0 && !markPresent) {
      return Raw.EMPTY;
    }
    WireSink fragment = new WireSink(inner.size + raw.size + 8);
    if (inner.size > 0 || markPresent) {
      fragment.putBytesField(field, inner.bytes, 0, inner.size);
    }
    fragment.putBytes(raw.bytes, 0, raw.size);
    return Raw.of(fragment.bytes, 0, fragment.size);
  }

  private void scopeSpans(int start, int limit, Resource resource, byte[] serviceType) {
    int scope = -1;
    in.at = start;
    while (in.at < limit) {
      int tag = in.tag(limit);
      if (tag == SPANS) {
        int length = in.length(limit);
        int spanStart = in.at;
        int spanEnd = spanStart + length;
        if (scope < 0) {
          try {
            scope = batch.scope(new ResourceScope(resource, scope(start, limit)));
          } catch (InvalidSpan e) {
            rejectAll(start, limit, e);
            return;
          }
        }
        span(spanStart, spanEnd, scope, serviceType);
        in.at = spanEnd;
      } else {
        in.skip(tag, limit);
      }
    }
  }

  /** Rejects the spans of a ScopeSpans because of what they share. */
  private void rejectAll(int start, int limit, InvalidSpan reason) {
    in.at = start;
    while (in.at < limit) {
      int tag = in.tag(limit);
      if (tag == SPANS) {
        int length = in.length(limit);
        int spanEnd = in.at + length;
        scan(spanEnd);
        reject(reason, "its resource or scope has ");
        in.at = spanEnd;
      } else {
        in.skip(tag, limit);
      }
    }
  }

  private void reject(InvalidSpan reason, String prefix) {
    rejected[reason.rejection.ordinal()]++;
    rejectedSpans++;
    if (firstRejected.isEmpty()) {
      String name =
          new String(bytes, nameAt, Math.min(nameLength, MAX_QUOTED_BYTES), StandardCharsets.UTF_8);
      firstRejected =
          "span '"
              + Hex.quote(name)
              + "' (trace id "
              + hex(traceIdAt, traceIdLength)
              + ", span id "
              + hex(spanIdAt, spanIdLength)
              + "): "
              + prefix
              + reason.text();
    }
  }

  private String hex(int at, int length) {
    if (length == 0) {
      return "absent";
    }
    int shown = Math.min(length, Otlp.TRACE_ID_BYTES);
    String digits = HexFormat.of().formatHex(bytes, at, at + shown);
    return shown < length ? digits + "..." : digits;
  }

  private void span(int start, int limit, int scope, byte[] serviceType) {
    in.at = start;
    scan(limit);
    begun = false;
    try {
      put(scope, serviceType);
      batch.end();
    } catch (InvalidSpan e) {
      if (begun) {
        batch.discard();
      }
      reject(e, "");
    }
  }

  /** Notes where the fields of a span are; of singular ones the last counts. */
  private void scan(int limit) {
    partCount = 0;
    traceIdLength = 0;
    spanIdLength = 0;
    parentLength = 0;
    nameLength = 0;
    traceStateLength = 0;
    kind = 0;
    startNanos = 0;
    endNanos = 0;
    droppedAttributes = 0;
    droppedEvents = 0;
    droppedLinks = 0;
    flags = 0;
    while (in.at < limit) {
      int fieldAt = in.at;
      int tag = in.tag(limit);
      switch (tag) {
        case TRACE_ID -> {
          traceIdLength = in.length(limit);
          traceIdAt = in.at;
          in.at += traceIdLength;
        }
        case SPAN_ID -> {
          spanIdLength = in.length(limit);
          spanIdAt = in.at;
          in.at += spanIdLength;
        }
        case TRACE_STATE -> {
          traceStateLength = in.length(limit);
          traceStateAt = in.at;
          in.at += traceStateLength;
        }
        case PARENT -> {
          parentLength = in.length(limit);
          parentAt = in.at;
          in.at += parentLength;
        }
        case NAME -> {
          nameLength = in.length(limit);
          nameAt = in.at;
          in.at += nameLength;
        }
        case KIND -> kind = (int) in.varint(limit);
        case START -> startNanos = in.fixed64(limit);
        case END -> endNanos = in.fixed64(limit);
        case ATTRIBUTE, EVENT, LINK, STATUS -> {
          int length = in.length(limit);
          addPart(tag, in.at, in.at + length);
          in.at += length;
        }
        case DROPPED_ATTRIBUTES -> droppedAttributes = (int) in.varint(limit);
        case DROPPED_EVENTS -> droppedEvents = (int) in.varint(limit);
        case DROPPED_LINKS -> droppedLinks = (int) in.varint(limit);
        case FLAGS -> flags = in.fixed32(limit);
        default -> {
          in.skip(tag, limit);
          addPart(UNKNOWN_PART, fieldAt, in.at);
        }
      }
    }
  }

  private void addPart(int tag, int start, int limit) {
    int at = partCount;
    if (at == parts.length) {
      parts = Arrays.copyOf(parts, 2 * at);
    }
    parts[at] = tag;
    parts[at + 1] = start;
    parts[at + 2] = limit;
    partCount = at + PART_INTS;
  }

  /** Puts the scanned span into the batch, up to its end. */
  private void put(int scope, byte[] serviceType) throws InvalidSpan {
    long parent = begin();
    raw.clear();
    if (kind < 0 || kind > SpanKind.CONSUMER.number()) {
      raw.putVarintField(Otlp.SPAN_KIND, kind);
      kind = 0;
    }
    values.checkText(nameAt, nameLength);
    batch
        .parent(parent)
        .start(startNanos)
        .endTime(endNanos)
        .kind(kind)
        .flags(flags)
        .format(Format.OTLP)
        .scopeIndex(scope)
        .block(SpanBatch.FIELD_NAME, bytes, nameAt, nameLength);
    boolean remoteParent = (flags & Otlp.FLAGS_REMOTE) == Otlp.FLAGS_REMOTE;
    if (parent == 0
        || remoteParent
        || kind == SpanKind.SERVER.number()
        || kind == SpanKind.CONSUMER.number()) {
      batch.segment();
    }
    if (serviceType.length > 0) {
      batch.block(SpanBatch.FIELD_SERVICE_TYPE, serviceType, 0, serviceType.length);
    }
    if (traceStateLength > 0) {
      values.checkText(traceStateAt, traceStateLength);
      batch.block(SpanBatch.FIELD_TRACE_STATE, bytes, traceStateAt, traceStateLength);
    }
    putCounts();
    putParts();
    batch.status(statusCode).outcome(call.outcome(statusCode));
    if (statusMessageLength > 0) {
      batch.block(SpanBatch.FIELD_STATUS_MESSAGE, bytes, statusMessageAt, statusMessageLength);
    }
    call.putPeer(batch, kind);
    if (raw.size > 0) {
      batch.block(SpanBatch.FIELD_RAW, raw.bytes, 0, raw.size);
    }
  }

  /** Checks ids and times, begins the span, and returns the parent's id. */
  private long begin() throws InvalidSpan {
    if (traceIdLength != Otlp.TRACE_ID_BYTES) {
      throw new InvalidSpan(
          Rejection.INVALID_TRACE_ID,
          "trace id of " + traceIdLength + " bytes (expected: 16 bytes, not all zero)");
    }
    long high = values.bigEndian(traceIdAt);
    long low = values.bigEndian(traceIdAt + Long.BYTES);
    if ((high | low) == 0) {
      throw new InvalidSpan(
          Rejection.INVALID_TRACE_ID, "trace id all zero (expected: at least one bit set)");
    }
    if (spanIdLength != Otlp.SPAN_ID_BYTES) {
      throw new InvalidSpan(
          Rejection.INVALID_ID,
          "span id of " + spanIdLength + " bytes (expected: 8 bytes, not all zero)");
    }
    long id = values.bigEndian(spanIdAt);
    if (id == 0) {
      throw new InvalidSpan(
          Rejection.INVALID_ID, "span id all zero (expected: at least one bit set)");
    }
    if (parentLength != 0 && parentLength != Otlp.SPAN_ID_BYTES) {
      throw new InvalidSpan(
          Rejection.INVALID_ID,
          "parent span id of " + parentLength + " bytes (expected: 8 bytes, or none)");
    }
    if (startNanos < 0) {
      throw new InvalidSpan(
          Rejection.INVALID_START_TIME,
          "start " + Long.toUnsignedString(startNanos) + " ns (expected: below 2^63)");
    }
    if (endNanos < 0) {
      throw new InvalidSpan(
          Rejection.INVALID_END_TIME,
          "end " + Long.toUnsignedString(endNanos) + " ns (expected: below 2^63)");
    }
    batch.begin(high, low, id);
    begun = true;
    return parentLength == 0 ? 0 : values.bigEndian(parentAt);
  }

  private void putCounts() {
    if (droppedAttributes != 0) {
      batch.count(SpanBatch.FIELD_DROPPED_ATTRIBUTES, droppedAttributes);
    }
    if (droppedEvents != 0) {
      batch.count(SpanBatch.FIELD_DROPPED_EVENTS, droppedEvents);
    }
    if (droppedLinks != 0) {
      batch.count(SpanBatch.FIELD_DROPPED_LINKS, droppedLinks);
    }
  }

  private void putParts() throws InvalidSpan {
    call.clear();
    statusCode = 0;
    statusMessageLength = 0;
    int strayStatusCode = 0;
    for (int i = 0; i < partCount; i += PART_INTS) {
      int start = parts[i + 1];
      int limit = parts[i + 2];
      in.at = start;
      switch (parts[i]) {
        case ATTRIBUTE -> attribute(start, limit);
        case EVENT -> event(start, limit);
        case LINK -> link(start, limit);
        case STATUS -> strayStatusCode = status(limit, strayStatusCode);
        default -> raw.putBytes(bytes, start, limit - start);
      }
    }
    if (strayStatusCode != 0) {
      int begunStatus = raw.beginMessage(Otlp.SPAN_STATUS);
      raw.putVarintField(Otlp.STATUS_CODE, strayStatusCode);
      raw.endMessage(begunStatus);
    }
  }

  /**
   * Reads a Status; one that comes twice is merged, as protobuf has it. Returns the code if it is
   * none of OTLP's, for the raw field, where unknown fields go too.
   */
  private int status(int limit, int strayCode) throws InvalidSpan {
    inner.clear();
    while (in.at < limit) {
      int fieldAt = in.at;
      int tag = in.tag(limit);
      if (tag == STATUS_MESSAGE) {
        statusMessageLength = in.length(limit);
        statusMessageAt = in.at;
        values.checkText(statusMessageAt, statusMessageLength);
        in.at += statusMessageLength;
      } else if (tag == STATUS_CODE) {
        int code = (int) in.varint(limit);
        boolean known = code >= 0 && code <= StatusCode.ERROR.number();
        statusCode = known ? code : 0;
        strayCode = known ? 0 : code;
      } else {
        keepUnknown(inner, fieldAt, tag, limit);
      }
    }
    if (inner.size > 0) {
      raw.putBytesField(Otlp.SPAN_STATUS, inner.bytes, 0, inner.size);
    }
    return strayCode;
  }

  private void event(int start, int limit) throws InvalidSpan {
    values.exact = true;
    SpanEvent event = values.event(limit);
    if (values.exact) {
      batch.event(event);
    } else {
      raw.putBytesField(Otlp.SPAN_EVENTS, bytes, start, limit - start);
    }
  }

  private void link(int start, int limit) throws InvalidSpan {
    values.exact = true;
    @Nullable SpanLink link = values.link(limit);
    if (link != null && values.exact) {
      batch.link(link);
    } else {
      raw.putBytesField(Otlp.SPAN_LINKS, bytes, start, limit - start);
    }
  }

  /**
   * Reads an attribute of the span. Nearly all are a key and then a value with one plain field,
   * each with a one-byte tag; those are copied as they stand, and everything else takes the general
   * way.
   */
  private void attribute(int start, int limit) throws InvalidSpan {
    if (start < limit && bytes[start] == KEY) {
      in.at = start + 1;
      int keyLength = in.length(limit);
      int keyAt = in.at;
      int valueTagAt = keyAt + keyLength;
      if (valueTagAt < limit && bytes[valueTagAt] == VALUE) {
        in.at = valueTagAt + 1;
        int valueLength = in.length(limit);
        if (valueLength > 1
            && in.at + valueLength == limit
            && plainAttribute(start, keyAt, keyLength, in.at, limit)) {
          return;
        }
      }
    }
    in.at = start;
    anyAttribute(start, limit);
  }

  /**
   * Puts the attribute from {@code start} to {@code limit}, whose AnyValue is at {@code valueAt};
   * does nothing and returns false if that is not one plain value.
   */
  private boolean plainAttribute(int start, int keyAt, int keyLength, int valueAt, int limit)
      throws InvalidSpan {
    in.at = valueAt + 1;
    int type = bytes[valueAt];
    int textLength = 0;
    long number = 0;
    switch (type) {
      case VALUE_STRING -> {
        textLength = in.length(limit);
        if (in.at + textLength != limit) {
          return false;
        }
        values.checkText(in.at, textLength);
      }
      case VALUE_INT, VALUE_BOOL -> number = in.varint(limit);
      case VALUE_DOUBLE -> number = in.fixed64(limit);
      default -> {
        return false;
      }
    }
    if (type != VALUE_STRING && in.at != limit) {
      return false;
    }
    values.checkText(keyAt, keyLength);
    int key = batch.key(bytes, keyAt, keyLength);
    if (key < 0) {
      raw.putBytesField(Otlp.SPAN_ATTRIBUTES, bytes, start, limit - start);
      return true;
    }
    int role = call.roleOf(key, keyAt, keyLength);
    switch (type) {
      case VALUE_STRING -> {
        if (role != 0) {
          call.text(role, in.at, textLength);
        }
        batch.stringAttribute(key, bytes, in.at, textLength);
      }
      case VALUE_INT -> {
        if (role != 0) {
          call.number(role, number);
        }
        batch.longAttribute(key, number);
      }
      case VALUE_BOOL -> batch.booleanAttribute(key, number != 0);
      default -> batch.doubleAttribute(key, Double.longBitsToDouble(number));
    }
    return true;
  }

  private void anyAttribute(int start, int limit) throws InvalidSpan {
    values.exact = true;
    Value value = values.keyValue(limit, 1);
    int keyAt = values.keyAt;
    int keyLength = values.keyLength;
    // Taken even when the value cannot be: a second one of that key must not come before it.
    int key = batch.key(bytes, keyAt, keyLength);
    int role = key < 0 ? 0 : call.roleOf(key, keyAt, keyLength);
    if (key < 0 || value == null || !values.exact) {
      raw.putBytesField(Otlp.SPAN_ATTRIBUTES, bytes, start, limit - start);
      return;
    }
    if (role != 0) {
      call.value(role, value);
    }
    batch.attribute(key, value);
  }
}
