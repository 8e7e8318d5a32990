// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object from the server. Members that the server promises and that are not there are a
 * {@link CliException}. Read with the streaming parser: the data binder would double the time that
 * the command takes to start.
 */
final class JsonObject {
  private static final JsonFactory JSON = new JsonFactory();

  private final Map<String, @Nullable Object> members;

  private JsonObject(Map<String, @Nullable Object> members) {
    this.members = members;
  }

  /** Returns the object that {@code bytes} are, or null if they are anything else. */
  static @Nullable JsonObject parseOrNull(byte[] bytes) {
    try (JsonParser parser = JSON.createParser(bytes)) {
      return parser.nextToken() == JsonToken.START_OBJECT ? object(parser) : null;
    } catch (IOException notJson) {
      return null;
    }
  }

  private static JsonObject object(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      members.put(name, value(parser));
    }
    return new JsonObject(members);
  }

  // The parser bounds how deep values may nest.
  private static @Nullable Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> {
        List<@Nullable Object> values = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          values.add(value(parser));
        }
        yield values;
      }
      case VALUE_NULL -> null;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> parser.getText();
    };
  }

  private Object required(String name) {
    Object member = members.get(name);
    if (member == null) {
      throw CliException.failure(
          "the server's answer has no member '" + name + "'; is it a Roentgen of this version?");
    }
    return member;
  }

  /** Returns the text of a string or number. */
  String text(String name) {
    return required(name).toString();
  }

  /** Returns the text of a string or number, or null if it is not there. */
  @Nullable String textOrNull(String name) {
    Object member = members.get(name);
    return member == null ? null : member.toString();
  }

  /** Returns an integer, written as a number or as a string. */
  long number(String name) {
    String text = text(name);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw CliException.failure(
          "the server's answer has '" + name + "' that is no integer; is it a Roentgen?", e);
    }
  }

  /** Returns the names of the members, in their order. */
  Set<String> names() {
    return members.keySet();
  }

  boolean has(String name) {
    return members.get(name) != null;
  }

  boolean flag(String name) {
    return Boolean.TRUE.equals(required(name));
  }

  JsonObject object(String name) {
    return (JsonObject) checked(name, JsonObject.class);
  }

  List<JsonObject> objects(String name) {
    List<JsonObject> objects = new ArrayList<>();
    for (Object each : (List<?>) checked(name, List.class)) {
      if (each instanceof JsonObject object) {
        objects.add(object);
      }
    }
    return objects;
  }

  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    for (Object each : (List<?>) checked(name, List.class)) {
      texts.add(String.valueOf(each));
    }
    return texts;
  }

  private Object checked(String name, Class<?> type) {
    Object member = required(name);
    if (!type.isInstance(member)) {
      throw CliException.failure(
          "the server's answer has '" + name + "' of another kind; is it a Roentgen?");
    }
    return member;
  }
}
