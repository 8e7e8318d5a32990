// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.examples.shop.CapacityBucket.Burst;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CapacityBucketTest {
  /** Near the end, as the time of a JVM may start anywhere. */
  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);

  private CapacityBucket bucket(int units, Burst burst) {
    return new CapacityBucket(units, burst, clock::get);
  }

  private static int take(CapacityBucket bucket) {
    int taken = 0;
    while (taken < 100_000 && bucket.tryTake()) {
      taken++;
    }
    return taken;
  }

  private void pass(long millis) {
    clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  @Test
  void tryTake_full_givesASecondsUnits() {
    assertThat(take(bucket(40, Burst.OFF))).isEqualTo(40);
  }

  @Test
  void tryTake_later_givesWhatHasComeIn() {
    CapacityBucket bucket = bucket(40, Burst.OFF);
    take(bucket);

    pass(250);
    assertThat(take(bucket)).isEqualTo(10);
    pass(60_000);
    assertThat(take(bucket)).as("no more than a second's").isEqualTo(40);
  }

  @Test
  void tryTake_burst_keepsFiveMinutes() {
    CapacityBucket bucket = bucket(40, Burst.FIVE_MINUTES);

    assertThat(take(bucket)).isEqualTo(12_000);
    pass(600_000);
    assertThat(take(bucket)).isEqualTo(12_000);
  }

  @Test
  void setUnits_less_losesWhatIsKept() {
    CapacityBucket bucket = bucket(40, Burst.OFF);

    bucket.setUnitsPerSecond(1);

    assertThat(take(bucket)).isEqualTo(1);
    pass(999);
    assertThat(bucket.tryTake()).isFalse();
    pass(1);
    assertThat(bucket.tryTake()).isTrue();
  }

  @Test
  void setUnits_more_comesIn() {
    CapacityBucket bucket = bucket(1, Burst.OFF);
    take(bucket);

    bucket.setUnitsPerSecond(40);
    pass(1_000);

    assertThat(take(bucket)).isEqualTo(40);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 40_001})
  void setUnits_outOfRange_isRefused(int units) {
    CapacityBucket bucket = bucket(40, Burst.OFF);

    assertThatThrownBy(() -> bucket.setUnitsPerSecond(units))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unitsPerSecond: " + units + " (expected: 1 to 40000)");
    assertThat(bucket.unitsPerSecond()).isEqualTo(40);
  }
}
