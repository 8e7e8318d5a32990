// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SamplingTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final Sampling sampling = new Sampling(() -> now, new PrometheusRegistry());

  @Test
  void quota_oneClient_getsTheWholeReservoir() {
    assertThat(sampling.quota("a")).isEqualTo(Sampling.RESERVOIR_SIZE);
    assertThat(sampling.quota("a")).isEqualTo(Sampling.RESERVOIR_SIZE);
  }

  @Test
  void quota_severalClients_addUpToTheReservoir() {
    for (String client : new String[] {"c", "a", "b"}) {
      sampling.quota(client);
    }
    assertThat(sampling.quota("a") + sampling.quota("b") + sampling.quota("c"))
        .isEqualTo(Sampling.RESERVOIR_SIZE);
    assertThat(sampling.quota("a")).as("the share that does not divide").isOne();
  }

  @Test
  void quota_clientGone_isSharedByTheOthersAfterThreeIntervals() {
    sampling.quota("a");
    now = now.plus(Sampling.INTERVAL.multipliedBy(3));
    assertThat(sampling.quota("b")).isZero();
    now = now.plus(Duration.ofMillis(1));
    assertThat(sampling.quota("b")).isOne();
  }
}
