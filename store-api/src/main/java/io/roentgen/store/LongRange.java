// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Whole numbers from {@code min} to {@code max}, both included.
 *
 * @param min the least
 * @param max the greatest, not less than {@code min}
 */
public record LongRange(long min, long max) {
  private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger GREATEST = BigInteger.valueOf(Long.MAX_VALUE);

  /** Beyond these powers of ten a number is outside of 64 bits, or a fraction below all of them. */
  private static final int MAX_POWER = 40;

  public LongRange {
    if (max < min) {
      throw new IllegalArgumentException("max: " + max + " (expected: >= " + min + ")");
    }
  }

  /** Returns whether a number lies in the range. */
  public boolean contains(long number) {
    return number >= min && number <= max;
  }

  /**
   * Returns the 64-bit numbers that compare so with {@code wanted}, exactly: none, one or two
   * ranges, the lower one first.
   */
  public static List<LongRange> of(Comparison comparison, BigDecimal wanted) {
    BigInteger floor = whole(wanted, RoundingMode.FLOOR);
    BigInteger ceiling = whole(wanted, RoundingMode.CEILING);
    BigInteger below = ceiling.subtract(BigInteger.ONE);
    BigInteger above = floor.add(BigInteger.ONE);
    List<LongRange> ranges = new ArrayList<>();
    switch (comparison) {
      case EQUAL -> add(ranges, ceiling, floor);
      case NOT_EQUAL -> {
        add(ranges, LEAST, below);
        if (ceiling.equals(floor)) {
          add(ranges, above, GREATEST);
        } else {
          add(ranges, ceiling, GREATEST);
        }
      }
      case LESS -> add(ranges, LEAST, below);
      case AT_MOST -> add(ranges, LEAST, floor);
      case GREATER -> add(ranges, above, GREATEST);
      case AT_LEAST -> add(ranges, ceiling, GREATEST);
    }
    return List.copyOf(ranges);
  }

  /** Rounds without spelling out the zeros of 1e999999999. */
  private static BigInteger whole(BigDecimal number, RoundingMode rounding) {
    long power = (long) number.precision() - number.scale();
    if (number.signum() == 0) {
      return BigInteger.ZERO;
    }
    if (power > MAX_POWER) {
      BigInteger outside = GREATEST.shiftLeft(2);
      return number.signum() < 0 ? outside.negate() : outside;
    }
    if (power < -MAX_POWER) {
      boolean up = rounding == RoundingMode.CEILING;
      return number.signum() > 0
          ? (up ? BigInteger.ONE : BigInteger.ZERO)
          : (up ? BigInteger.ZERO : BigInteger.ONE.negate());
    }
    return number.setScale(0, rounding).toBigInteger();
  }

  private static void add(List<LongRange> ranges, BigInteger min, BigInteger max) {
    BigInteger from = min.max(LEAST);
    BigInteger to = max.min(GREATEST);
    if (from.compareTo(to) <= 0) {
      ranges.add(new LongRange(from.longValueExact(), to.longValueExact()));
    }
  }
}
