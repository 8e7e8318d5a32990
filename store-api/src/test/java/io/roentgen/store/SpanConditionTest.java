// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Value;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SpanConditionTest {
  @Test
  void longOrNull_everySpelling_isExact() {
    assertThat(SpanCondition.longOrNull("1")).isEqualTo(1);
    assertThat(SpanCondition.longOrNull("-001")).isEqualTo(-1);
    assertThat(SpanCondition.longOrNull("1.000")).isEqualTo(1);
    assertThat(SpanCondition.longOrNull("12.5e1")).isEqualTo(125);
    assertThat(SpanCondition.longOrNull("1200e-2")).isEqualTo(12);
    assertThat(SpanCondition.longOrNull("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
    assertThat(SpanCondition.longOrNull("-9223372036854775808")).isEqualTo(Long.MIN_VALUE);
    assertThat(SpanCondition.longOrNull("0".repeat(399) + "7")).isEqualTo(7);
    for (String none :
        List.of("", "-", "+1", "1.", ".5", "0.5", "1e", "1e19", "1e999", "1e-999", "1e1000",
            "9223372036854775808", "0x1", "1L", " 1", "1\n", "NaN", "٣", "1".repeat(401))) {
      assertThat(SpanCondition.longOrNull(none)).as("'%s'", none).isNull();
    }
  }

  @Test
  void doubleOrNull_everySpelling_isTheNearest() {
    assertThat(SpanCondition.doubleOrNull("0.1")).isEqualTo(0.1);
    assertThat(SpanCondition.doubleOrNull("1E-1")).isEqualTo(0.1);
    assertThat(SpanCondition.doubleOrNull("-1e+2")).isEqualTo(-100);
    assertThat(SpanCondition.doubleOrNull("1e-999")).isZero();
    for (String none : List.of("", "1e400", "Infinity", "NaN", "1d", "0x1p3", ".5", "5.", "1e1000")) {
      assertThat(SpanCondition.doubleOrNull(none)).as("'%s'", none).isNull();
    }
  }

  @Test
  void matches_valueThatIsNoScalar_isFalseForAnyText() {
    for (Value value :
        List.of(
            new Value.BytesValue(new byte[0]),
            new Value.ArrayValue(List.of()),
            new Value.MapValue(Map.of()),
            Value.EmptyValue.INSTANCE)) {
      assertThat(SpanCondition.matches(value, "")).isFalse();
      assertThat(SpanCondition.matches(value, value.toString())).isFalse();
    }
  }
}
