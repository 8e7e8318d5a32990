// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import java.util.List;

/**
 * One of the conditions that an expression joins by AND.
 *
 * @param start index of its first character, in UTF-16 code units
 * @param end index behind its last
 * @param text what is between them
 */
public record FilterTerm(int start, int end, String text) {
  /**
   * Returns the conditions that {@code text} joins by AND outside of any parentheses, in order; the
   * whole if it joins by OR, and none if it is empty.
   *
   * @throws FilterException if it is not an expression; groups are not looked at
   */
  public static List<FilterTerm> of(String text) {
    return List.copyOf(Parser.terms(text, Filter.MAX_LENGTH, Filter.MAX_DEPTH));
  }

  static FilterTerm of(String text, int start, int end) {
    int last = end;
    while (last > start && Character.isWhitespace(text.charAt(last - 1))) {
      last--;
    }
    return new FilterTerm(start, last, text.substring(start, last));
  }
}
