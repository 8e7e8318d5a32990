// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatenciesTest {
  @Test
  void millis_quantiles_areValuesThatOccurred() {
    Latencies latencies = new Latencies();
    for (int i = 1_000; i >= 1; i--) {
      latencies.add(i * 1_000_000L);
    }

    assertThat(latencies.count()).isEqualTo(1_000);
    assertThat(latencies.millis(0.5)).isEqualTo(500);
    assertThat(latencies.millis(0.99)).isEqualTo(990);
    assertThat(latencies.millis(1)).isEqualTo(1_000);
  }

  @Test
  void millis_nothingAdded_isNotANumber() {
    assertThat(new Latencies().millis(0.5)).isNaN();
  }
}
