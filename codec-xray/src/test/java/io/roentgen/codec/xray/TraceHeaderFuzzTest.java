// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Runs over its saved inputs as a test; {@code JAZZER_FUZZ=1} lets it look for more. */
class TraceHeaderFuzzTest {
  @FuzzTest(maxDuration = "1m")
  void parse(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (TraceHeader.parse(text) instanceof TraceHeader.Parsed.Accepted accepted) {
      String formatted = accepted.header().format();
      assertThat(formatted).matches("[ -~]*").startsWith("Root=1-");
      assertThat(TraceHeader.parse(formatted)).isEqualTo(accepted);
    }
  }
}
