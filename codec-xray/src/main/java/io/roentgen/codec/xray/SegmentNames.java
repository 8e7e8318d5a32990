// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

/** Which names segments and subsegments may have. */
public final class SegmentNames {
  private static final String PUNCTUATION = "_.:/%&#=+\\-@";
  private static final boolean[] VALID_ASCII = new boolean[128];

  static {
    for (char c = 0; c < VALID_ASCII.length; c++) {
      VALID_ASCII[c] =
          Character.isLetterOrDigit(c)
              || Character.isWhitespace(c)
              || PUNCTUATION.indexOf(c) >= 0;
    }
  }

  private SegmentNames() {}

  static boolean isValidAscii(int c) {
    return VALID_ASCII[c];
  }

  /** Returns whether X-Ray takes a segment of that name. */
  public static boolean isValid(String name) {
    return !name.isEmpty()
        && name.codePointCount(0, name.length()) <= SegmentDecoder.MAX_NAME_LENGTH
        && name.codePoints().allMatch(SegmentNames::isValid);
  }

  /** Returns {@code name} cut to what is allowed, or {@code otherwise} if nothing is left. */
  public static String legalize(String name, String otherwise) {
    if (isUsual(name)) {
      return name;
    }
    StringBuilder legal = new StringBuilder();
    name.codePoints()
        .filter(SegmentNames::isValid)
        .limit(SegmentDecoder.MAX_NAME_LENGTH)
        .forEach(legal::appendCodePoint);
    return legal.isEmpty() ? otherwise : legal.toString();
  }

  /** Returns whether a name is valid as it stands, without an object for each character. */
  private static boolean isUsual(String name) {
    int length = name.length();
    for (int i = 0; i < length; i++) {
      char c = name.charAt(i);
      if (c >= VALID_ASCII.length || !VALID_ASCII[c]) {
        return false;
      }
    }
    return length > 0 && length <= SegmentDecoder.MAX_NAME_LENGTH;
  }

  private static boolean isValid(int c) {
    if (c < VALID_ASCII.length) {
      return VALID_ASCII[c];
    }
    // Marks belong to the letters of many scripts.
    return switch (Character.getType(c)) {
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER,
          Character.DECIMAL_DIGIT_NUMBER,
          Character.LETTER_NUMBER,
          Character.OTHER_NUMBER,
          Character.SPACE_SEPARATOR,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.NON_SPACING_MARK,
          Character.COMBINING_SPACING_MARK,
          Character.ENCLOSING_MARK ->
          true;
      default -> false;
    };
  }
}
