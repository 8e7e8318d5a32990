// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Numbers that files and protocols hold, and small rules of the values. */
final class ValuesTest {
  @Test
  void number_ofEveryConstant_isTheOneThatIsStored() {
    assertThat(SpanKind.values())
        .containsExactly(
            SpanKind.UNSPECIFIED,
            SpanKind.INTERNAL,
            SpanKind.SERVER,
            SpanKind.CLIENT,
            SpanKind.PRODUCER,
            SpanKind.CONSUMER);
    assertThat(StatusCode.values())
        .containsExactly(StatusCode.UNSET, StatusCode.OK, StatusCode.ERROR);
    assertThat(Format.values()).containsExactly(Format.OTLP, Format.XRAY);
    for (SpanKind kind : SpanKind.values()) {
      assertThat(SpanKind.ofNumber(kind.number())).isEqualTo(kind);
    }
    for (StatusCode code : StatusCode.values()) {
      assertThat(StatusCode.ofNumber(code.number())).isEqualTo(code);
    }
    for (Format format : Format.values()) {
      assertThat(Format.ofNumber(format.number())).isEqualTo(format);
    }
  }

  @Test
  void ofNumber_thatNoneHas_isTheDefaultOrRefused() {
    assertThat(SpanKind.ofNumber(6)).isEqualTo(SpanKind.UNSPECIFIED);
    assertThat(SpanKind.ofNumber(-1)).isEqualTo(SpanKind.UNSPECIFIED);
    assertThat(StatusCode.ofNumber(3)).isEqualTo(StatusCode.UNSET);
    assertThatThrownBy(() -> Format.ofNumber(2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("format: 2 (expected: 0 or 1)");
  }

  @Test
  void outcome_bits_areReadBack() {
    for (int bits = 0; bits < 8; bits++) {
      assertThat(Outcome.ofBits(bits).bits()).isEqualTo(bits);
      assertThat(Outcome.ofBits(bits).isOk()).isEqualTo(bits == 0);
    }
  }

  @Test
  void timeRange_startIsInsideAndEndIsNot() {
    TimeRange range = new TimeRange(-5, 5);

    assertThat(List.of(range.contains(-6), range.contains(-5), range.contains(4), range.contains(5)))
        .containsExactly(false, true, true, false);
    assertThatThrownBy(() -> new TimeRange(5, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("endEpochNanos: 5 (expected: > 5)");
  }

  @Test
  void span_durationOfFaultyClockOrInProgress_isZero() {
    Span.Builder span =
        Span.builder(new TraceId(1, 1), new SpanId(1)).startEpochNanos(10).endEpochNanos(7);

    assertThat(span.build().durationNanos()).isZero();
    assertThat(span.inProgress(true).endEpochNanos(30).build().durationNanos()).isZero();
    assertThat(span.inProgress(false).build().durationNanos()).isEqualTo(20);
  }

  @Test
  void span_mapsAndListsOfItsBuilder_areCopied() {
    Span.Builder builder =
        Span.builder(new TraceId(1, 1), new SpanId(1)).attribute("a", Value.of(1));
    Span span = builder.build();
    builder.attribute("b", Value.of(2));

    assertThat(span.attributes()).isEqualTo(Map.of("a", Value.of(1)));
    assertThat(span.toBuilder().build()).isEqualTo(span).hasSameHashCodeAs(span);
    assertThatThrownBy(() -> span.attributes().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void values_doubles_areEqualWhenTheBitsAre() {
    assertThat(Value.of(Double.NaN)).isEqualTo(Value.of(Double.NaN));
    assertThat(Value.of(0.0)).isNotEqualTo(Value.of(-0.0));
    assertThat(Value.of(1)).isNotEqualTo(Value.of(1.0));
  }

  @Test
  void bytes_givenAndTaken_areCopied() {
    byte[] bytes = {1, 2};
    Value.BytesValue value = new Value.BytesValue(bytes);
    Raw raw = Raw.of(bytes);
    bytes[0] = 9;
    value.value()[1] = 9;
    raw.bytes()[1] = 9;

    assertThat(value).isEqualTo(new Value.BytesValue(new byte[] {1, 2}));
    assertThat(raw).isEqualTo(Raw.of(new byte[] {0, 1, 2}, 1, 2));
    assertThat(Raw.of(new byte[0])).isSameAs(Raw.EMPTY);
  }

  @Test
  void callStatistics_addedAndTakenAway_areAsBefore() {
    CallStatistics.Builder builder = new CallStatistics.Builder();
    for (int bits = 0; bits < 8; bits++) {
      builder.add(bits, 1_000L * (bits + 1), 1);
    }
    CallStatistics all = builder.build();
    assertThat(all.okCount()).isEqualTo(1);
    assertThat(all.errorCount()).isEqualTo(1);
    assertThat(all.throttleCount()).isEqualTo(2);
    assertThat(all.faultCount()).isEqualTo(4);
    assertThat(all.totalCount()).isEqualTo(8).isEqualTo(all.latency().count());
    assertThat(all.totalDurationNanos()).isEqualTo(36_000);

    builder.add(all);
    assertThat(builder.build().totalCount()).isEqualTo(16);
    for (int i = 0; i < 2; i++) {
      for (int bits = 0; bits < 8; bits++) {
        builder.add(bits, 1_000L * (bits + 1), -1);
      }
    }
    assertThat(builder.build()).isEqualTo(new CallStatistics.Builder().build());
    assertThat(all.totalCount()).isEqualTo(8);
  }

  @Test
  void rejection_everyOne_hasACodeAndALabel() {
    for (Rejection rejection : Rejection.values()) {
      assertThat(rejection.xrayCode()).matches("[A-Z][A-Za-z]+");
      assertThat(rejection.label()).matches("[a-z_]+");
    }
  }
}
