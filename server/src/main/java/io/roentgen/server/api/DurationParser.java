// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads durations as Go writes them: {@code 10ms}, {@code 1.5s}, {@code 1h30m}. */
final class DurationParser {
  /** What a caller is told when the text is none. */
  static final String EXPECTED = "a duration such as 250us, 10ms, 1.5s, 2m or 1h30m";

  private static final int MAX_LENGTH = 40;
  private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ns|us|µs|ms|s|m|h)");

  private DurationParser() {}

  /**
   * Returns the nanoseconds that {@code text} spells, parts of a nanosecond dropped, or null if it
   * is no duration, negative, without a unit, or more than 292 years.
   */
  static @Nullable Long nanosOrNull(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      return null;
    }
    BigDecimal sum = BigDecimal.ZERO;
    Matcher part = PART.matcher(text);
    int at = 0;
    while (at < text.length()) {
      if (!part.find(at) || part.start() != at) {
        return null;
      }
      sum =
          sum.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unit(part.group(2)))));
      at = part.end();
    }
    BigDecimal nanos = sum.setScale(0, RoundingMode.DOWN);
    return nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0 ? null : nanos.longValueExact();
  }

  private static long unit(String name) {
    return switch (name) {
      case "ns" -> 1;
      case "us", "µs" -> 1_000;
      case "ms" -> 1_000_000;
      case "s" -> 1_000_000_000L;
      case "m" -> 60_000_000_000L;
      default -> 3_600_000_000_000L;
    };
  }
}
