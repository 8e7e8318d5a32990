// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.store.SpanCondition.Status;
import io.roentgen.store.SpanTest;
import io.roentgen.store.SpanTest.Is;
import io.roentgen.store.SpanTest.TextField;
import io.roentgen.store.TraceCondition;
import io.roentgen.store.ValueTest;
import io.roentgen.store.ValueTest.TextOperator;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContradictionsTest {
  private static final SpanTest CART = service(TextOperator.EQUAL, "cart");
  private static final SpanTest PAY = service(TextOperator.EQUAL, "pay");
  private static final SpanTest NAMED = new SpanTest.Not(service(TextOperator.EQUAL, ""));
  private static final SpanTest FAULT = new SpanTest.Went(Status.FAULT);

  private static SpanTest service(TextOperator operator, String text) {
    return new SpanTest.Field(TextField.SERVICE, new ValueTest.Text(operator, text));
  }

  private static SpanTest both(SpanTest... tests) {
    return new SpanTest.AllOf(List.of(tests));
  }

  private static SpanTest either(SpanTest... tests) {
    return new SpanTest.AnyOf(List.of(tests));
  }

  private static TraceCondition some(SpanTest test) {
    return new TraceCondition.SomeSpan(test);
  }

  private static TraceCondition no(SpanTest test) {
    return new TraceCondition.Not(some(test));
  }

  private static TraceCondition allOf(TraceCondition... conditions) {
    return new TraceCondition.AllOf(List.of(conditions));
  }

  private static TraceCondition anyOf(TraceCondition... conditions) {
    return new TraceCondition.AnyOf(List.of(conditions));
  }

  @Test
  void implies_whatFollows_isSeen() {
    assertThat(Contradictions.implies(both(Is.SEGMENT, CART, FAULT), both(CART, Is.SEGMENT)))
        .isTrue();
    assertThat(Contradictions.implies(CART, NAMED)).isTrue();
    assertThat(Contradictions.implies(CART, service(TextOperator.BEGINS_WITH, "ca"))).isTrue();
    assertThat(Contradictions.implies(CART, new SpanTest.Not(PAY))).isTrue();
    assertThat(Contradictions.implies(either(CART, PAY), NAMED)).isTrue();
    assertThat(Contradictions.implies(CART, either(PAY, CART))).isTrue();
    assertThat(Contradictions.implies(both(either(CART, PAY), FAULT), either(FAULT, PAY))).isTrue();
    assertThat(Contradictions.implies(SpanTest.none(), FAULT)).isTrue();
  }

  @Test
  void implies_whatMayBeOtherwise_isNotClaimed() {
    assertThat(Contradictions.implies(both(Is.SEGMENT, CART), both(CART, FAULT))).isFalse();
    assertThat(Contradictions.implies(either(CART, PAY), CART)).isFalse();
    assertThat(Contradictions.implies(CART, PAY)).isFalse();
    assertThat(Contradictions.implies(NAMED, CART)).isFalse();
    assertThat(Contradictions.implies(service(TextOperator.CONTAINS, "cart"), CART)).isFalse();
    assertThat(Contradictions.implies(CART, new SpanTest.Not(CART))).isFalse();
    assertThat(Contradictions.implies(SpanTest.any(), FAULT)).isFalse();
  }

  @Test
  void removed_branchesBesideTheirOpposite_areGone() {
    assertThat(
            Contradictions.removed(
                allOf(anyOf(some(both(CART, FAULT)), some(PAY)), no(both(CART, NAMED)))))
        .isEqualTo(allOf(some(PAY), no(both(CART, NAMED))));
    assertThat(
            Contradictions.removed(
                allOf(
                    no(CART),
                    anyOf(allOf(some(CART), some(PAY)), new TraceCondition.SomeChild(PAY, CART)))))
        .isEqualTo(TraceCondition.none());
  }

  @Test
  void removed_othersAreLeftAsTheyAre() {
    for (TraceCondition condition :
        List.of(
            // The opposite holds in one branch only.
            anyOf(no(CART), some(CART)),
            anyOf(allOf(no(CART), some(PAY)), some(CART)),
            allOf(no(both(CART, FAULT)), some(CART)),
            allOf(no(CART), no(both(CART, FAULT))),
            new TraceCondition.SomeChild(PAY, CART))) {
      assertThat(Contradictions.removed(condition)).isEqualTo(condition);
    }
  }
}
