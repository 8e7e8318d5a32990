// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.EntityRef;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Makes requests from a seed, with all that protobuf allows, and brings requests into one form to
 * compare.
 */
final class Requests {
  private static final String[] KEYS = {
    "http.response.status_code", "db.system", "peer.service", "server.address", "a", "b", "ключ", ""
  };

  private final Random random;

  /** Whether unknown fields are made too, which JSON cannot say. */
  private final boolean unknown;

  Requests(long seed, boolean unknown) {
    random = new Random(seed);
    this.unknown = unknown;
  }

  static byte[] id(int length, long seed) {
    byte[] id = new byte[length];
    new Random(seed).nextBytes(id);
    id[0] |= 1;
    return id;
  }

  /** A valid span with nothing else. */
  static Span.Builder span(long seed) {
    return Span.newBuilder()
        .setTraceId(ByteString.copyFrom(id(16, seed)))
        .setSpanId(ByteString.copyFrom(id(8, seed + 1)))
        .setName("span " + seed)
        .setStartTimeUnixNano(1_700_000_000_000_000_000L)
        .setEndTimeUnixNano(1_700_000_000_001_000_000L);
  }

  static ExportTraceServiceRequest of(Span... spans) {
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .setResource(Resource.newBuilder().addAttributes(text("service.name", "checkout")))
                .addScopeSpans(ScopeSpans.newBuilder().addAllSpans(List.of(spans))))
        .build();
  }

  static KeyValue text(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  static KeyValue number(String key, long value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setIntValue(value))
        .build();
  }

  ExportTraceServiceRequest request() {
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    for (int i = random.nextInt(3); i >= 0; i--) {
      ResourceSpans.Builder resourceSpans = ResourceSpans.newBuilder();
      if (random.nextInt(4) != 0) {
        resourceSpans.setResource(resource());
      }
      if (random.nextBoolean()) {
        resourceSpans.setSchemaUrl(string());
      }
      for (int j = random.nextInt(3); j > 0; j--) {
        resourceSpans.addScopeSpans(scopeSpans());
      }
      request.addResourceSpans(resourceSpans.setUnknownFields(unknownFields()));
    }
    return request.build();
  }

  private Resource resource() {
    Resource.Builder resource = Resource.newBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      resource.addAttributes(keyValue());
    }
    if (random.nextInt(4) == 0) {
      resource.setDroppedAttributesCount(random.nextInt());
    }
    if (random.nextInt(4) == 0) {
      resource.addEntityRefs(
          EntityRef.newBuilder()
              .setType(string())
              .setSchemaUrl(string())
              .addIdKeys(string())
              .addDescriptionKeys(string())
              .addDescriptionKeys("b"));
    }
    return resource.setUnknownFields(unknownFields()).build();
  }

  private ScopeSpans scopeSpans() {
    ScopeSpans.Builder scopeSpans = ScopeSpans.newBuilder();
    if (random.nextInt(4) != 0) {
      InstrumentationScope.Builder scope =
          InstrumentationScope.newBuilder().setName(string()).setVersion(string());
      for (int i = random.nextInt(3); i > 0; i--) {
        scope.addAttributes(keyValue());
      }
      if (random.nextInt(4) == 0) {
        scope.setDroppedAttributesCount(random.nextInt());
      }
      scopeSpans.setScope(scope.setUnknownFields(unknownFields()));
    }
    if (random.nextBoolean()) {
      scopeSpans.setSchemaUrl(string());
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      scopeSpans.addSpans(randomSpan());
    }
    return scopeSpans.setUnknownFields(unknownFields()).build();
  }

  private Span randomSpan() {
    Span.Builder span =
        span(random.nextLong())
            .setName(string())
            .setTraceState(random.nextBoolean() ? "" : string())
            .setStartTimeUnixNano(random.nextLong() & Long.MAX_VALUE)
            .setEndTimeUnixNano(random.nextLong() & Long.MAX_VALUE)
            .setKindValue(random.nextInt(10) == 0 ? random.nextInt() : random.nextInt(6));
    switch (random.nextInt(4)) {
      case 0 -> span.setParentSpanId(ByteString.copyFrom(new byte[8]));
      case 1 -> span.setParentSpanId(ByteString.copyFrom(id(8, random.nextLong())));
      default -> {}
    }
    for (int i = random.nextInt(12); i > 0; i--) {
      span.addAttributes(keyValue());
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      Span.Event.Builder event =
          Span.Event.newBuilder().setTimeUnixNano(random.nextLong()).setName(string());
      for (int j = random.nextInt(3); j > 0; j--) {
        event.addAttributes(keyValue());
      }
      event.setDroppedAttributesCount(random.nextInt(4) == 0 ? random.nextInt() : 0);
      span.addEvents(event.setUnknownFields(unknownFields()));
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      Span.Link.Builder link =
          Span.Link.newBuilder()
              .setTraceId(ByteString.copyFrom(id(random.nextInt(8) == 0 ? 5 : 16, 1)))
              .setSpanId(ByteString.copyFrom(new byte[random.nextInt(8)]))
              .setTraceState(string())
              .setFlags(random.nextInt());
      if (random.nextInt(4) != 0) {
        link.setSpanId(ByteString.copyFrom(id(8, random.nextLong())));
      }
      for (int j = random.nextInt(3); j > 0; j--) {
        link.addAttributes(keyValue());
      }
      link.setDroppedAttributesCount(random.nextInt(4) == 0 ? random.nextInt() : 0);
      span.addLinks(link.setUnknownFields(unknownFields()));
    }
    if (random.nextBoolean()) {
      span.setDroppedAttributesCount(random.nextInt())
          .setDroppedEventsCount(random.nextInt())
          .setDroppedLinksCount(random.nextInt())
          .setFlags(random.nextInt());
    }
    if (random.nextBoolean()) {
      span.setStatus(
          Status.newBuilder()
              .setMessage(random.nextBoolean() ? "" : string())
              .setCodeValue(random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(3))
              .setUnknownFields(unknownFields()));
    }
    return span.setUnknownFields(unknownFields()).build();
  }

  private KeyValue keyValue() {
    KeyValue.Builder keyValue = KeyValue.newBuilder().setKey(KEYS[random.nextInt(KEYS.length)]);
    if (random.nextInt(3) != 0) {
      // Mostly keys of their own, for few duplicates.
      keyValue.setKey("key." + random.nextInt(1000));
    }
    if (random.nextInt(20) == 0) {
      keyValue.setKeyStrindex(random.nextInt());
    }
    if (random.nextInt(20) != 0) {
      keyValue.setValue(anyValue(3));
    }
    return keyValue.setUnknownFields(unknownFields()).build();
  }

  private AnyValue anyValue(int depth) {
    AnyValue.Builder value = AnyValue.newBuilder();
    switch (random.nextInt(depth > 0 ? 10 : 8)) {
      case 0 -> value.setBoolValue(random.nextBoolean());
      case 1 -> value.setIntValue(random.nextBoolean() ? random.nextInt(600) : random.nextLong());
      case 2 -> value.setDoubleValue(real());
      case 3 -> value.setBytesValue(ByteString.copyFrom(id(1 + random.nextInt(20), depth)));
      case 4 -> value.setStringValueStrindex(random.nextInt());
      case 5 -> value.setUnknownFields(unknownFields());
      case 6, 7 -> value.setStringValue(string());
      case 8 -> {
        ArrayValue.Builder array = ArrayValue.newBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
          array.addValues(anyValue(depth - 1));
        }
        value.setArrayValue(array.setUnknownFields(unknownFields()));
      }
      default -> {
        KeyValueList.Builder map = KeyValueList.newBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
          map.addValues(
              KeyValue.newBuilder().setKey("k" + random.nextInt(20)).setValue(anyValue(depth - 1)));
        }
        value.setKvlistValue(map.setUnknownFields(unknownFields()));
      }
    }
    return value.build();
  }

  private double real() {
    return switch (random.nextInt(6)) {
      case 0 -> Double.NaN;
      case 1 -> Double.NEGATIVE_INFINITY;
      case 2 -> Double.POSITIVE_INFINITY;
      case 3 -> -0.0;
      case 4 -> Double.MIN_VALUE;
      default -> random.nextGaussian() * 1e9;
    };
  }

  private String string() {
    int length = random.nextInt(8) == 0 ? random.nextInt(300) : random.nextInt(12);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(
          switch (random.nextInt(20)) {
            case 0 -> 0x80 + random.nextInt(0x700);
            case 1 -> 0x800 + random.nextInt(0x5000);
            case 2 -> 0x1f600 + random.nextInt(64);
            case 3 -> random.nextInt(32);
            default -> 32 + random.nextInt(95);
          });
    }
    return text.toString();
  }

  private UnknownFieldSet unknownFields() {
    if (!unknown || random.nextInt(8) != 0) {
      return UnknownFieldSet.getDefaultInstance();
    }
    return UnknownFieldSet.newBuilder()
        .addField(
            100 + random.nextInt(50),
            UnknownFieldSet.Field.newBuilder()
                .addVarint(random.nextLong())
                .addFixed32(random.nextInt())
                .addFixed64(random.nextLong())
                .addLengthDelimited(ByteString.copyFrom(id(1 + random.nextInt(9), 3)))
                .addGroup(
                    UnknownFieldSet.newBuilder()
                        .addField(1, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
                        .build())
                .build())
        .build();
  }

  /**
   * Returns what two requests that say the same have in common: groups merged, attributes, events
   * and links in an order of their own, and no difference between an absent and an empty status or
   * parent.
   */
  static ExportTraceServiceRequest normal(ExportTraceServiceRequest request) {
    Map<ResourceSpans, Map<ScopeSpans, List<Span>>> groups = new LinkedHashMap<>();
    for (ResourceSpans resourceSpans : request.getResourceSpansList()) {
      ResourceSpans.Builder resource = resourceSpans.toBuilder().clearScopeSpans();
      if (resource.hasResource()) {
        List<KeyValue> attributes = sorted(resource.getResource().getAttributesList());
        resource.getResourceBuilder().clearAttributes().addAllAttributes(attributes);
      }
      for (ScopeSpans scopeSpans : resourceSpans.getScopeSpansList()) {
        if (scopeSpans.getSpansCount() == 0) {
          continue;
        }
        ScopeSpans.Builder scope = scopeSpans.toBuilder().clearSpans();
        if (scope.hasScope()) {
          List<KeyValue> attributes = sorted(scope.getScope().getAttributesList());
          scope.getScopeBuilder().clearAttributes().addAllAttributes(attributes);
        }
        List<Span> spans =
            groups
                .computeIfAbsent(resource.build(), _ -> new LinkedHashMap<>())
                .computeIfAbsent(scope.build(), _ -> new ArrayList<>());
        scopeSpans.getSpansList().forEach(span -> spans.add(normal(span)));
      }
    }
    ExportTraceServiceRequest.Builder normal = ExportTraceServiceRequest.newBuilder();
    groups.forEach(
        (resource, scopes) -> {
          ResourceSpans.Builder resourceSpans = resource.toBuilder();
          scopes.forEach(
              (scope, spans) -> resourceSpans.addScopeSpans(scope.toBuilder().addAllSpans(spans)));
          normal.addResourceSpans(resourceSpans);
        });
    return normal.build();
  }

  private static Span normal(Span span) {
    Span.Builder normal = span.toBuilder();
    if (span.hasStatus() && span.getStatus().equals(Status.getDefaultInstance())) {
      normal.clearStatus();
    }
    if (span.getParentSpanId().equals(ByteString.copyFrom(new byte[8]))) {
      normal.clearParentSpanId();
    }
    return normal
        .clearAttributes()
        .addAllAttributes(sorted(span.getAttributesList()))
        .clearEvents()
        .addAllEvents(
            span.getEventsList().stream()
                .sorted(Comparator.comparing(event -> event.toByteString().toString(ISO_8859_1)))
                .toList())
        .clearLinks()
        .addAllLinks(
            span.getLinksList().stream()
                .sorted(Comparator.comparing(link -> link.toByteString().toString(ISO_8859_1)))
                .toList())
        .build();
  }

  /** By key; of one key in the order given, which says what counts. */
  private static List<KeyValue> sorted(List<KeyValue> attributes) {
    return attributes.stream().sorted(Comparator.comparing(KeyValue::getKey)).toList();
  }
}
