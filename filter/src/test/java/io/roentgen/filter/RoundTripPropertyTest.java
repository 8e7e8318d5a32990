// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

class RoundTripPropertyTest {
  @Property(tries = 2_000, shrinking = ShrinkingMode.OFF)
  void write_anyTree_parsesToTheSameTree(@ForAll long seed) {
    Expression expression = new RandomExpressions(seed).next();
    String text = ExpressionWriter.write(expression);

    Expression parsed = Parser.parse(text, Integer.MAX_VALUE, Filter.MAX_DEPTH);

    assertThat(parsed).as(text).isEqualTo(expression);
    assertThat(ExpressionWriter.write(parsed)).isEqualTo(text);
  }
}
