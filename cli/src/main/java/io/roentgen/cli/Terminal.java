// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import java.io.Console;
import java.nio.charset.Charset;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where output goes.
 *
 * @param columns characters in a line
 * @param colours whether colours may be used
 * @param unicode whether lines and blocks can be drawn
 * @param zone the zone in which times are shown
 */
record Terminal(int columns, boolean colours, boolean unicode, ZoneId zone) {
  private static final int DEFAULT_COLUMNS = 100;
  private static final int MIN_COLUMNS = 60;
  private static final int MAX_COLUMNS = 1_000;

  /** Returns the terminal of this process. */
  static Terminal ofProcess(Map<String, String> environment) {
    Charset charset = Charset.forName(System.getProperty("stdout.encoding", "US-ASCII"));
    return new Terminal(
        columns(environment.get("COLUMNS")),
        Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()
            && environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !environment.getOrDefault("TERM", "").equals("dumb"),
        charset.newEncoder().canEncode("└─█…"),
        ZoneId.systemDefault());
  }

  static int columns(@Nullable String text) {
    if (text == null || !text.matches("[0-9]{1,5}")) {
      return DEFAULT_COLUMNS;
    }
    return Math.clamp(Integer.parseInt(text), MIN_COLUMNS, MAX_COLUMNS);
  }

  /** A way to set text off. */
  enum Style {
    BOLD("1"),
    DIM("2"),
    RED("31"),
    GREEN("32"),
    YELLOW("33"),
    MAGENTA("35"),
    CYAN("36");

    private final String code;

    Style(String code) {
      this.code = code;
    }
  }

  /** Returns {@code text} in that style where colours may be used. */
  String paint(Style style, String text) {
    return colours && !text.isBlank() ? "\033[" + style.code + 'm' + text + "\033[0m" : text;
  }

  /**
   * Returns text of others made fit to be shown: characters that steer a terminal, or change the
   * direction of writing, are replaced, and without Unicode so is all that is not ASCII.
   */
  String clean(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              int type = Character.getType(c);
              boolean steers =
                  type == Character.CONTROL
                      || type == Character.FORMAT
                      || type == Character.SURROGATE
                      || type == Character.LINE_SEPARATOR
                      || type == Character.PARAGRAPH_SEPARATOR;
              if (steers || (!unicode && c > '~')) {
                clean.append(unicode ? '\uFFFD' : '?');
              } else {
                clean.appendCodePoint(c);
              }
            });
    return clean.toString();
  }

  /** Returns {@code text} cut to, or filled with spaces up to, {@code width} characters. */
  String fit(String text, int width) {
    int length = text.codePointCount(0, text.length());
    if (length <= width) {
      return text + " ".repeat(width - length);
    }
    return text.substring(0, text.offsetByCodePoints(0, width - 1)) + (unicode ? '…' : '~');
  }
}
