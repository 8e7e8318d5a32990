// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.model.Hex;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a filter expression into words, strings, numbers and signs. What comes next is asked for by
 * the parser, as it alone knows whether {@code i-0abc} is a value.
 */
final class Scanner {
  private static final String BARE_PUNCTUATION = "_.-:/@%+&?#=";
  private static final int SHOWN = 24;

  private final String text;
  private int at;

  Scanner(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  int position() {
    return at;
  }

  void moveTo(int position) {
    at = position;
  }

  void skipSpace() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  boolean atEnd() {
    skipSpace();
    return at == text.length();
  }

  /** Returns whether nothing but space comes next; takes nothing. */
  boolean hasOnlySpace() {
    int end = at;
    while (end < text.length() && Character.isWhitespace(text.charAt(end))) {
      end++;
    }
    return end == text.length();
  }

  /** Returns the next character, space left out, or NUL at the end. */
  char peek() {
    skipSpace();
    return charAt(at);
  }

  private char charAt(int position) {
    return position < text.length() ? text.charAt(position) : '\0';
  }

  /** Takes a sign if it comes next. */
  boolean take(String sign) {
    skipSpace();
    if (text.startsWith(sign, at)) {
      at += sign.length();
      return true;
    }
    return false;
  }

  /** Takes a word in any case if it comes next. */
  boolean takeWord(String word) {
    if (peekWord().equalsIgnoreCase(word)) {
      at += word.length();
      return true;
    }
    return false;
  }

  /** Returns the word of letters, digits, dots and underscores that comes next, or empty. */
  String peekWord() {
    skipSpace();
    int end = at;
    while (end < text.length() && isWordPart(text.charAt(end))) {
      end++;
    }
    return text.substring(at, end);
  }

  static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.';
  }

  /** Takes a string in double quotes, or returns null if none comes next. */
  @Nullable String string() {
    if (peek() != '"') {
      return null;
    }
    int start = at;
    StringBuilder value = new StringBuilder();
    at++;
    while (true) {
      if (at == text.length()) {
        throw failure(start, "string without an end", "a double quote at its end");
      }
      char c = text.charAt(at);
      if (c == '"') {
        at++;
        return value.toString();
      }
      if (c == '\\') {
        char escaped = charAt(at + 1);
        if (escaped != '"' && escaped != '\\') {
          throw failure(at, "backslash in a string", "\\\" or \\\\");
        }
        value.append(escaped);
        at += 2;
      } else if (Character.isHighSurrogate(c) && Character.isLowSurrogate(charAt(at + 1))) {
        value.append(c).append(charAt(at + 1));
        at += 2;
      } else if (Character.isSurrogate(c)) {
        throw failure(at, "half of a surrogate pair", "whole characters");
      } else {
        value.append(c);
        at++;
      }
    }
  }

  /** Takes a value that stands without quotes, or returns null if none comes next. */
  @Nullable String bareText() {
    skipSpace();
    int end = at;
    while (end < text.length()
        && (Character.isLetterOrDigit(text.charAt(end))
            || BARE_PUNCTUATION.indexOf(text.charAt(end)) >= 0)) {
      end++;
    }
    String bare = text.substring(at, end);
    if (bare.isEmpty() || bare.equalsIgnoreCase("and") || bare.equalsIgnoreCase("or")) {
      return null;
    }
    at = end;
    return bare;
  }

  /** Takes everything up to a closing bracket, space, quote or other bracket; may be empty. */
  String bareKey() {
    skipSpace();
    int end = at;
    while (end < text.length()
        && !Character.isWhitespace(text.charAt(end))
        && !Character.isSurrogate(text.charAt(end))
        && "[]\"(){}\\".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    String key = text.substring(at, end);
    at = end;
    return key;
  }

  FilterException failure(int position, String found, String expected) {
    return failure(position, found, expected, null);
  }

  FilterException failure(int position, String found, String expected, @Nullable String hint) {
    return new FilterException(text, position, found, expected, hint);
  }

  /** Returns the exception that says what comes next and what should. */
  FilterException unexpected(String expected) {
    return unexpected(expected, null);
  }

  FilterException unexpected(String expected, @Nullable String hint) {
    skipSpace();
    return failure(at, describeNext(), expected, hint);
  }

  private String describeNext() {
    if (at == text.length()) {
      return "end of the expression";
    }
    String word = peekWord();
    if (!word.isEmpty()) {
      return "'" + shown(word) + "'";
    }
    if (text.charAt(at) == '"') {
      int end = text.indexOf('"', at + 1);
      return "string " + shown(text.substring(at, end < 0 ? text.length() : end + 1));
    }
    return "'" + shown(text.substring(at, at + Character.charCount(text.codePointAt(at)))) + "'";
  }

  /** Returns outside text cut and made fit for a message. */
  static String shown(String text) {
    return Hex.quote(text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text);
  }

  static String lower(String word) {
    return word.toLowerCase(Locale.ROOT);
  }
}
