// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.roentgen.store.Trace;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Runs over its saved inputs as a test; {@code JAZZER_FUZZ=1} lets it look for more. */
class FilterFuzzTest {
  private static final Trace TRACE = new RandomTraces(1).next();

  private static final Filter.Groups GROUPS =
      new Filter.Groups() {
        @Override
        public @Nullable String ofNameOrNull(String name) {
          return name.isEmpty() ? "fault" : "group.name = \"" + name.substring(1) + "\"";
        }

        @Override
        public @Nullable String ofArnOrNull(String arn) {
          return null;
        }
      };

  @FuzzTest(maxDuration = "1m")
  void parse(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    Filter filter;
    try {
      filter = Filter.parse(text, GROUPS);
    } catch (FilterException refused) {
      assertThat(refused)
          .hasMessageMatching("(?s)line \\d+, column \\d+: .+ \\(expected: .+\\)")
          .hasMessageNotContaining("\n");
      return;
    }
    assertThat(Parser.parse(filter.text(), Integer.MAX_VALUE, Filter.MAX_DEPTH))
        .isEqualTo(Parser.parse(text, Filter.MAX_LENGTH, Filter.MAX_DEPTH));
    boolean matches = filter.matches(TRACE);
    FilterPlan plan = filter.plan();
    if (matches || plan.exact()) {
      assertThat(plan.condition().matches(TRACE)).as(text).isEqualTo(matches);
    }
  }
}
