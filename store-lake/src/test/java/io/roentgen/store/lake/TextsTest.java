// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class TextsTest {
  private static String of(Texts texts, String text) {
    byte[] bytes = ("<" + text + ">").getBytes(StandardCharsets.UTF_8);
    return texts.of(bytes, 1, bytes.length - 2);
  }

  @Test
  void of_manyTexts_givesEachAndTheSameAgain() {
    Texts texts = new Texts();
    String[] first = new String[70_000];
    for (int i = 0; i < first.length; i++) {
      first[i] = of(texts, "Täxt " + i);
    }

    for (int i = 0; i < first.length; i++) {
      assertThat(first[i]).isEqualTo("Täxt " + i);
      String again = of(texts, "Täxt " + i);
      if (i < 65_536) {
        assertThat(again).isSameAs(first[i]);
      } else {
        // What is kept is bounded.
        assertThat(again).isEqualTo(first[i]).isNotSameAs(first[i]);
      }
    }
    assertThat(of(texts, "")).isEmpty();
    assertThat(texts.of("Täxt 1")).isSameAs(first[1]);
  }
}
