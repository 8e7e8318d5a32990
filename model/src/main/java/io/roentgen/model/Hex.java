// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.nio.charset.StandardCharsets;

/** Hex digits to bits and back. Upper case is read, lower case is written. */
public final class Hex {
  private static final int QUOTE_LIMIT = 64;
  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private Hex() {}

  /** Returns whether {@code length} characters from {@code offset} are all hex digits. */
  public static boolean isHex(CharSequence text, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (digit(text.charAt(i)) < 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns the number that at most 16 hex digits spell; the caller has checked them with isHex. */
  public static long parse(CharSequence text, int offset, int length) {
    long value = 0;
    for (int i = offset; i < offset + length; i++) {
      value = value << 4 | digit(text.charAt(i));
    }
    return value;
  }

  /** Returns the value of a hex digit in either case, or -1 if {@code c} is none. */
  public static int digit(int c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    int lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  /** Returns the 16 lower-case digits of {@code value}. */
  public static String format(long value) {
    byte[] digits = new byte[16];
    write(value, digits, 0);
    return toAscii(digits);
  }

  /** Writes the 16 lower-case digits of {@code value} to {@code target} from {@code offset}. */
  public static void write(long value, byte[] target, int offset) {
    for (int i = 15; i >= 0; i--) {
      target[offset + i] = DIGITS[(int) (value & 15)];
      value >>>= 4;
    }
  }

  static String toAscii(byte[] digits) {
    return new String(digits, StandardCharsets.ISO_8859_1);
  }

  /**
   * Returns outside text made fit for a message: at most 64 characters, control characters and surrogates replaced.
   */
  public static String quote(String text) {
    StringBuilder quoted = new StringBuilder(Math.min(text.length(), QUOTE_LIMIT) + 3);
    for (int i = 0; i < text.length() && i < QUOTE_LIMIT; i++) {
      char c = text.charAt(i);
      quoted.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '\uFFFD' : c);
    }
    return text.length() > QUOTE_LIMIT ? quoted.append("...").toString() : quoted.toString();
  }
}
