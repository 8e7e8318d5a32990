// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.roentgen.server.intake.Refusal;
import io.roentgen.server.intake.RefusedException;
import java.io.IOException;

/** Reads requests member by member; what is of another type than expected refuses the request. */
public final class RequestReader {
  private RequestReader() {}

  /** Reads one member's value, whose first token is current, to its end. */
  public interface Member {
    void read(String name, JsonToken token) throws IOException;
  }

  /** Reads an object whose first token comes next. */
  public static void object(JsonParser json, Member member) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw invalid("body", "not an object", "an object");
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      member.read(field, value);
    }
    end(json);
  }

  /** Refuses what stands behind the one value that a body is. */
  static void end(JsonParser json) throws IOException {
    if (json.nextToken() != null) {
      throw invalid("body", "more than one JSON value", "a JSON object alone");
    }
  }

  /**
   * Reads an array of at most {@code max} elements, whose first token is current. Null is an empty
   * array.
   */
  public static void array(JsonParser json, JsonToken token, String name, int max, Element element)
      throws IOException {
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    if (token != JsonToken.START_ARRAY) {
      throw invalid(name, "not an array", "an array");
    }
    int count = 0;
    for (JsonToken next = json.nextToken(); next != JsonToken.END_ARRAY; next = json.nextToken()) {
      if (++count > max) {
        throw invalid(name, "more than " + max + " elements", "at most " + max);
      }
      element.read(next);
    }
  }

  /** Reads one element, whose first token is current, to its end. */
  public interface Element {
    void read(JsonToken token) throws IOException;
  }

  /** Returns the refusal of a member. */
  public static RefusedException invalid(String name, String found, String expected) {
    return new RefusedException(
        new Refusal.Malformed(name + ": " + found + " (expected: " + expected + ")"));
  }
}
