// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import io.roentgen.model.Raw;
import io.roentgen.model.Resource;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Scope;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanLink;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.StoreCorruptedException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON that stands in text columns: OTLP's own encoding of values, attributes, events, links, resources and scopes,
 * so that any reader of the files knows what it means. Protobuf bytes that have no JSON form are in a member {@code
 * raw}, in base64.
 */
final class ValueJson {
  /** Far more than any codec lets in: what is in the log must go into a part, or nothing would any more. */
  private static final int MAX_DEPTH = 10_000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .streamWriteConstraints(
              StreamWriteConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .build();

  private ValueJson() {}

  private interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  private interface Parse<T> {
    T read(JsonParser json) throws IOException;
  }

  private static String write(Body body) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      body.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static <T> T read(String text, Parse<T> parse) {
    try (JsonParser json = JSON.createParser(text)) {
      json.nextToken();
      return parse.read(json);
    } catch (IOException | IllegalArgumentException e) {
      throw new StoreCorruptedException("stored JSON: " + e.getMessage(), e);
    }
  }

  static String value(Value value) {
    return write(json -> writeValue(json, value));
  }

  static Value value(String text) {
    return read(text, ValueJson::readValue);
  }

  static String events(List<SpanEvent> events) {
    return write(
        json -> {
          json.writeStartArray();
          for (SpanEvent event : events) {
            json.writeStartObject();
            json.writeStringField("timeUnixNano", Long.toString(event.epochNanos()));
            json.writeStringField("name", event.name());
            writeAttributes(json, event.attributes());
            writeCount(json, event.droppedAttributesCount());
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }

  static List<SpanEvent> events(String text) {
    return read(
        text,
        json -> {
          List<SpanEvent> events = new ArrayList<>();
          while (json.nextToken() == JsonToken.START_OBJECT) {
            Members members = new Members(json);
            events.add(
                new SpanEvent(members.number, members.name, members.attributes, members.dropped));
          }
          return events;
        });
  }

  static String links(List<SpanLink> links) {
    return write(
        json -> {
          json.writeStartArray();
          for (SpanLink link : links) {
            json.writeStartObject();
            json.writeStringField("traceId", link.traceId().toHex());
            json.writeStringField("spanId", link.spanId().toHex());
            if (!link.traceState().isEmpty()) {
              json.writeStringField("traceState", link.traceState());
            }
            writeAttributes(json, link.attributes());
            writeCount(json, link.droppedAttributesCount());
            if (link.flags() != 0) {
              json.writeNumberField("flags", Integer.toUnsignedLong(link.flags()));
            }
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }

  static List<SpanLink> links(String text) {
    return read(
        text,
        json -> {
          List<SpanLink> links = new ArrayList<>();
          while (json.nextToken() == JsonToken.START_OBJECT) {
            Members members = new Members(json);
            links.add(
                new SpanLink(
                    TraceId.parse(members.traceId),
                    SpanId.parse(members.spanId),
                    members.traceState,
                    (int) members.number,
                    members.attributes,
                    members.dropped));
          }
          return links;
        });
  }

  static String resource(Resource resource) {
    return write(
        json -> {
          json.writeStartObject();
          writeAttributes(json, resource.attributes());
          writeCount(json, resource.droppedAttributesCount());
          writeOrigin(json, resource.schemaUrl(), resource.raw());
          json.writeEndObject();
        });
  }

  static String scope(Scope scope) {
    return write(
        json -> {
          json.writeStartObject();
          json.writeStringField("name", scope.name());
          json.writeStringField("version", scope.version());
          writeAttributes(json, scope.attributes());
          writeCount(json, scope.droppedAttributesCount());
          writeOrigin(json, scope.schemaUrl(), scope.raw());
          json.writeEndObject();
        });
  }

  static ResourceScope resourceScope(String resource, String scope) {
    Members ofResource = read(resource, Members::new);
    Members ofScope = read(scope, Members::new);
    return new ResourceScope(
        new Resource(
            ofResource.attributes, ofResource.dropped, ofResource.schemaUrl, ofResource.raw),
        new Scope(
            ofScope.name,
            ofScope.version,
            ofScope.attributes,
            ofScope.dropped,
            ofScope.schemaUrl,
            ofScope.raw));
  }

  static String strings(List<String> strings) {
    StringBuilder plain = new StringBuilder("[");
    for (String string : strings) {
      if (!isPlain(string)) {
        return escaped(strings);
      }
      plain.append(plain.length() > 1 ? ",\"" : "\"").append(string).append('"');
    }
    return plain.append(']').toString();
  }

  /** Returns whether a text stands in JSON as it is. */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  private static String escaped(List<String> strings) {
    return write(
        json -> {
          json.writeStartArray();
          for (String string : strings) {
            json.writeString(string);
          }
          json.writeEndArray();
        });
  }

  static List<String> strings(String text) {
    return read(
        text,
        json -> {
          List<String> strings = new ArrayList<>();
          while (json.nextToken() == JsonToken.VALUE_STRING) {
            strings.add(json.getText());
          }
          return strings;
        });
  }

  private static void writeOrigin(JsonGenerator json, String schemaUrl, Raw raw)
      throws IOException {
    if (!schemaUrl.isEmpty()) {
      json.writeStringField("schemaUrl", schemaUrl);
    }
    if (!raw.isEmpty()) {
      json.writeBinaryField("raw", raw.bytes());
    }
  }

  private static void writeCount(JsonGenerator json, int droppedAttributesCount)
      throws IOException {
    if (droppedAttributesCount != 0) {
      json.writeNumberField(
          "droppedAttributesCount", Integer.toUnsignedLong(droppedAttributesCount));
    }
  }

  private static void writeAttributes(JsonGenerator json, Map<String, Value> attributes)
      throws IOException {
    if (attributes.isEmpty()) {
      return;
    }
    json.writeFieldName("attributes");
    writeKeyValues(json, attributes);
  }

  private static void writeKeyValues(JsonGenerator json, Map<String, Value> attributes)
      throws IOException {
    json.writeStartArray();
    for (Map.Entry<String, Value> attribute : attributes.entrySet()) {
      json.writeStartObject();
      json.writeStringField("key", attribute.getKey());
      json.writeFieldName("value");
      writeValue(json, attribute.getValue());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeValue(JsonGenerator json, Value value) throws IOException {
    json.writeStartObject();
    switch (value) {
      case Value.StringValue string -> json.writeStringField("stringValue", string.value());
      case Value.LongValue number ->
          json.writeStringField("intValue", Long.toString(number.value()));
      case Value.DoubleValue number -> writeDouble(json, number.value());
      case Value.BooleanValue flag -> json.writeBooleanField("boolValue", flag.value());
      case Value.BytesValue bytes -> json.writeBinaryField("bytesValue", bytes.value());
      case Value.ArrayValue array -> {
        json.writeObjectFieldStart("arrayValue");
        json.writeArrayFieldStart("values");
        for (Value element : array.values()) {
          writeValue(json, element);
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      case Value.MapValue map -> {
        json.writeObjectFieldStart("kvlistValue");
        json.writeFieldName("values");
        writeKeyValues(json, map.values());
        json.writeEndObject();
      }
      case Value.EmptyValue _ -> {}
    }
    json.writeEndObject();
  }

  private static void writeDouble(JsonGenerator json, double number) throws IOException {
    if (Double.isFinite(number)) {
      json.writeNumberField("doubleValue", number);
    } else {
      String name = Double.isNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
      json.writeStringField("doubleValue", name);
    }
  }

  /** Reads the object at whose start {@code json} stands, to its end. */
  private static Value readValue(JsonParser json) throws IOException {
    Value value = Value.EmptyValue.INSTANCE;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String type = json.currentName();
      json.nextToken();
      value =
          switch (type) {
            case "stringValue" -> Value.of(json.getText());
            case "intValue" -> Value.of(Long.parseLong(json.getText()));
            case "doubleValue" -> Value.of(Double.parseDouble(json.getText()));
            case "boolValue" -> Value.of(json.getBooleanValue());
            case "bytesValue" -> new Value.BytesValue(json.getBinaryValue());
            case "arrayValue" -> {
              json.nextToken();
              json.nextToken();
              List<Value> values = new ArrayList<>();
              while (json.nextToken() == JsonToken.START_OBJECT) {
                values.add(readValue(json));
              }
              json.nextToken();
              yield new Value.ArrayValue(values);
            }
            case "kvlistValue" -> {
              json.nextToken();
              json.nextToken();
              Map<String, Value> values = readKeyValues(json);
              json.nextToken();
              yield new Value.MapValue(values);
            }
            default -> throw new IOException("value type '" + type + "'");
          };
    }
    return value;
  }

  /** Reads the array at whose start {@code json} stands, to its end. */
  private static Map<String, Value> readKeyValues(JsonParser json) throws IOException {
    Map<String, Value> attributes = new LinkedHashMap<>();
    while (json.nextToken() == JsonToken.START_OBJECT) {
      json.nextToken();
      String key = json.nextTextValue();
      json.nextToken();
      json.nextToken();
      attributes.put(key, readValue(json));
      json.nextToken();
    }
    return attributes;
  }

  /** The members of an event, link, resource or scope; those that the object has not are empty. */
  private static final class Members {
    private Map<String, Value> attributes = Map.of();
    private int dropped;
    private String name = "";
    private String version = "";
    private String traceId = "";
    private String spanId = "";
    private String traceState = "";
    private String schemaUrl = "";
    private Raw raw = Raw.EMPTY;
    private long number;

    private Members(JsonParser json) throws IOException {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String member = json.currentName();
        json.nextToken();
        switch (member) {
          case "attributes" -> attributes = readKeyValues(json);
          case "droppedAttributesCount" -> dropped = (int) json.getLongValue();
          case "name" -> name = json.getText();
          case "version" -> version = json.getText();
          case "traceId" -> traceId = json.getText();
          case "spanId" -> spanId = json.getText();
          case "traceState" -> traceState = json.getText();
          case "schemaUrl" -> schemaUrl = json.getText();
          case "raw" -> raw = Raw.of(json.getBinaryValue());
          case "timeUnixNano" -> number = Long.parseLong(json.getText());
          case "flags" -> number = json.getLongValue();
          default -> throw new IOException("member '" + member + "'");
        }
      }
    }
  }
}
