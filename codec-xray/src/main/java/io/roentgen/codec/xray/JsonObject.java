// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import io.roentgen.model.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object being put together: members are other such objects or finished JSON text. */
final class JsonObject {
  private static final int NANO_DIGITS = 9;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final Map<String, Object> members = new LinkedHashMap<>();

  boolean isEmpty() {
    return members.isEmpty();
  }

  boolean has(String name) {
    return members.containsKey(name);
  }

  void remove(String name) {
    members.remove(name);
  }

  /** Sets a member to JSON text. */
  void putJson(String name, String json) {
    members.put(name, json);
  }

  void putObject(String name, JsonObject object) {
    members.put(name, object);
  }

  void putText(String name, String text) {
    StringBuilder json = new StringBuilder(text.length() + 2);
    appendText(text, json);
    members.put(name, json.toString());
  }

  void putValue(String name, Value value) {
    members.put(name, json(value));
  }

  /** Sets a member to a time in epoch seconds, with as many decimals as it has. */
  void putSeconds(String name, long epochNanos) {
    long seconds = Math.floorDiv(epochNanos, NANOS_PER_SECOND);
    String nanos = Long.toString(NANOS_PER_SECOND + Math.floorMod(epochNanos, NANOS_PER_SECOND));
    int end = NANO_DIGITS + 1;
    while (end > 1 && nanos.charAt(end - 1) == '0') {
      end--;
    }
    String text = Long.toString(seconds);
    members.put(name, end == 1 ? text : text + '.' + nanos.substring(1, end));
  }

  /** Returns the object that is the member with that name, made if there is none. */
  JsonObject object(String name) {
    if (members.get(name) instanceof JsonObject object) {
      return object;
    }
    JsonObject object = new JsonObject();
    members.put(name, object);
    return object;
  }

  /** Sets the member at the end of a path of objects. */
  void putValueAt(List<String> path, Value value) {
    JsonObject object = this;
    for (String name : path.subList(0, path.size() - 1)) {
      object = object.object(name);
    }
    object.putValue(path.get(path.size() - 1), value);
  }

  /** Returns whether there is a member at the end of a path of objects. */
  boolean hasAt(List<String> path) {
    JsonObject object = this;
    for (String name : path.subList(0, path.size() - 1)) {
      if (!(object.members.get(name) instanceof JsonObject inner)) {
        return false;
      }
      object = inner;
    }
    return object.has(path.get(path.size() - 1));
  }

  /** Takes a member over from another object, if it is there. */
  void copy(JsonObject from, String name) {
    Object value = from.members.get(name);
    if (value != null) {
      members.put(name, value);
    }
  }

  /** Sets the member to what the tape has; objects on both sides are united, all else is replaced. */
  void merge(String name, JsonTape tape, int node) {
    if (tape.type(node) == JsonTape.OBJECT && members.get(name) instanceof JsonObject object) {
      for (int key = tape.first(node); key < tape.next(node); key = tape.next(key + 1)) {
        object.merge(tape.string(key), tape, key + 1);
      }
    } else {
      members.put(name, tape.json(node));
    }
  }

  /** Appends the object without its closing brace. */
  void appendOpen(StringBuilder json) {
    json.append('{');
    boolean first = true;
    for (Map.Entry<String, Object> member : members.entrySet()) {
      if (!first) {
        json.append(',');
      }
      first = false;
      appendText(member.getKey(), json);
      json.append(':');
      if (member.getValue() instanceof JsonObject object) {
        object.append(json);
      } else {
        json.append((String) member.getValue());
      }
    }
  }

  void append(StringBuilder json) {
    appendOpen(json);
    json.append('}');
  }

  @Override
  public String toString() {
    StringBuilder json = new StringBuilder();
    append(json);
    return json.toString();
  }

  /** Returns a JSON array of these objects. */
  static String array(List<JsonObject> elements) {
    StringBuilder json = new StringBuilder("[");
    for (JsonObject element : elements) {
      if (json.length() > 1) {
        json.append(',');
      }
      element.append(json);
    }
    return json.append(']').toString();
  }

  /** Returns the members of a map of attributes, for lists of events and the like. */
  static JsonObject of(Map<String, Value> attributes) {
    JsonObject object = new JsonObject();
    attributes.forEach(object::putValue);
    return object;
  }

  /** Returns the value in JSON; what JSON has no form for, NaN for example, as a string. */
  static String json(Value value) {
    StringBuilder json = new StringBuilder();
    appendValue(value, json);
    return json.toString();
  }

  private static void appendValue(Value value, StringBuilder json) {
    if (value instanceof Value.StringValue text) {
      appendText(text.value(), json);
    } else if (value instanceof Value.LongValue number) {
      json.append(number.value());
    } else if (value instanceof Value.BooleanValue flag) {
      json.append(flag.value());
    } else if (value instanceof Value.DoubleValue number) {
      if (Double.isFinite(number.value())) {
        json.append(number.value());
      } else {
        json.append('"').append(number.value()).append('"');
      }
    } else if (value instanceof Value.BytesValue bytes) {
      String base64 =
          new String(Base64.getEncoder().encode(bytes.value()), StandardCharsets.US_ASCII);
      json.append('"').append(base64).append('"');
    } else if (value instanceof Value.ArrayValue array) {
      List<String> elements = new ArrayList<>();
      for (Value element : array.values()) {
        elements.add(json(element));
      }
      json.append('[').append(String.join(",", elements)).append(']');
    } else if (value instanceof Value.MapValue map) {
      of(map.values()).append(json);
    } else {
      json.append("null");
    }
  }

  static void appendText(String text, StringBuilder json) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < ' ') {
            json.append("\\u00").append(c < 0x10 ? '0' : '1').append(Character.forDigit(c & 15, 16));
          } else if (!Character.isSurrogate(c)) {
            json.append(c);
          } else if (Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1))) {
            json.append(c).append(text.charAt(++i));
          } else {
            // Half a pair has no place in UTF-8.
            json.append('\uFFFD');
          }
        }
      }
    }
    json.append('"');
  }

  /** Returns a member's JSON text or object as text, or null if it is not there. */
  @Nullable String get(String name) {
    Object value = members.get(name);
    return value == null ? null : value.toString();
  }
}
