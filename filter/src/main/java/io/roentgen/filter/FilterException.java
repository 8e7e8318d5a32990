// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import org.jspecify.annotations.Nullable;

/**
 * A filter expression that cannot be understood. The message is one sentence, such as {@code line
 * 1, column 1: unknown keyword 'respontime' (expected: a keyword; did you mean responsetime?)}.
 */
public final class FilterException extends RuntimeException {
  private final int position;
  private final int line;
  private final int column;
  private final String found;
  private final String expected;
  private final @Nullable String hint;

  FilterException(String text, int position, String found, String expected, @Nullable String hint) {
    this(position, line(text, position), column(text, position), found, expected, hint);
  }

  private FilterException(
      int position, int line, int column, String found, String expected, @Nullable String hint) {
    super(
        "line "
            + line
            + ", column "
            + column
            + ": "
            + found
            + " (expected: "
            + expected
            + (hint == null ? "" : "; did you mean " + hint + "?")
            + ")");
    this.position = position;
    this.line = line;
    this.column = column;
    this.found = found;
    this.expected = expected;
    this.hint = hint;
  }

  private static int line(String text, int position) {
    return 1 + (int) text.substring(0, position).chars().filter(c -> c == '\n').count();
  }

  private static int column(String text, int position) {
    int lineStart = text.lastIndexOf('\n', position - 1) + 1;
    return 1 + text.codePointCount(lineStart, position);
  }

  /** Returns the index of the first character that does not fit, in UTF-16 code units, from 0. */
  public int position() {
    return position;
  }

  /** Returns the line of the first character that does not fit, from 1. */
  public int line() {
    return line;
  }

  /** Returns the column of that character within its line, in characters, from 1. */
  public int column() {
    return column;
  }

  /** Returns what is there. */
  public String found() {
    return found;
  }

  /** Returns what would have fitted. */
  public String expected() {
    return expected;
  }

  /** Returns the keyword that was probably meant, or null. */
  public @Nullable String hint() {
    return hint;
  }
}
