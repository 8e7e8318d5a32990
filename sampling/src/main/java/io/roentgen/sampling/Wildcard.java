// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

/**
 * Patterns of sampling rules: {@code *} stands for any run of characters, the empty one included,
 * {@code ?} for one character (UTF-16 unit), everything else for itself, in upper or lower case.
 */
public final class Wildcard {
  private Wildcard() {}

  /**
   * Returns whether {@code text} as a whole is of the form {@code pattern}. Takes at the most time
   * proportional to the product of the two lengths.
   */
  public static boolean matches(String pattern, String text) {
    int p = 0;
    int t = 0;
    int star = -1;
    int starText = 0;
    while (t < text.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        // Takes nothing at first; what follows it decides whether that was enough. Of several
        // stars only the last need be tried again: what stands before it matches already.
        star = p++;
        starText = t;
      } else if (p < pattern.length() && matches(pattern.charAt(p), text.charAt(t))) {
        p++;
        t++;
      } else if (star >= 0) {
        p = star + 1;
        t = ++starText;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  private static boolean matches(char pattern, char c) {
    return pattern == '?' || pattern == c || fold(pattern) == fold(c);
  }

  /** As {@link String#equalsIgnoreCase}: some letters are equal in one case only. */
  private static char fold(char c) {
    return Character.toLowerCase(Character.toUpperCase(c));
  }
}
