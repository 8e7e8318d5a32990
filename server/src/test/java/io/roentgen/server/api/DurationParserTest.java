// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationParserTest {
  @ParameterizedTest
  @CsvSource({
    "0s, 0",
    "1ns, 1",
    "1.9ns, 1",
    "250us, 250000",
    "250µs, 250000",
    "10ms, 10000000",
    "1.5s, 1500000000",
    "2m, 120000000000",
    "1h30m, 5400000000000",
    "9223372036854775807ns, 9223372036854775807"
  })
  void nanosOrNull_duration_isItsNanoseconds(String text, long nanos) {
    assertThat(DurationParser.nanosOrNull(text)).isEqualTo(nanos);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "10",
        "s",
        "-1s",
        "+1s",
        "1 s",
        "1.s",
        ".5s",
        "1s2",
        "1d",
        "1S",
        "1e3s",
        "9223372036854775808ns",
        "99999999999999h",
        "0000000000000000000000000000000000000000001s"
      })
  void nanosOrNull_anythingElse_isNull(String text) {
    assertThat(DurationParser.nanosOrNull(text)).isNull();
  }
}
