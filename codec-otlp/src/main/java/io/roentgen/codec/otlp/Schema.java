// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The messages of an export request as a table, by which JSON is turned into protobuf and back. */
final class Schema {
  /** How a field stands in JSON and in protobuf. */
  enum Type {
    TEXT(WireReader.LEN),
    /** Bytes, in JSON as hex digits. */
    HEX(WireReader.LEN),
    /** Bytes, in JSON as base64. */
    BASE64(WireReader.LEN),
    BOOL(WireReader.VARINT),
    INT32(WireReader.VARINT),
    UINT32(WireReader.VARINT),
    INT64(WireReader.VARINT),
    ENUM(WireReader.VARINT),
    DOUBLE(WireReader.FIXED64),
    FIXED64(WireReader.FIXED64),
    FIXED32(WireReader.FIXED32),
    MESSAGE(WireReader.LEN);

    final int wireType;

    Type(int wireType) {
      this.wireType = wireType;
    }
  }

  /** A field; {@code message} is of MESSAGE fields, {@code names} of ENUM fields, by number. */
  record Field(
      String name,
      int number,
      Type type,
      boolean repeated,
      @Nullable Message message,
      List<String> names) {
    Message messageType() {
      return Objects.requireNonNull(message);
    }
  }

  /** A message, whose fields are by name for reading JSON and in a list for writing it. */
  static final class Message {
    final String name;
    final Map<String, Field> byName = new HashMap<>();
    final List<Field> fields = new ArrayList<>();

    /** Whether all fields are alternatives to each other. */
    final boolean oneOf;

    private Message(String name, boolean oneOf) {
      this.name = name;
      this.oneOf = oneOf;
    }

    private Message add(Field field) {
      byName.put(field.name(), field);
      fields.add(field);
      return this;
    }

    private Message field(String field, int number, Type type) {
      return add(new Field(field, number, type, false, null, List.of()));
    }

    private Message message(String field, int number, Message type) {
      return add(new Field(field, number, Type.MESSAGE, false, type, List.of()));
    }

    private Message repeated(String field, int number, Message type) {
      return add(new Field(field, number, Type.MESSAGE, true, type, List.of()));
    }

    private Message texts(String field, int number) {
      return add(new Field(field, number, Type.TEXT, true, null, List.of()));
    }

    private Message enumeration(String field, int number, String... names) {
      return add(new Field(field, number, Type.ENUM, false, null, List.of(names)));
    }

    /** Lets {@code alias} be read for {@code field}. */
    private void alias(String alias, String field) {
      byName.put(alias, Objects.requireNonNull(byName.get(field)));
    }
  }

  static final Message REQUEST = new Message("ExportTraceServiceRequest", false);
  static final Message SPAN = new Message("Span", false);
  static final Message ANY_VALUE = new Message("AnyValue", true);

  static {
    Message keyValue =
        new Message("KeyValue", false)
            .field("key", Otlp.KEY_VALUE_KEY, Type.TEXT)
            .message("value", Otlp.KEY_VALUE_VALUE, ANY_VALUE)
            .field("keyStrindex", Otlp.KEY_VALUE_STRINDEX, Type.INT32);
    Message array =
        new Message("ArrayValue", false).repeated("values", Otlp.LIST_VALUES, ANY_VALUE);
    Message map = new Message("KeyValueList", false).repeated("values", Otlp.LIST_VALUES, keyValue);
    ANY_VALUE
        .field("stringValue", Otlp.VALUE_STRING, Type.TEXT)
        .field("boolValue", Otlp.VALUE_BOOL, Type.BOOL)
        .field("intValue", Otlp.VALUE_INT, Type.INT64)
        .field("doubleValue", Otlp.VALUE_DOUBLE, Type.DOUBLE)
        .message("arrayValue", Otlp.VALUE_ARRAY, array)
        .message("kvlistValue", Otlp.VALUE_KVLIST, map)
        .field("bytesValue", Otlp.VALUE_BYTES, Type.BASE64)
        .field("stringValueStrindex", Otlp.VALUE_STRINDEX, Type.INT32);
    Message event =
        new Message("Event", false)
            .field("timeUnixNano", Otlp.EVENT_TIME, Type.FIXED64)
            .field("name", Otlp.EVENT_NAME, Type.TEXT)
            .repeated("attributes", Otlp.EVENT_ATTRIBUTES, keyValue)
            .field("droppedAttributesCount", Otlp.EVENT_DROPPED_ATTRIBUTES, Type.UINT32);
    Message link =
        new Message("Link", false)
            .field("traceId", Otlp.LINK_TRACE_ID, Type.HEX)
            .field("spanId", Otlp.LINK_SPAN_ID, Type.HEX)
            .field("traceState", Otlp.LINK_TRACE_STATE, Type.TEXT)
            .repeated("attributes", Otlp.LINK_ATTRIBUTES, keyValue)
            .field("droppedAttributesCount", Otlp.LINK_DROPPED_ATTRIBUTES, Type.UINT32)
            .field("flags", Otlp.LINK_FLAGS, Type.FIXED32);
    Message status =
        new Message("Status", false)
            .field("message", Otlp.STATUS_MESSAGE, Type.TEXT)
            .enumeration(
                "code",
                Otlp.STATUS_CODE,
                "STATUS_CODE_UNSET",
                "STATUS_CODE_OK",
                "STATUS_CODE_ERROR");
    SPAN.field("traceId", Otlp.SPAN_TRACE_ID, Type.HEX)
        .field("spanId", Otlp.SPAN_SPAN_ID, Type.HEX)
        .field("traceState", Otlp.SPAN_TRACE_STATE, Type.TEXT)
        .field("parentSpanId", Otlp.SPAN_PARENT_SPAN_ID, Type.HEX)
        .field("flags", Otlp.SPAN_FLAGS, Type.FIXED32)
        .field("name", Otlp.SPAN_NAME, Type.TEXT)
        .enumeration(
            "kind",
            Otlp.SPAN_KIND,
            "SPAN_KIND_UNSPECIFIED",
            "SPAN_KIND_INTERNAL",
            "SPAN_KIND_SERVER",
            "SPAN_KIND_CLIENT",
            "SPAN_KIND_PRODUCER",
            "SPAN_KIND_CONSUMER")
        .field("startTimeUnixNano", Otlp.SPAN_START, Type.FIXED64)
        .field("endTimeUnixNano", Otlp.SPAN_END, Type.FIXED64)
        .repeated("attributes", Otlp.SPAN_ATTRIBUTES, keyValue)
        .field("droppedAttributesCount", Otlp.SPAN_DROPPED_ATTRIBUTES, Type.UINT32)
        .repeated("events", Otlp.SPAN_EVENTS, event)
        .field("droppedEventsCount", Otlp.SPAN_DROPPED_EVENTS, Type.UINT32)
        .repeated("links", Otlp.SPAN_LINKS, link)
        .field("droppedLinksCount", Otlp.SPAN_DROPPED_LINKS, Type.UINT32)
        .message("status", Otlp.SPAN_STATUS, status);
    Message scope =
        new Message("InstrumentationScope", false)
            .field("name", Otlp.SCOPE_NAME, Type.TEXT)
            .field("version", Otlp.SCOPE_VERSION, Type.TEXT)
            .repeated("attributes", Otlp.SCOPE_ATTRIBUTES, keyValue)
            .field("droppedAttributesCount", Otlp.SCOPE_DROPPED_ATTRIBUTES, Type.UINT32);
    Message scopeSpans =
        new Message("ScopeSpans", false)
            .message("scope", Otlp.SCOPE_SPANS_SCOPE, scope)
            .repeated("spans", Otlp.SCOPE_SPANS_SPANS, SPAN)
            .field("schemaUrl", Otlp.SCOPE_SPANS_SCHEMA_URL, Type.TEXT);
    scopeSpans.alias("instrumentationLibrary", "scope");
    Message entityRef =
        new Message("EntityRef", false)
            .field("schemaUrl", 1, Type.TEXT)
            .field("type", 2, Type.TEXT)
            .texts("idKeys", 3)
            .texts("descriptionKeys", 4);
    Message resource =
        new Message("Resource", false)
            .repeated("attributes", Otlp.RESOURCE_ATTRIBUTES, keyValue)
            .field("droppedAttributesCount", Otlp.RESOURCE_DROPPED_ATTRIBUTES, Type.UINT32)
            .repeated("entityRefs", Otlp.RESOURCE_ENTITY_REFS, entityRef);
    Message resourceSpans =
        new Message("ResourceSpans", false)
            .message("resource", Otlp.RESOURCE_SPANS_RESOURCE, resource)
            .repeated("scopeSpans", Otlp.RESOURCE_SPANS_SCOPE_SPANS, scopeSpans)
            .field("schemaUrl", Otlp.RESOURCE_SPANS_SCHEMA_URL, Type.TEXT);
    resourceSpans.alias("instrumentationLibrarySpans", "scopeSpans");
    REQUEST.repeated("resourceSpans", Otlp.REQUEST_RESOURCE_SPANS, resourceSpans);
  }

  private Schema() {}
}
