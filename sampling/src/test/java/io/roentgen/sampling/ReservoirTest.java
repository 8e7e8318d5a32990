// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.sampling.Reservoir.Take;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ReservoirTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final Reservoir reservoir = new Reservoir(5, () -> now);

  @Test
  void take_beforeGrant_borrowsOncePerSecond() {
    assertThat(reservoir.take()).isEqualTo(Take.BORROWED);
    now = now.plusMillis(999);
    assertThat(reservoir.take()).isEqualTo(Take.NONE);
    now = now.plusMillis(1);
    assertThat(reservoir.take()).isEqualTo(Take.BORROWED);
  }

  @Test
  void take_noReservoir_borrowsNothing() {
    assertThat(new Reservoir(0, () -> now).take()).isEqualTo(Take.NONE);
  }

  @Test
  void take_granted_givesTheQuotaEachSecond() {
    reservoir.grant(2, now.plusSeconds(10));
    for (int second = 0; second < 3; second++) {
      assertThat(reservoir.take()).isEqualTo(Take.GRANTED);
      assertThat(reservoir.take()).isEqualTo(Take.GRANTED);
      assertThat(reservoir.take()).isEqualTo(Take.NONE);
      now = now.plusSeconds(1);
    }
    reservoir.grant(0, now.plusSeconds(10));
    assertThat(reservoir.take()).isEqualTo(Take.NONE);
  }

  @Test
  void take_grantExpired_borrowsAgain() {
    Instant until = now.plusSeconds(10);
    reservoir.grant(2, until);
    now = until;
    assertThat(reservoir.take()).isEqualTo(Take.GRANTED);
    now = until.plusSeconds(1);
    assertThat(reservoir.take()).isEqualTo(Take.BORROWED);
    assertThat(reservoir.take()).isEqualTo(Take.NONE);
  }
}
