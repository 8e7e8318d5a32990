// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeParserTest {
  private static final long NOW = 1_700_000_000_000_000_000L;

  @ParameterizedTest
  @CsvSource({
    "2023-11-14T22:13:20Z, 1700000000000000000",
    "2023-11-14T23:13:20.000000001+01:00, 1700000000000000001",
    "0, 0",
    "1700000000, 1700000000000000000",
    "1700000000.123456789, 1700000000123456789",
    "1700000000123, 1700000000123000000",
    "1700000000123456789, 1700000000123456789",
    "-15m, 1699999100000000000",
    "-0s, 1700000000000000000"
  })
  void epochNanosOrNull_time_isItsNanoseconds(String text, long epochNanos) {
    assertThat(TimeParser.epochNanosOrNull(text, NOW)).isEqualTo(epochNanos);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "now",
        "yesterday",
        "2023-11-14",
        "2023-11-14T22:13:20",
        "1969-12-31T23:59:59Z",
        "2263-01-01T00:00:00Z",
        "+999999999-01-01T00:00:00Z",
        "1700000000.1234567891",
        "1700000000123.5",
        "1700000000123456",
        "9999999999999999999",
        "99999999999",
        "-15",
        "-999999h",
        "1e9"
      })
  void epochNanosOrNull_anythingElse_isNull(String text) {
    assertThat(TimeParser.epochNanosOrNull(text, NOW)).isNull();
  }
}
