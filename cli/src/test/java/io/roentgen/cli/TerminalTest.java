// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.cli.Terminal.Style;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalTest {
  private static final Terminal PLAIN = new Terminal(100, false, true, ZoneOffset.UTC);

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {"null, 100", "'', 100", "x, 100", "-1, 100", "0, 60", "120, 120", "99999, 1000"})
  void columns_environment_isBounded(String text, int columns) {
    assertThat(Terminal.columns(text)).isEqualTo(columns);
  }

  @Test
  void clean_textThatSteersTheTerminal_isReplaced() {
    assertThat(PLAIN.clean("a\033[31mb\n\u202ec\u2028ü\ud83d\ude00\ud83d"))
        .isEqualTo("a\ufffd[31mb\ufffd\ufffdc\ufffdü\ud83d\ude00\ufffd");
    assertThat(new Terminal(100, false, false, ZoneOffset.UTC).clean("aü\033")).isEqualTo("a??");
  }

  @Test
  void paint_withoutColours_leavesTextAlone() {
    assertThat(PLAIN.paint(Style.RED, "x")).isEqualTo("x");
    assertThat(new Terminal(100, true, true, ZoneOffset.UTC).paint(Style.RED, "x"))
        .isEqualTo("\033[31mx\033[0m");
  }

  @Test
  void fit_text_isCutOrFilled() {
    assertThat(PLAIN.fit("abc", 5)).isEqualTo("abc  ");
    assertThat(PLAIN.fit("abcdef", 5)).isEqualTo("abcd…");
    assertThat(PLAIN.fit("\ud83d\ude00\ud83d\ude00\ud83d\ude00", 2)).isEqualTo("\ud83d\ude00…");
  }
}
