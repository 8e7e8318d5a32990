// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class HexTest {
  @Test
  void digit_everyCharacter_isReadLikeTheJdkReadsAscii() {
    for (int c = -300; c < 0x10000; c++) {
      assertThat(Hex.digit(c)).isEqualTo(c >= 0 && c < 128 ? Character.digit(c, 16) : -1);
    }
  }

  @Test
  void write_anyNumber_isAsTheJdkFormatsIt() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      long value = i < 256 ? i * 0x0101010101010101L : random.nextLong();
      byte[] text = "-".repeat(30).getBytes(StandardCharsets.US_ASCII);
      Hex.write(value, text, 3);
      Hex.writeInt((int) value, text, 21);

      assertThat(new String(text, StandardCharsets.US_ASCII))
          .isEqualTo(String.format("---%016x--%08x-", value, (int) value));
      assertThat(Hex.format(value)).isEqualTo(String.format("%016x", value));
    }
  }

  @Test
  void quote_shortText_isUnchanged() {
    assertThat(Hex.quote("")).isEmpty();
    assertThat(Hex.quote("a".repeat(64))).isEqualTo("a".repeat(64));
    assertThat(Hex.quote("größe '\"\\")).isEqualTo("größe '\"\\");
  }

  @Test
  void quote_longText_isCutAndSaysSo() {
    assertThat(Hex.quote("a".repeat(65))).isEqualTo("a".repeat(64) + "...");
  }

  @Test
  void quote_controlCharactersAndSurrogates_areReplaced() {
    assertThat(Hex.quote("a\nb\u0000c\u001b[31m\u0085\u007f"))
        .isEqualTo("a\uFFFDb\uFFFDc\uFFFD[31m\uFFFD\uFFFD");
    assertThat(Hex.quote("\ud83d" + "x")).isEqualTo("\uFFFDx");
    assertThat(Hex.quote("a".repeat(63) + "😀")).isEqualTo("a".repeat(63) + "\uFFFD...");
  }
}
