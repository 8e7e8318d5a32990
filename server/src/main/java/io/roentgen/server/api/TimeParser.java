// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads points in time in the spellings that the API takes. */
final class TimeParser {
  /** What a caller is told when the text is none. */
  static final String EXPECTED =
      "RFC 3339 such as 2026-01-31T12:00:00Z, epoch seconds (up to 11 digits, decimals allowed),"
          + " milliseconds (12 to 14 digits) or nanoseconds (18 or 19 digits),"
          + " or a duration before now such as -15m";

  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,11}(\\.[0-9]{1,9})?");
  private static final Pattern MILLIS = Pattern.compile("[0-9]{12,14}");
  private static final Pattern NANOS = Pattern.compile("[0-9]{18,19}");
  private static final long NANOS_PER_MILLI = 1_000_000;

  private TimeParser() {}

  /** Returns epoch nanoseconds, or null if {@code text} is no time, before 1970 or after 2262. */
  static @Nullable Long epochNanosOrNull(String text, long nowEpochNanos) {
    if (text.startsWith("-")) {
      Long before = DurationParser.nanosOrNull(text.substring(1));
      return before == null || before > nowEpochNanos ? null : (Long) (nowEpochNanos - before);
    }
    try {
      if (SECONDS.matcher(text).matches()) {
        return new BigDecimal(text).movePointRight(9).longValueExact();
      }
      if (MILLIS.matcher(text).matches()) {
        return Math.multiplyExact(Long.parseLong(text), NANOS_PER_MILLI);
      }
      if (NANOS.matcher(text).matches()) {
        return Long.valueOf(text);
      }
      OffsetDateTime time = OffsetDateTime.parse(text);
      long nanos =
          Math.addExact(
              Math.multiplyExact(time.toEpochSecond(), 1_000 * NANOS_PER_MILLI), time.getNano());
      return nanos < 0 ? null : (Long) nanos;
    } catch (DateTimeException | ArithmeticException | NumberFormatException notATime) {
      return null;
    }
  }
}
