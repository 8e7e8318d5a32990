// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Shows durations for people: three digits and a unit, or hours, minutes and seconds from a minute
 * on.
 */
final class DurationFormat {
  private static final MathContext THREE_DIGITS = new MathContext(3, RoundingMode.HALF_UP);
  private static final String[] UNITS = {"ns", "us", "ms", "s"};
  private static final long SECOND = 1_000_000_000L;
  private static final long MINUTE_SECONDS = 60;
  private static final long HOUR_SECONDS = 3_600;
  private static final long DAY_SECONDS = 86_400;

  private DurationFormat() {}

  /** Returns {@code nanos}, which must not be negative, as text. */
  static String format(long nanos) {
    BigDecimal rounded = BigDecimal.valueOf(nanos).round(THREE_DIGITS);
    if (rounded.compareTo(BigDecimal.valueOf(MINUTE_SECONDS * SECOND)) >= 0) {
      return minutes(Math.round(nanos / (double) SECOND));
    }
    int unit = 0;
    while (unit < UNITS.length - 1 && rounded.compareTo(BigDecimal.valueOf(1_000)) >= 0) {
      rounded = rounded.movePointLeft(3);
      unit++;
    }
    return rounded.signum() == 0
        ? "0s"
        : rounded.stripTrailingZeros().toPlainString() + UNITS[unit];
  }

  private static String minutes(long seconds) {
    if (seconds < HOUR_SECONDS) {
      return seconds / MINUTE_SECONDS + "m" + two(seconds % MINUTE_SECONDS) + "s";
    }
    if (seconds < DAY_SECONDS) {
      return seconds / HOUR_SECONDS + "h" + two(seconds % HOUR_SECONDS / MINUTE_SECONDS) + "m";
    }
    return seconds / DAY_SECONDS + "d" + two(seconds % DAY_SECONDS / HOUR_SECONDS) + "h";
  }

  private static String two(long number) {
    return number < 10 ? "0" + number : Long.toString(number);
  }
}
