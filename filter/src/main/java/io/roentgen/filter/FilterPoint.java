// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A place in a filter expression that is being written, and what may stand there.
 *
 * @param start index where the word or string at the place begins, in UTF-16 code units
 * @param end index behind it
 * @param typed what of it is before the place, a string without its quotes and escapes
 * @param quoted whether it is a string
 * @param expected what may stand there instead of it; empty if what is before cannot be understood
 * @param problem why what is before cannot be understood, or null
 */
public record FilterPoint(
    int start,
    int end,
    String typed,
    boolean quoted,
    List<Expectation> expected,
    @Nullable FilterException problem) {
  public FilterPoint {
    expected = List.copyOf(expected);
  }

  /**
   * Returns what may stand at a place.
   *
   * @param position an index into {@code text}, its length allowed
   * @throws FilterException if {@code text} is longer than {@link Filter#MAX_LENGTH}
   * @throws IndexOutOfBoundsException if there is no such index
   */
  public static FilterPoint at(String text, int position) {
    if (position < 0 || position > text.length()) {
      throw new IndexOutOfBoundsException(
          "position: " + position + " (expected: 0 to " + text.length() + ")");
    }
    if (text.length() > Filter.MAX_LENGTH) {
      Parser.parse(text, Filter.MAX_LENGTH, Filter.MAX_DEPTH);
    }
    int quote = openQuote(text, position);
    int start = quote >= 0 ? quote : wordStart(text, position);
    int end = quote >= 0 ? stringEnd(text, position) : wordEnd(text, position);
    String typed =
        quote >= 0
            ? text.substring(quote + 1, position).replaceAll("\\\\(.)", "$1")
            : text.substring(start, position);
    Set<Expectation> expected = new LinkedHashSet<>();
    FilterException problem = null;
    String before = text.substring(0, start);
    try {
      Parser.expectations(before, Filter.MAX_LENGTH, Filter.MAX_DEPTH, expected::add);
    } catch (FilterException e) {
      // At its end an expression that is being written is always wrong.
      if (e.position() < before.stripTrailing().length()) {
        problem = e;
        expected.clear();
      }
    }
    return new FilterPoint(start, end, typed, quote >= 0, useful(expected, typed), problem);
  }

  /** Where conditions can be joined, the next one without AND is only for who has begun it. */
  private static List<Expectation> useful(Set<Expectation> expected, String typed) {
    List<Expectation> useful = new ArrayList<>(expected);
    boolean joins = useful.stream().anyMatch(each -> each.kind() == Expectation.Kind.JOIN);
    if (joins && typed.isEmpty()) {
      useful.removeIf(
          each ->
              each.kind() == Expectation.Kind.KEYWORD
                  || each.kind() == Expectation.Kind.ANNOTATION
                  || each.text().equals("!")
                  || each.text().equals("("));
    }
    return useful;
  }

  /** Returns where the string begins that the position is in, or -1. */
  private static int openQuote(String text, int position) {
    int quote = -1;
    for (int i = 0; i < position; i++) {
      char c = text.charAt(i);
      if (c == '"') {
        quote = quote < 0 ? i : -1;
      } else if (c == '\\' && quote >= 0) {
        i++;
      }
    }
    return quote;
  }

  /** Returns the index behind the string, or the position itself if the string is not closed. */
  private static int stringEnd(String text, int position) {
    if (openQuote(text, text.length()) >= 0) {
      return position;
    }
    int at = position;
    while (at < text.length() && text.charAt(at) != '"') {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    return Math.min(text.length(), at + 1);
  }

  private static int wordStart(String text, int position) {
    int start = position;
    while (start > 0 && Scanner.isWordPart(text.charAt(start - 1))) {
      start--;
    }
    return start;
  }

  private static int wordEnd(String text, int position) {
    int end = position;
    while (end < text.length() && Scanner.isWordPart(text.charAt(end))) {
      end++;
    }
    return end;
  }
}
