// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.Value;
import java.math.BigDecimal;
import java.util.List;

/** What an attribute's value must be like. A value of another type does not match, whatever the operator. */
public sealed interface ValueTest {
  /** Returns whether a value is like this. */
  boolean matches(Value value);

  /** Any value, of whatever type. */
  record Present() implements ValueTest {
    @Override
    public boolean matches(Value value) {
      return true;
    }
  }

  /** How two texts are compared: character by character, with case. */
  enum TextOperator {
    EQUAL,
    NOT_EQUAL,
    CONTAINS,
    BEGINS_WITH,
    ENDS_WITH
  }

  /**
   * A text.
   *
   * @param operator how it is compared
   * @param wanted what with; has no half of a surrogate pair
   */
  record Text(TextOperator operator, String wanted) implements ValueTest {
    @Override
    public boolean matches(Value value) {
      return value instanceof Value.StringValue(String text) && matches(text);
    }

    /** Returns whether a text is like this. */
    public boolean matches(String text) {
      return switch (operator) {
        case EQUAL -> text.equals(wanted);
        case NOT_EQUAL -> !text.equals(wanted);
        case CONTAINS -> text.contains(wanted);
        case BEGINS_WITH -> text.startsWith(wanted);
        case ENDS_WITH -> text.endsWith(wanted);
      };
    }
  }

  /**
   * A number: an integer, which is compared exactly, or a finite double, which is compared with the double nearest
   * to {@code wanted}. NaN and infinities match nothing, not even {@link Comparison#NOT_EQUAL}.
   *
   * @param comparison how it is compared
   * @param wanted what with
   */
  record Numeric(Comparison comparison, BigDecimal wanted) implements ValueTest {
    @Override
    public boolean matches(Value value) {
      return switch (value) {
        case Value.LongValue(long number) ->
            comparison.holds(BigDecimal.valueOf(number).compareTo(wanted));
        case Value.DoubleValue(double number) -> {
          double other = wanted.doubleValue();
          yield Double.isFinite(number)
              && comparison.holds(number < other ? -1 : number > other ? 1 : 0);
        }
        case Value.StringValue _,
            Value.BooleanValue _,
            Value.BytesValue _,
            Value.ArrayValue _,
            Value.MapValue _,
            Value.EmptyValue _ ->
            false;
      };
    }

    /** Returns the integers that match, as at most two ranges. */
    public List<LongRange> integers() {
      return LongRange.of(comparison, wanted);
    }
  }

  /** True or false. */
  record Flag(boolean wanted) implements ValueTest {
    @Override
    public boolean matches(Value value) {
      return value instanceof Value.BooleanValue(boolean flag) && flag == wanted;
    }
  }
}
