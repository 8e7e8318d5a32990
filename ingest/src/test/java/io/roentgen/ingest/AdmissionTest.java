// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static final int LIMIT = 1 << 20;

  private final Admission admission = new Admission(LIMIT);

  @Test
  void add_beyondLimitWithOthers_refusesAndKeepsWhatWas() {
    Admission.Reservation first = admission.admit();
    Admission.Reservation second = admission.admit();
    first.add(LIMIT / 2);
    second.add(LIMIT / 4);

    assertThatThrownBy(() -> second.add(LIMIT / 2))
        .isInstanceOfSatisfying(
            OverloadedException.class, e -> assertThat(e.retryAfterMillis()).isEqualTo(1_000))
        .hasMessageContaining("expected: at most " + LIMIT);

    assertThat(admission.admittedBytes())
        .isEqualTo(LIMIT / 2 + LIMIT / 4 + 2L * Admission.REQUEST_BYTES);
  }

  @Test
  void add_aloneBeyondLimit_isAdmitted() {
    try (Admission.Reservation alone = admission.admit()) {
      alone.add(3 * LIMIT);
      assertThatThrownBy(admission::admit).isInstanceOf(OverloadedException.class);
    }
    assertThat(admission.admittedBytes()).isZero();
  }

  @Test
  void admit_manySmall_boundsTheirNumber() {
    for (int i = 0; i < LIMIT / Admission.REQUEST_BYTES; i++) {
      admission.admit();
    }
    assertThatThrownBy(admission::admit).isInstanceOf(OverloadedException.class);
  }

  @Test
  void close_twice_givesBackOnce() {
    Admission.Reservation other = admission.admit();
    Admission.Reservation closed = admission.admit();
    closed.close();
    closed.close();
    assertThat(admission.admittedBytes()).isEqualTo(Admission.REQUEST_BYTES);
    other.close();
    assertThat(admission.admittedBytes()).isZero();
  }

  @Test
  void release_moreThanReserved_throws() {
    Admission.Reservation reservation = admission.admit();
    assertThatThrownBy(() -> reservation.release(Admission.REQUEST_BYTES + 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
