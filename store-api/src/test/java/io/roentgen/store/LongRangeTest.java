// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LongRangeTest {
  private static final List<Long> NUMBERS =
      List.of(
          Long.MIN_VALUE, Long.MIN_VALUE + 1, -2L, -1L, 0L, 1L, 2L, 3L, (1L << 53) + 1,
          Long.MAX_VALUE - 1, Long.MAX_VALUE);

  private static final List<String> WANTED =
      List.of(
          "-9223372036854775809", "-9223372036854775808.5", "-9223372036854775808", "-1.5", "-1",
          "-0.5", "0", "1e-300", "-1e-300", "0.5", "1", "1.5", "2", "9007199254740993",
          "9223372036854775806.5", "9223372036854775807", "9223372036854775808", "1e300", "-1e300",
          "1e999999999");

  @Test
  void of_anyComparison_holdsWhatComparesSo() {
    for (String text : WANTED) {
      BigDecimal wanted = new BigDecimal(text);
      for (Comparison comparison : Comparison.values()) {
        List<LongRange> ranges = LongRange.of(comparison, wanted);
        for (long number : NUMBERS) {
          assertThat(ranges.stream().anyMatch(range -> range.contains(number)))
              .as("%d %s %s by %s", number, comparison.sign(), text, ranges)
              .isEqualTo(comparison.holds(BigDecimal.valueOf(number).compareTo(wanted)));
        }
      }
    }
  }

  @Test
  void construct_reversed_isRefused() {
    assertThatThrownBy(() -> new LongRange(2, 1)).hasMessage("max: 1 (expected: >= 2)");
  }
}
