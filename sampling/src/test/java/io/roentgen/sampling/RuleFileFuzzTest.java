// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Runs over its saved inputs as a test; {@code JAZZER_FUZZ=1} lets it look for more. */
class RuleFileFuzzTest {
  @FuzzTest(maxDuration = "1m")
  void parse(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    try {
      RuleSet rules = RuleFile.parse(text);
      assertThat(rules.rules().get(rules.rules().size() - 1).isDefault()).isTrue();
      for (SamplingRule rule : rules.rules()) {
        assertThat(rule.fixedRate()).isBetween(0.0, 1.0);
      }
    } catch (RuleFileException e) {
      assertThat(e.getMessage()).contains("expected: ").matches("\\P{Cntrl}*");
      assertThat(e.line()).isBetween(1, text.length() + 1);
      assertThat(e.column()).isBetween(1, text.length() + 1);
    }
  }
}
