// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs over its saved inputs as a test; {@code JAZZER_FUZZ=1} lets it look for more. */
class SamplingMessagesFuzzTest {
  /** Jazzer looks for more by one method of a class only. */
  @FuzzTest(maxDuration = "1m")
  void answers(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    readRules(text);
    readTargets(text);
  }

  private static void readRules(String text) {
    try {
      SamplingMessages.Rules rules = SamplingMessages.rules(text);
      assertThat(new RuleSet(rules.rules()).rules()).hasSameSizeAs(rules.rules());
      assertReadable(rules.refused());
    } catch (RuleFileException e) {
      assertReadable(List.of(e.getMessage()));
    }
  }

  private static void readTargets(String text) {
    try {
      SamplingMessages.Targets targets = SamplingMessages.targets(text);
      for (SamplingTarget target : targets.targets()) {
        assertThat(target.fixedRate()).isBetween(0.0, 1.0);
        assertThat(target.quota()).isNotNegative();
      }
      assertReadable(targets.refused());
    } catch (RuleFileException e) {
      assertReadable(List.of(e.getMessage()));
    }
  }

  private static void assertReadable(List<String> messages) {
    for (String message : messages) {
      assertThat(message).hasSizeLessThan(1000).matches("\\P{Cntrl}*");
    }
  }
}
