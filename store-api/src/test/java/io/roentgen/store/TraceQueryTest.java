// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.TraceQuery.TimeField;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TraceQueryTest {
  @Test
  void idEpochNanos_upToADayOff_isTheTimeSpelled() {
    long second = 1_000_000_000L;
    long day = 86_400 * second;
    long spelled = 0x65000000L * second;

    assertThat(TraceQuery.idEpochNanos(0x65000000_00000000L, spelled + day)).isEqualTo(spelled);
    assertThat(TraceQuery.idEpochNanos(0x65000000_00000000L, spelled - day)).isEqualTo(spelled);
    assertThat(TraceQuery.idEpochNanos(0x65000000_00000000L, spelled + day + 1))
        .isEqualTo(spelled + day + 1);
    assertThat(TraceQuery.idEpochNanos(-1, 5)).isEqualTo(5);
    assertThat(TraceQuery.idEpochNanos(-1, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void matches_timeAndSpan_mustBothHold() {
    TraceId id = new TraceId(1, 1);
    Trace trace = new Trace(
            id,
            List.of(
                Span.builder(id, new SpanId(1))
                    .service("a")
                    .startEpochNanos(10)
                    .endEpochNanos(20)
                    .build()));
    SpanCondition other = new SpanCondition("b", null, null, null, null, Map.of());

    for (TimeField field : List.of(TimeField.START, TimeField.ACTIVE)) {
      assertThat(query(10, 11, field, SpanCondition.ANY).matches(trace)).isTrue();
      assertThat(query(10, 11, field, other).matches(trace)).isFalse();
      assertThat(query(21, 22, field, SpanCondition.ANY).matches(trace)).isFalse();
    }
    assertThat(query(10, 30, TimeField.SEGMENT_END, SpanCondition.ANY).matches(trace)).isFalse();
  }

  private static TraceQuery query(long start, long end, TimeField field, SpanCondition condition) {
    return new TraceQuery(new TimeRange(start, end), field, condition, 1, null);
  }

  @Test
  void query_limitOutOfBounds_isRefused() {
    for (int limit : new int[] {0, -1, 1_001}) {
      assertThatThrownBy(() -> TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, limit))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("limit: " + limit + " (expected: 1 to 1000)");
    }
  }
}
