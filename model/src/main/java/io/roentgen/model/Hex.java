// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Hex digits to bits and back. Upper case is read, lower case is written. */
public final class Hex {
  private static final int QUOTE_LIMIT = 64;
  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  // Digits of ids are random, so that branches on them are guessed wrongly: both ways go by tables.
  /** The value of each ASCII character; -1 if it is no digit. */
  private static final byte[] VALUES = new byte[128];

  /** The two digits of each byte, the first in the upper half. */
  private static final short[] PAIRS = new short[256];

  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

  static {
    Arrays.fill(VALUES, (byte) -1);
    for (byte value = 0; value < 16; value++) {
      VALUES[DIGITS[value]] = value;
      VALUES[Character.toUpperCase(DIGITS[value])] = value;
    }
    for (int value = 0; value < PAIRS.length; value++) {
      PAIRS[value] = (short) (DIGITS[value >> 4] << 8 | DIGITS[value & 15]);
    }
  }

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
    return c >= 0 && c < VALUES.length ? VALUES[c] : -1;
  }

  /** Returns the 16 lower-case digits of {@code value}. */
  public static String format(long value) {
    byte[] digits = new byte[16];
    write(value, digits, 0);
    return toAscii(digits);
  }

  /** Writes the 16 lower-case digits of {@code value} to {@code target} from {@code offset}. */
  public static void write(long value, byte[] target, int offset) {
    writeInt((int) (value >>> 32), target, offset);
    writeInt((int) value, target, offset + 8);
  }

  /** Writes the 8 lower-case digits of {@code value} to {@code target} from {@code offset}. */
  public static void writeInt(int value, byte[] target, int offset) {
    for (int i = 0; i < 4; i++) {
      SHORTS.set(target, offset + 2 * i, PAIRS[value >>> (24 - 8 * i) & 0xff]);
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
