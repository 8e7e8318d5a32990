// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON, of which two small things are read: patterns of root causes, and causes in segment
 * documents.
 */
sealed interface Json {
  record Text(String value) implements Json {}

  /** A number as it was written. */
  record Numeric(String text) implements Json {}

  record Bool(boolean value) implements Json {}

  record Null() implements Json {}

  record Array(List<Json> elements) implements Json {
    public Array {
      elements = List.copyOf(elements);
    }
  }

  record Members(Map<String, Json> members) implements Json {
    @Nullable Json get(String name) {
      return members.get(name);
    }
  }

  /** JSON that is not well-formed: where, and what would be. */
  final class Malformed extends Exception {
    private final int position;

    Malformed(int position, String expected) {
      super(expected);
      this.position = position;
    }

    int position() {
      return position;
    }
  }

  /** Reads one value from a text. */
  final class Reader {
    private final String text;
    private final int maxDepth;
    private int at;
    private int depth;

    Reader(String text, int from, int maxDepth) {
      this.text = text;
      this.maxDepth = maxDepth;
      at = from;
    }

    /** Returns where the value that was read ends. */
    int position() {
      return at;
    }

    Json read() throws Malformed {
      space();
      char c = peek();
      if (c == '{' || c == '[') {
        if (++depth > maxDepth) {
          throw new Malformed(at, "JSON nested at most " + maxDepth + " deep");
        }
        Json nested = c == '{' ? object() : array();
        depth--;
        return nested;
      }
      if (c == '"') {
        return new Text(string());
      }
      if (c == '-' || isDigit(c)) {
        return number();
      }
      for (String word : List.of("true", "false", "null")) {
        if (text.startsWith(word, at)) {
          at += word.length();
          return word.equals("null") ? new Null() : new Bool(word.equals("true"));
        }
      }
      throw new Malformed(at, "a JSON value");
    }

    private Json object() throws Malformed {
      Map<String, Json> members = new LinkedHashMap<>();
      at++;
      space();
      if (peek() == '}') {
        at++;
        return new Members(members);
      }
      while (true) {
        space();
        if (peek() != '"') {
          throw new Malformed(at, "a JSON member name in double quotes");
        }
        String name = string();
        space();
        take(':');
        members.put(name, read());
        space();
        if (peek() == '}') {
          at++;
          return new Members(members);
        }
        take(',');
      }
    }

    private Json array() throws Malformed {
      List<Json> elements = new ArrayList<>();
      at++;
      space();
      if (peek() == ']') {
        at++;
        return new Array(elements);
      }
      while (true) {
        elements.add(read());
        space();
        if (peek() == ']') {
          at++;
          return new Array(elements);
        }
        take(',');
      }
    }

    private Json number() throws Malformed {
      int start = at;
      if (peek() == '-') {
        at++;
      }
      digits();
      if (peek() == '.') {
        at++;
        digits();
      }
      if (peek() == 'e' || peek() == 'E') {
        at++;
        if (peek() == '+' || peek() == '-') {
          at++;
        }
        digits();
      }
      return new Numeric(text.substring(start, at));
    }

    private void digits() throws Malformed {
      int start = at;
      while (isDigit(peek())) {
        at++;
      }
      if (at == start) {
        throw new Malformed(at, "a digit");
      }
    }

    private String string() throws Malformed {
      StringBuilder value = new StringBuilder();
      at++;
      while (true) {
        char c = peek();
        if (at >= text.length() || c < ' ') {
          throw new Malformed(at, "a double quote that ends the string");
        }
        at++;
        if (c == '"') {
          return value.toString();
        }
        value.append(c == '\\' ? escaped() : c);
      }
    }

    private char escaped() throws Malformed {
      char c = peek();
      at++;
      return switch (c) {
        case '"', '\\', '/' -> c;
        case 'b' -> '\b';
        case 'f' -> '\f';
        case 'n' -> '\n';
        case 'r' -> '\r';
        case 't' -> '\t';
        case 'u' -> {
          int code = 0;
          for (int i = 0; i < 4; i++) {
            int digit = peek() < 128 ? Character.digit(peek(), 16) : -1;
            if (digit < 0) {
              throw new Malformed(at, "four hex digits");
            }
            code = 16 * code + digit;
            at++;
          }
          yield (char) code;
        }
        default -> throw new Malformed(at - 1, "a JSON escape such as \\\"");
      };
    }

    private void take(char c) throws Malformed {
      if (peek() != c) {
        throw new Malformed(at, c == ':' ? ":" : ", or the closing bracket");
      }
      at++;
    }

    private void space() {
      while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') {
        at++;
      }
    }

    private static boolean isDigit(char c) {
      return c >= '0' && c <= '9';
    }

    /** Returns the next character, or NUL at the end. */
    private char peek() {
      return at < text.length() ? text.charAt(at) : '\0';
    }
  }

  /** Appends this as JSON text. */
  default void append(StringBuilder out) {
    switch (this) {
      case Text(String value) -> appendText(value, out);
      case Numeric(String text) -> out.append(text);
      case Bool(boolean value) -> out.append(value);
      case Null() -> out.append("null");
      case Array(List<Json> elements) -> {
        String separator = "[";
        for (Json element : elements) {
          out.append(separator);
          element.append(out);
          separator = ",";
        }
        out.append(elements.isEmpty() ? "[]" : "]");
      }
      case Members(Map<String, Json> members) -> {
        String separator = "{";
        for (Map.Entry<String, Json> member : members.entrySet()) {
          out.append(separator);
          appendText(member.getKey(), out);
          out.append(':');
          member.getValue().append(out);
          separator = ",";
        }
        out.append(members.isEmpty() ? "{}" : "}");
      }
    }
  }

  private static void appendText(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        out.append("\\u").append(String.format("%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  /**
   * Returns whether {@code actual} has everything that {@code pattern} has: members that the
   * pattern leaves out are free, all else is equal, arrays element by element.
   */
  static boolean matches(Json pattern, Json actual) {
    return switch (pattern) {
      case Text text -> text.equals(actual);
      case Bool bool -> bool.equals(actual);
      case Null none -> none.equals(actual);
      case Numeric(String wanted) ->
          actual instanceof Numeric(String text)
              && Double.parseDouble(wanted) == Double.parseDouble(text);
      case Array(List<Json> wanted) -> {
        if (!(actual instanceof Array(List<Json> elements)) || elements.size() != wanted.size()) {
          yield false;
        }
        boolean all = true;
        for (int i = 0; i < wanted.size(); i++) {
          all &= matches(wanted.get(i), elements.get(i));
        }
        yield all;
      }
      case Members(Map<String, Json> wanted) ->
          actual instanceof Members object
              && wanted.entrySet().stream()
                  .allMatch(
                      member -> {
                        Json value = object.get(member.getKey());
                        return value != null && matches(member.getValue(), value);
                      });
    };
  }
}
