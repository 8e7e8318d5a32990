// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a call allocates, which unlike its time is the same on a busy machine. */
class ITAllocation {
  private static final String CLASS_PATH = "java.class.path";

  private final String classPath = System.getProperty(CLASS_PATH);

  @AfterEach
  void restore() {
    System.setProperty(CLASS_PATH, classPath);
  }

  /**
   * Measured are 400 to 550, 1,500 to 1,800 and 860 bytes, as what the compiler makes of it differs
   * from run to run; a little more is let pass.
   */
  @ParameterizedTest
  @CsvSource({"KIT_UNSAMPLED, 600", "KIT_XRAY, 1900", "KIT_OBSERVED, 1000"})
  void call_throughAPair_allocatesNoMoreThan(Variant variant, long maxBytes) throws Exception {
    System.setProperty(CLASS_PATH, variant.classPath(classPath));
    double bytes =
        Main.bytes(
            Main.run(variant, PairBenchmark.class.getSimpleName() + ".call").iterator().next());
    assertThat(bytes).isBetween(100.0, (double) maxBytes);
  }
}
