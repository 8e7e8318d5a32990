// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.Outcome;
import io.roentgen.model.Resource;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Raw;
import io.roentgen.model.Scope;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.SpanTest.Is;
import io.roentgen.store.SpanTest.Place;
import io.roentgen.store.SpanTest.TextField;
import io.roentgen.store.ValueTest.TextOperator;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TraceConditionTest {
  private static final TraceId ID = new TraceId(1, 1);
  private static final ResourceScope SHARED =
      new ResourceScope(
          new Resource(
              Map.of("zone", Value.of("z1"), "k", Value.of("shared")), 0, "", Raw.EMPTY),
          Scope.EMPTY);

  /** The root, which took 100 ns and failed, and a span below it that goes on. */
  private static final Trace TRACE =
      Trace.ofWritten(
          List.of(
              Span.builder(ID, new SpanId(1))
                  .service("shop")
                  .serviceType("t")
                  .name("GET /")
                  .segment(true)
                  .startEpochNanos(10)
                  .endEpochNanos(110)
                  .outcome(new Outcome(false, true, false))
                  .attribute("k", Value.of("own"))
                  .attribute("n", Value.of(7))
                  .resourceScope(SHARED)
                  .build(),
              Span.builder(ID, new SpanId(2))
                  .parentSpanId(new SpanId(1))
                  .peerName("db")
                  .peerType("sql")
                  .startEpochNanos(20)
                  .inProgress(true)
                  .resourceScope(SHARED)
                  .build()));

  private static boolean some(SpanTest... tests) {
    return new TraceCondition.SomeSpan(new SpanTest.AllOf(List.of(tests))).matches(TRACE);
  }

  private static SpanTest field(TextField field, TextOperator operator, String wanted) {
    return new SpanTest.Field(field, new ValueTest.Text(operator, wanted));
  }

  private static SpanTest attribute(String key, Place place, String wanted) {
    return new SpanTest.Attribute(key, place, new ValueTest.Text(TextOperator.EQUAL, wanted));
  }

  @Test
  void field_everyOperator_comparesTheText() {
    assertThat(some(field(TextField.SERVICE, TextOperator.EQUAL, "shop"))).isTrue();
    assertThat(some(field(TextField.SERVICE, TextOperator.EQUAL, "Shop"))).isFalse();
    assertThat(some(field(TextField.SERVICE, TextOperator.NOT_EQUAL, "shop"))).isTrue();
    assertThat(some(field(TextField.SERVICE_TYPE, TextOperator.CONTAINS, "t"))).isTrue();
    assertThat(some(field(TextField.NAME, TextOperator.BEGINS_WITH, "GET"))).isTrue();
    assertThat(some(field(TextField.PEER_NAME, TextOperator.ENDS_WITH, "b"))).isTrue();
    assertThat(some(field(TextField.PEER_TYPE, TextOperator.ENDS_WITH, "x"))).isFalse();
  }

  @Test
  void attribute_everyPlace_looksThere() {
    assertThat(some(attribute("k", Place.SPAN, "own"))).isTrue();
    assertThat(some(attribute("k", Place.SPAN, "shared"))).isFalse();
    assertThat(some(Is.ROOT, attribute("k", Place.SPAN_THEN_RESOURCE, "shared"))).isFalse();
    assertThat(some(Is.CHILD, attribute("k", Place.SPAN_THEN_RESOURCE, "shared"))).isTrue();
    assertThat(some(Is.ROOT, attribute("k", Place.RESOURCE, "shared"))).isTrue();
    assertThat(some(attribute("zone", Place.SPAN, "z1"))).isFalse();
  }

  @Test
  void value_everyTest_matchesItsOwnTypeOnly() {
    ValueTest over5 = new ValueTest.Numeric(Comparison.GREATER, new BigDecimal("5.5"));
    ValueTest not5 = new ValueTest.Numeric(Comparison.NOT_EQUAL, new BigDecimal("5"));
    ValueTest large =
        new ValueTest.Numeric(Comparison.EQUAL, new BigDecimal("9007199254740993"));
    assertThat(over5.matches(Value.of(6))).isTrue();
    assertThat(over5.matches(Value.of(5))).isFalse();
    assertThat(over5.matches(Value.of(5.6))).isTrue();
    assertThat(over5.matches(Value.of("6"))).isFalse();
    assertThat(not5.matches(Value.of(Double.NaN))).isFalse();
    assertThat(not5.matches(Value.of(Double.POSITIVE_INFINITY))).isFalse();
    assertThat(large.matches(Value.of(9_007_199_254_740_993L))).isTrue();
    assertThat(large.matches(Value.of(9_007_199_254_740_992L))).isFalse();
    assertThat(new ValueTest.Flag(false).matches(Value.of(false))).isTrue();
    assertThat(new ValueTest.Flag(false).matches(Value.of("false"))).isFalse();
    assertThat(new ValueTest.Present().matches(Value.EmptyValue.INSTANCE)).isTrue();
    assertThat(new ValueTest.Text(TextOperator.CONTAINS, "").matches(Value.of(1))).isFalse();
  }

  @Test
  void span_durationStatusAndPlace_areTold() {
    assertThat(some(new SpanTest.Lasts(List.of(new LongRange(100, 100))))).isTrue();
    assertThat(some(new SpanTest.Lasts(List.of(new LongRange(0, 99))))).isFalse();
    assertThat(some(Is.IN_PROGRESS, new SpanTest.Lasts(List.of(new LongRange(0, 0))))).isFalse();
    assertThat(some(Is.ROOT, new SpanTest.Went(SpanCondition.Status.FAULT))).isTrue();
    assertThat(some(Is.CHILD, new SpanTest.Went(SpanCondition.Status.OK))).isTrue();
    assertThat(some(Is.SEGMENT, Is.CHILD)).isFalse();
    assertThat(some(new SpanTest.AnyOf(List.of(Is.ROOT, Is.CHILD)))).isTrue();
    assertThat(some(new SpanTest.Not(new SpanTest.AnyOf(List.of(Is.ROOT, Is.CHILD))))).isFalse();
    assertThat(some(SpanTest.none())).isFalse();
    assertThat(some()).isTrue();
  }

  @Test
  void someChild_isAboutTwoSpansOneTheOthersParent() {
    SpanTest db = field(TextField.PEER_NAME, TextOperator.EQUAL, "db");
    SpanTest shop = field(TextField.SERVICE, TextOperator.EQUAL, "shop");
    assertThat(new TraceCondition.SomeChild(db, shop).matches(TRACE)).isTrue();
    assertThat(new TraceCondition.SomeChild(db, Is.ROOT).matches(TRACE)).isTrue();
    assertThat(new TraceCondition.SomeChild(shop, db).matches(TRACE)).isFalse();
    assertThat(new TraceCondition.SomeChild(db, db).matches(TRACE)).isFalse();
    assertThat(new TraceCondition.SomeChild(shop, SpanTest.any()).matches(TRACE)).isFalse();
  }

  @Test
  void trace_partsAreJoined() {
    TraceCondition root = new TraceCondition.SomeSpan(Is.ROOT);
    TraceCondition lasts = new TraceCondition.Lasts(List.of(new LongRange(100, 100)));
    assertThat(lasts.matches(TRACE)).isTrue();
    assertThat(new TraceCondition.Lasts(List.of()).matches(TRACE)).isFalse();
    assertThat(new TraceCondition.AllOf(List.of(root, lasts)).matches(TRACE)).isTrue();
    assertThat(new TraceCondition.Not(root).matches(TRACE)).isFalse();
    assertThat(TraceCondition.any().matches(TRACE)).isTrue();
    assertThat(TraceCondition.none().matches(TRACE)).isFalse();
  }

  @Test
  void query_whereDiffers_matchesOtherTracesAndTakesNoCursorOfTheOther() {
    TraceQuery query = TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, 1);
    TraceQuery none = query.where(TraceCondition.none());
    assertThat(query.matches(TRACE)).isTrue();
    assertThat(none.matches(TRACE)).isFalse();

    String cursor = TraceCursor.after(TRACE.summary(), none);
    assertThat(TraceCursor.of(none.from(cursor))).isNotNull();
    assertThatThrownBy(() -> TraceCursor.of(query.from(cursor)))
        .hasMessageContaining("expected: next of a page of an equal query");
  }
}
