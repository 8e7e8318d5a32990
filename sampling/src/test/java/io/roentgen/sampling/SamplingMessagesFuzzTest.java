// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs over its saved inputs as a test; {@code JAZZER_FUZZ=1} lets it look for more. */
class SamplingMessagesFuzzTest {
  @FuzzTest(maxDuration = "1m")
  void rules(byte[] bytes) {
    try {
      SamplingMessages.Rules rules =
          SamplingMessages.rules(new String(bytes, StandardCharsets.UTF_8));
      assertThat(new RuleSet(rules.rules()).rules()).hasSameSizeAs(rules.rules());
      assertReadable(rules.refused());
    } catch (RuleFileException e) {
      assertReadable(List.of(e.getMessage()));
    }
  }

  @FuzzTest(maxDuration = "1m")
  void targets(byte[] bytes) {
    try {
      SamplingMessages.Targets targets =
          SamplingMessages.targets(new String(bytes, StandardCharsets.UTF_8));
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
