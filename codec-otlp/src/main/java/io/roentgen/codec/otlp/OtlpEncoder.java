// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import io.roentgen.model.Format;
import io.roentgen.model.Raw;
import io.roentgen.model.Resource;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Scope;
import io.roentgen.model.Span;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanLink;
import io.roentgen.model.StatusCode;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Encodes spans as a TracesData message, which an ExportTraceServiceRequest is too. Spans are
 * grouped by resource and then scope, each in the order first seen.
 *
 * <p>A span that came by OTLP is written with everything it came with. One that came by X-Ray is
 * written with its attributes; its service, if the resource does not name it, as {@code
 * service.name}; the rest of its document as attribute {@code xray.document}; and, while it has not
 * ended, with {@code aws.xray.inprogress}.
 */
public final class OtlpEncoder {
  private static final String DOCUMENT_KEY = "xray.document";
  private static final String IN_PROGRESS_KEY = "aws.xray.inprogress";
  private static final String SERVICE_KEY = "service.name";

  private final WireSink out = new WireSink(16 * 1024);

  private OtlpEncoder() {}

  /** Returns the spans in protobuf. */
  public static byte[] encodeProtobuf(Collection<Span> spans) {
    OtlpEncoder encoder = new OtlpEncoder();
    encoder.putAll(spans);
    return encoder.out.toByteArray();
  }

  /**
   * Returns the spans in OTLP/JSON: ids in hex, 64-bit integers as strings, enums as numbers.
   * Fields that OTLP does not know, which protobuf would carry, are not in it.
   */
  public static String encodeJson(Collection<Span> spans) {
    return JsonEncoder.encode(encodeProtobuf(spans), Schema.REQUEST);
  }

  private void putAll(Collection<Span> spans) {
    Map<Resource, Map<Scope, List<Span>>> groups = new LinkedHashMap<>();
    Map<ResourceScope, List<Span>> known = new LinkedHashMap<>();
    for (Span span : spans) {
      ResourceScope key = scopeOf(span);
      List<Span> group = known.get(key);
      if (group == null) {
        group = new ArrayList<>();
        known.put(key, group);
        groups.computeIfAbsent(key.resource(), _ -> new LinkedHashMap<>()).put(key.scope(), group);
      }
      group.add(span);
    }
    groups.forEach(this::putResourceSpans);
  }

  /** Returns the span's resource and scope, with the service added if only the span says it. */
  private static ResourceScope scopeOf(Span span) {
    ResourceScope both = span.resourceScope();
    Resource resource = both.resource();
    if (span.service().isEmpty() || span.service().equals(resource.serviceName())) {
      return both;
    }
    Map<String, Value> attributes = new LinkedHashMap<>(resource.attributes());
    attributes.put(SERVICE_KEY, Value.of(span.service()));
    return new ResourceScope(
        new Resource(
            attributes, resource.droppedAttributesCount(), resource.schemaUrl(), resource.raw()),
        both.scope());
  }

  private void putResourceSpans(Resource resource, Map<Scope, List<Span>> scopes) {
    int begun = out.beginMessage(Otlp.REQUEST_RESOURCE_SPANS);
    byte[] raw = resource.raw().bytes();
    if (!resource.attributes().isEmpty()
        || resource.droppedAttributesCount() != 0
        || hasField(raw, Otlp.RESOURCE_SPANS_RESOURCE)) {
      int inner = out.beginMessage(Otlp.RESOURCE_SPANS_RESOURCE);
      putAttributes(Otlp.RESOURCE_ATTRIBUTES, resource.attributes());
      putCount(Otlp.RESOURCE_DROPPED_ATTRIBUTES, resource.droppedAttributesCount());
      putInside(raw, Otlp.RESOURCE_SPANS_RESOURCE);
      out.endMessage(inner);
    }
    scopes.forEach(this::putScopeSpans);
    putText(Otlp.RESOURCE_SPANS_SCHEMA_URL, resource.schemaUrl());
    putBeside(raw, Otlp.RESOURCE_SPANS_RESOURCE);
    out.endMessage(begun);
  }

  private void putScopeSpans(Scope scope, List<Span> spans) {
    int begun = out.beginMessage(Otlp.RESOURCE_SPANS_SCOPE_SPANS);
    byte[] raw = scope.raw().bytes();
    if (!scope.name().isEmpty()
        || !scope.version().isEmpty()
        || !scope.attributes().isEmpty()
        || scope.droppedAttributesCount() != 0
        || hasField(raw, Otlp.SCOPE_SPANS_SCOPE)) {
      int inner = out.beginMessage(Otlp.SCOPE_SPANS_SCOPE);
      putText(Otlp.SCOPE_NAME, scope.name());
      putText(Otlp.SCOPE_VERSION, scope.version());
      putAttributes(Otlp.SCOPE_ATTRIBUTES, scope.attributes());
      putCount(Otlp.SCOPE_DROPPED_ATTRIBUTES, scope.droppedAttributesCount());
      putInside(raw, Otlp.SCOPE_SPANS_SCOPE);
      out.endMessage(inner);
    }
    for (Span span : spans) {
      putSpan(span);
    }
    putText(Otlp.SCOPE_SPANS_SCHEMA_URL, scope.schemaUrl());
    putBeside(raw, Otlp.SCOPE_SPANS_SCOPE);
    out.endMessage(begun);
  }

  private static boolean hasField(byte[] fragment, int field) {
    WireReader in = new WireReader(fragment, 0);
    while (in.at < fragment.length) {
      int tag = in.tag(fragment.length);
      if (tag == WireReader.tagOf(field, WireReader.LEN)) {
        return true;
      }
      in.skip(tag, fragment.length);
    }
    return false;
  }

  /** Writes what stands inside a message field of a fragment. */
  private void putInside(byte[] fragment, int field) {
    WireReader in = new WireReader(fragment, 0);
    while (in.at < fragment.length) {
      int tag = in.tag(fragment.length);
      if (tag == WireReader.tagOf(field, WireReader.LEN)) {
        int length = in.length(fragment.length);
        out.putBytes(fragment, in.at, length);
        in.at += length;
      } else {
        in.skip(tag, fragment.length);
      }
    }
  }

  /** Writes the other fields of a fragment. */
  private void putBeside(byte[] fragment, int field) {
    WireReader in = new WireReader(fragment, 0);
    while (in.at < fragment.length) {
      int start = in.at;
      int tag = in.tag(fragment.length);
      in.skip(tag, fragment.length);
      if (tag != WireReader.tagOf(field, WireReader.LEN)) {
        out.putBytes(fragment, start, in.at - start);
      }
    }
  }

  private void putSpan(Span span) {
    int begun = out.beginMessage(Otlp.SCOPE_SPANS_SPANS);
    putTraceId(Otlp.SPAN_TRACE_ID, span.traceId());
    putSpanId(Otlp.SPAN_SPAN_ID, span.spanId());
    putText(Otlp.SPAN_TRACE_STATE, span.traceState());
    SpanId parent = span.parentSpanId();
    if (parent != null) {
      putSpanId(Otlp.SPAN_PARENT_SPAN_ID, parent);
    }
    putText(Otlp.SPAN_NAME, span.name());
    putCount(Otlp.SPAN_KIND, span.kind().number());
    putTime(Otlp.SPAN_START, span.startEpochNanos());
    putTime(Otlp.SPAN_END, span.endEpochNanos());
    putAttributes(Otlp.SPAN_ATTRIBUTES, span.attributes());
    if (span.format() == Format.XRAY) {
      putXRay(span);
    }
    putCount(Otlp.SPAN_DROPPED_ATTRIBUTES, span.droppedAttributesCount());
    span.events().forEach(this::putEvent);
    putCount(Otlp.SPAN_DROPPED_EVENTS, span.droppedEventsCount());
    span.links().forEach(this::putLink);
    putCount(Otlp.SPAN_DROPPED_LINKS, span.droppedLinksCount());
    if (span.statusCode() != StatusCode.UNSET || !span.statusMessage().isEmpty()) {
      int status = out.beginMessage(Otlp.SPAN_STATUS);
      putText(Otlp.STATUS_MESSAGE, span.statusMessage());
      putCount(Otlp.STATUS_CODE, span.statusCode().number());
      out.endMessage(status);
    }
    putFlags(Otlp.SPAN_FLAGS, span.flags());
    Raw raw = span.raw();
    out.putBytes(raw.bytes(), 0, raw.length());
    out.endMessage(begun);
  }

  private void putXRay(Span span) {
    if (!span.document().isEmpty()) {
      putAttribute(Otlp.SPAN_ATTRIBUTES, DOCUMENT_KEY, Value.of(span.document()));
    }
    if (span.inProgress()) {
      putAttribute(Otlp.SPAN_ATTRIBUTES, IN_PROGRESS_KEY, Value.of(true));
    }
  }

  private void putEvent(SpanEvent event) {
    int begun = out.beginMessage(Otlp.SPAN_EVENTS);
    putTime(Otlp.EVENT_TIME, event.epochNanos());
    putText(Otlp.EVENT_NAME, event.name());
    putAttributes(Otlp.EVENT_ATTRIBUTES, event.attributes());
    putCount(Otlp.EVENT_DROPPED_ATTRIBUTES, event.droppedAttributesCount());
    out.endMessage(begun);
  }

  private void putLink(SpanLink link) {
    int begun = out.beginMessage(Otlp.SPAN_LINKS);
    putTraceId(Otlp.LINK_TRACE_ID, link.traceId());
    putSpanId(Otlp.LINK_SPAN_ID, link.spanId());
    putText(Otlp.LINK_TRACE_STATE, link.traceState());
    putAttributes(Otlp.LINK_ATTRIBUTES, link.attributes());
    putCount(Otlp.LINK_DROPPED_ATTRIBUTES, link.droppedAttributesCount());
    putFlags(Otlp.LINK_FLAGS, link.flags());
    out.endMessage(begun);
  }

  private void putAttributes(int field, Map<String, Value> attributes) {
    attributes.forEach((key, value) -> putAttribute(field, key, value));
  }

  private void putAttribute(int field, String key, Value value) {
    int begun = out.beginMessage(field);
    putText(Otlp.KEY_VALUE_KEY, key);
    putValue(Otlp.KEY_VALUE_VALUE, value);
    out.endMessage(begun);
  }

  private void putValue(int field, Value value) {
    int begun = out.beginMessage(field);
    switch (value) {
      case Value.StringValue(var text) -> out.putTextField(Otlp.VALUE_STRING, text);
      case Value.BooleanValue(var flag) -> out.putVarintField(Otlp.VALUE_BOOL, flag ? 1 : 0);
      case Value.LongValue(var number) -> out.putVarintField(Otlp.VALUE_INT, number);
      case Value.DoubleValue(var number) ->
          out.putFixed64Field(Otlp.VALUE_DOUBLE, Double.doubleToRawLongBits(number));
      case Value.BytesValue bytes -> {
        byte[] content = bytes.value();
        out.putBytesField(Otlp.VALUE_BYTES, content, 0, content.length);
      }
      case Value.ArrayValue(var values) -> {
        int list = out.beginMessage(Otlp.VALUE_ARRAY);
        for (Value element : values) {
          putValue(Otlp.LIST_VALUES, element);
        }
        out.endMessage(list);
      }
      case Value.MapValue(var values) -> {
        int list = out.beginMessage(Otlp.VALUE_KVLIST);
        putAttributes(Otlp.LIST_VALUES, values);
        out.endMessage(list);
      }
      case Value.EmptyValue _ -> {}
    }
    out.endMessage(begun);
  }

  private void putTraceId(int field, TraceId id) {
    out.putTag(field, WireReader.LEN);
    out.putVarint(Otlp.TRACE_ID_BYTES);
    out.putBigEndian(id.high());
    out.putBigEndian(id.low());
  }

  private void putSpanId(int field, SpanId id) {
    out.putTag(field, WireReader.LEN);
    out.putVarint(Otlp.SPAN_ID_BYTES);
    out.putBigEndian(id.value());
  }

  private void putText(int field, String text) {
    if (!text.isEmpty()) {
      out.putTextField(field, text);
    }
  }

  private void putCount(int field, int count) {
    if (count != 0) {
      out.putVarintField(field, Integer.toUnsignedLong(count));
    }
  }

  private void putTime(int field, long epochNanos) {
    if (epochNanos != 0) {
      out.putFixed64Field(field, epochNanos);
    }
  }

  private void putFlags(int field, int flags) {
    if (flags != 0) {
      out.putFixed32Field(field, flags);
    }
  }
}
