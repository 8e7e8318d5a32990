// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A JSON number taken apart as {@code 0.DIGITS * 10^point}, the digits without zeros at either end. It never
 * spells out an exponent, so that one of a thousand million costs no more than any other. Reused for one number
 * after the other; not safe for use by several threads.
 */
final class Decimal {
  private static final int NANO_DIGITS = 9;
  private static final int MAX_LONG_DIGITS = 19;
  private static final int EXPONENT_LIMIT = 1_000_000_000;

  /** Decimals of so many digits all are different doubles, within the range of normal ones. */
  private static final int DIGITS_OF_ANY_DOUBLE = 15;

  private static final int SAFE_POINT = 290;

  private final byte[] digits = new byte[JsonTape.MAX_NUMBER_BYTES];
  private int count;
  private long point;
  private boolean negative;
  private boolean cut;

  /** Takes the number apart that stands there in JSON's form. */
  void read(byte[] source, int from, int to) {
    count = 0;
    point = 0;
    int i = from;
    negative = source[i] == '-';
    if (negative) {
      i++;
    }
    boolean fraction = false;
    for (; i < to && source[i] != 'e' && source[i] != 'E'; i++) {
      int b = source[i];
      if (b == '.') {
        fraction = true;
        continue;
      }
      if (count > 0 || b != '0') {
        digits[count++] = (byte) (b - '0');
        point += fraction ? 0 : 1;
      } else if (fraction) {
        point--;
      }
    }
    while (count > 0 && digits[count - 1] == 0) {
      count--;
    }
    point = count == 0 ? 0 : point + exponent(source, i + 1, to);
  }

  private static long exponent(byte[] source, int from, int to) {
    if (from >= to) {
      return 0;
    }
    boolean minus = source[from] == '-';
    long exponent = 0;
    for (int i = minus || source[from] == '+' ? from + 1 : from; i < to; i++) {
      exponent = Math.min(exponent * 10 + source[i] - '0', EXPONENT_LIMIT);
    }
    return minus ? -exponent : exponent;
  }

  /**
   * Returns the number, taken for seconds, in nanoseconds, cut off behind these; -1 if it is negative or more
   * than a long holds.
   */
  long nanos() {
    cut = false;
    long length = point + NANO_DIGITS;
    if (count == 0) {
      return 0;
    }
    if (negative || length > MAX_LONG_DIGITS) {
      return -1;
    }
    long nanos = 0;
    for (int i = 0; i < length; i++) {
      int digit = i < count ? digits[i] : 0;
      if (nanos > (Long.MAX_VALUE - digit) / 10) {
        return -1;
      }
      nanos = nanos * 10 + digit;
    }
    cut = count > length;
    return nanos;
  }

  /** Returns whether the last {@link #nanos} left digits off. */
  boolean isCut() {
    return cut;
  }

  /** Returns whether {@code value}, read from this number, is written with the same digits again. */
  boolean isWrittenBy(double value, Decimal scratch) {
    if (!Double.isFinite(value)) {
      return false;
    }
    if (count <= DIGITS_OF_ANY_DOUBLE && Math.abs(point) <= SAFE_POINT) {
      return true;
    }
    byte[] written = Double.toString(value).getBytes(StandardCharsets.US_ASCII);
    scratch.read(written, 0, written.length);
    return scratch.negative == negative
        && scratch.point == point
        && Arrays.equals(scratch.digits, 0, scratch.count, digits, 0, count);
  }
}
