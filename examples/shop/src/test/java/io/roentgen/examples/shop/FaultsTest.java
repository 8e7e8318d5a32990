// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.examples.shop.v1.Fault;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FaultsTest {
  private final AtomicLong clock = new AtomicLong();
  private final Faults faults = new Faults(clock::get);

  private static Fault fault(Fault.Kind kind, int duration, int min, int max, int percent) {
    return Fault.newBuilder()
        .setKind(kind)
        .setDurationMs(duration)
        .setMinDelayMs(min)
        .setMaxDelayMs(max)
        .setPercent(percent)
        .build();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "KIND_UNSPECIFIED | 1000 | 0 | 0 | 0 | kind: 0 (expected: one of latency, status, blackhole)",
        "KIND_BLACKHOLE | 0 | 0 | 0 | 0 | duration_ms: 0 (expected: 1 to 600000)",
        "KIND_LATENCY | 1000 | -1 | 5 | 0 | min_delay_ms: -1 (expected: 0 to 60000)",
        "KIND_LATENCY | 1000 | 50 | 49 | 0 | max_delay_ms: 49 (expected: 50 to 60000)",
        "KIND_STATUS | 1000 | 0 | 0 | 0 | percent: 0 (expected: 1 to 100)"
      })
  void inject_cannotBe_isRefused(
      Fault.Kind kind, int duration, int min, int max, int percent, String message) {
    assertThatThrownBy(() -> faults.inject(fault(kind, duration, min, max, percent)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void current_isTheLastOne_untilItsEnd() {
    assertThat(faults.current().getKind()).isEqualTo(Fault.Kind.KIND_UNSPECIFIED);
    faults.inject(fault(Fault.Kind.KIND_BLACKHOLE, 1_000, 0, 0, 0));
    faults.inject(fault(Fault.Kind.KIND_STATUS, 1_000, 0, 0, 30));

    clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(999));
    assertThat(faults.current().getKind()).isEqualTo(Fault.Kind.KIND_STATUS);
    clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
    assertThat(faults.current().getKind()).isEqualTo(Fault.Kind.KIND_UNSPECIFIED);
  }

  @Test
  void quote_isShortAndPrintable() {
    assertThat(Text.quote("a\n" + "b".repeat(100))).isEqualTo("a?" + "b".repeat(62) + "...");
    assertThat(Text.html("<a href=\"x\">'&")).isEqualTo("&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
  }
}
