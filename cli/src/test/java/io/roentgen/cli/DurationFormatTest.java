// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationFormatTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0s",
    "1, 1ns",
    "999, 999ns",
    "1000, 1us",
    "1234, 1.23us",
    "999499, 999us",
    "999500, 1ms",
    "12345678, 12.3ms",
    "100000000, 100ms",
    "1940000000, 1.94s",
    "59949999999, 59.9s",
    "59950000000, 1m00s",
    "123000000000, 2m03s",
    "3599400000000, 59m59s",
    "3599600000000, 1h00m",
    "3725000000000, 1h02m",
    "90000000000000, 1d01h",
    "9223372036854775807, 106751d23h"
  })
  void format_nanos_hasThreeDigitsAndAUnit(long nanos, String text) {
    assertThat(DurationFormat.format(nanos)).isEqualTo(text);
  }
}
