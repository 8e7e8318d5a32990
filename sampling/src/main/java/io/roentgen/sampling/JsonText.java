// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON of a form that is known beforehand, from front to end, and says where it is another.
 * Comments of one line ({@code //}) and of several are skipped. Goes no deeper than its caller
 * does, as members that are not expected are refused, or than {@link #any} is told. Not safe for
 * use by several threads.
 */
final class JsonText {
  /** More digits than any number needs; many would make it slow to read. */
  private static final int MAX_NUMBER_LENGTH = 100;

  private static final int MAX_SHOWN = 40;

  private final String text;
  private int at;

  JsonText(String text) {
    this.text = text;
    // Editors of some systems put it there.
    at = text.startsWith("\uFEFF") ? 1 : 0;
  }

  /** Reads what a member or an element is. */
  interface Reader {
    void read() throws RuleFileException;
  }

  /** Reads what a member is. */
  interface MemberReader {
    void read(String name) throws RuleFileException;
  }

  /**
   * A value that is neither object nor array.
   *
   * @param value a String, a BigDecimal, a Boolean, or null
   */
  record Scalar(int offset, @Nullable Object value) {}

  /** Returns where the next thing begins. */
  int offset() throws RuleFileException {
    skip();
    return at;
  }

  RuleFileException error(int offset, String message) {
    int line = 1;
    int lineStart = 0;
    for (int i = 0; i < offset; i++) {
      char c = text.charAt(i);
      // A carriage return before a line feed is the end of the same line.
      if (c == '\n' || (c == '\r' && !text.startsWith("\n", i + 1))) {
        line++;
        lineStart = i + 1;
      }
    }
    return new RuleFileException(message, line, offset - lineStart + 1);
  }

  RuleFileException error(Scalar found, String name, String expected) {
    return error(found.offset, name + ": " + shown(found.value) + " (expected: " + expected + ")");
  }

  static String shown(@Nullable Object value) {
    if (!(value instanceof String string)) {
      return value instanceof Map
          ? "an object"
          : value instanceof List ? "an array" : String.valueOf(value);
    }
    StringBuilder shown = new StringBuilder("'");
    for (int i = 0; i < Math.min(string.length(), MAX_SHOWN); i++) {
      char c = string.charAt(i);
      shown.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
    }
    return shown.append(string.length() > MAX_SHOWN ? "...'" : "'").toString();
  }

  private void skip() throws RuleFileException {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        at++;
      } else if (text.startsWith("//", at)) {
        while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
          at++;
        }
      } else if (text.startsWith("/*", at)) {
        int end = text.indexOf("*/", at + 2);
        if (end < 0) {
          throw error(at, "comment: without end (expected: */)");
        }
        at = end + 2;
      } else {
        return;
      }
    }
  }

  /** Returns what begins here, for messages. */
  private String found() {
    if (at == text.length()) {
      return "end of text";
    }
    char c = text.charAt(at);
    return switch (c) {
      case '{' -> "an object";
      case '[' -> "an array";
      case '"' -> "a string";
      default ->
          Character.isISOControl(c) || Character.isSurrogate(c)
              ? "a character that cannot be shown"
              : "'" + c + "'";
    };
  }

  private boolean take(char c) throws RuleFileException {
    skip();
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void require(boolean condition, String where, String expected) throws RuleFileException {
    if (!condition) {
      throw error(at, where + ": " + found() + " (expected: " + expected + ")");
    }
  }

  /** Makes sure that nothing follows. */
  void end(String where) throws RuleFileException {
    skip();
    require(at == text.length(), where, "its end after the object");
  }

  /**
   * Reads what may be of any form: a Map by name, a List, a String, a BigDecimal, a Boolean or
   * null.
   *
   * @param depth how many arrays and objects may be in each other
   */
  @Nullable Object any(String where, int depth) throws RuleFileException {
    int offset = offset();
    char c = offset < text.length() ? text.charAt(offset) : 0;
    if (c != '{' && c != '[') {
      return scalar(where).value;
    }
    if (depth == 0) {
      throw error(offset, where + ": deeper (expected: fewer arrays and objects in each other)");
    }
    if (c == '[') {
      List<@Nullable Object> elements = new ArrayList<>();
      array(where, () -> elements.add(any(where, depth - 1)));
      return elements;
    }
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    object(where, null, name -> members.put(name, any(where, depth - 1)));
    return members;
  }

  /**
   * Reads an object; {@code reader} reads the value of each member.
   *
   * @param known the members that are not refused; null for any
   */
  void object(String where, @Nullable Set<String> known, MemberReader reader)
      throws RuleFileException {
    require(take('{'), where, "an object");
    Set<String> seen = new HashSet<>();
    if (take('}')) {
      return;
    }
    do {
      int offset = offset();
      require(at < text.length() && text.charAt(at) == '"', where, "the name of a member");
      String name = string(where);
      if (known != null && !known.contains(name)) {
        throw error(
            offset,
            where + ": member " + shown(name) + " (expected: " + String.join(", ", known) + ")");
      }
      if (!seen.add(name)) {
        throw error(offset, where + ": member " + shown(name) + " again (expected: each once)");
      }
      require(take(':'), where, ": after the name of a member");
      reader.read(name);
    } while (take(','));
    require(take('}'), where, ", or }");
  }

  /** Reads an array; {@code reader} reads each element. */
  void array(String where, Reader reader) throws RuleFileException {
    require(take('['), where, "an array");
    if (take(']')) {
      return;
    }
    do {
      reader.read();
    } while (take(','));
    require(take(']'), where, ", or ]");
  }

  /** Reads an object whose members are all scalars. */
  Map<String, Scalar> scalars(String where, Set<String> known) throws RuleFileException {
    Map<String, Scalar> scalars = new LinkedHashMap<>();
    object(where, known, name -> scalars.put(name, scalar(where + '.' + name)));
    return scalars;
  }

  /** Reads a string, number, boolean or null. */
  Scalar scalar(String where) throws RuleFileException {
    int offset = offset();
    String expected = "a string or a number";
    require(offset < text.length(), where, expected);
    char c = text.charAt(offset);
    if (c == '"') {
      return new Scalar(offset, string(where));
    }
    if ("-0123456789".indexOf(c) >= 0) {
      return new Scalar(offset, number(where));
    }
    if (word("true")) {
      return new Scalar(offset, true);
    }
    if (word("false")) {
      return new Scalar(offset, false);
    }
    require(word("null"), where, expected);
    return new Scalar(offset, null);
  }

  private boolean word(String word) {
    if (text.startsWith(word, at)) {
      at += word.length();
      return true;
    }
    return false;
  }

  private BigDecimal number(String where) throws RuleFileException {
    int start = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    String number = text.substring(start, at);
    // Of JSON's grammar, what BigDecimal does not check: leading zeros, a point without digits.
    if (number.length() > MAX_NUMBER_LENGTH
        || !number.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,9})?")) {
      throw error(start, where + ": " + shown(number) + " (expected: a number)");
    }
    return new BigDecimal(number);
  }

  private String string(String where) throws RuleFileException {
    StringBuilder string = new StringBuilder();
    int start = at;
    at++;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"') {
        at++;
        return string.toString();
      }
      if (c < ' ') {
        throw error(at, where + ": a control character in a string (expected: it escaped)");
      }
      if (c == '\\') {
        string.append(escape(where));
      } else {
        string.append(c);
        at++;
      }
    }
    throw error(start, where + ": a string without end (expected: \")");
  }

  private char escape(String where) throws RuleFileException {
    int start = at;
    at += 2;
    char kind = at <= text.length() ? text.charAt(at - 1) : 0;
    int plain = "\"\\/bfnrt".indexOf(kind);
    if (plain >= 0) {
      return "\"\\/\b\f\n\r\t".charAt(plain);
    }
    if (kind == 'u'
        && at + 4 <= text.length()
        && text.substring(at, at + 4).matches("[0-9a-fA-F]{4}")) {
      at += 4;
      return (char) Integer.parseInt(text.substring(at - 4, at), 16);
    }
    throw error(start, where + ": an unknown escape in a string (expected: one that JSON has)");
  }
}
