// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.store.SpanTest;
import io.roentgen.store.TraceCondition;
import io.roentgen.store.ValueTest;
import io.roentgen.store.ValueTest.TextOperator;
import java.util.ArrayList;
import java.util.List;

/**
 * Leaves out what cannot be true beside what must not be: of {@code (service("a") { fault } OR user
 * = "u") AND !service("a")}, the segments of a. A store that knows where the user is would else
 * look at all spans for them.
 */
final class Contradictions {
  /**
   * More tests than this that no span may be like are not looked at, as each is held against each.
   */
  private static final int MAX_REFUTED = 32;

  private Contradictions() {}

  /** Returns a condition that is true of the same traces. */
  static TraceCondition removed(TraceCondition condition) {
    return removed(condition, List.of());
  }

  /**
   * @param refuted what no span of the trace is like, or the whole is not true anyway
   */
  private static TraceCondition removed(TraceCondition condition, List<SpanTest> refuted) {
    return switch (condition) {
      case TraceCondition.AllOf(List<TraceCondition> all) -> {
        List<SpanTest> more = new ArrayList<>(refuted);
        for (TraceCondition each : all) {
          if (each instanceof TraceCondition.Not(TraceCondition.SomeSpan(SpanTest test))
              && more.size() < MAX_REFUTED) {
            more.add(test);
          }
        }
        yield Planner.allOf(removed(all, more));
      }
      case TraceCondition.AnyOf(List<TraceCondition> any) -> Planner.anyOf(removed(any, refuted));
      case TraceCondition.SomeSpan(SpanTest test) ->
          isRefuted(test, refuted) ? TraceCondition.none() : condition;
      case TraceCondition.SomeChild(SpanTest child, SpanTest parent) ->
          isRefuted(child, refuted) || isRefuted(parent, refuted)
              ? TraceCondition.none()
              : condition;
      case TraceCondition.Not _, TraceCondition.Lasts _ -> condition;
    };
  }

  private static List<TraceCondition> removed(
      List<TraceCondition> conditions, List<SpanTest> refuted) {
    List<TraceCondition> left = new ArrayList<>();
    for (TraceCondition condition : conditions) {
      left.add(removed(condition, refuted));
    }
    return left;
  }

  private static boolean isRefuted(SpanTest test, List<SpanTest> refuted) {
    for (SpanTest each : refuted) {
      if (implies(test, each)) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether every span that is like {@code test} surely is like {@code other}. */
  static boolean implies(SpanTest test, SpanTest other) {
    if (test.equals(other)) {
      return true;
    }
    if (other instanceof SpanTest.AllOf(List<SpanTest> all)) {
      for (SpanTest each : all) {
        if (!implies(test, each)) {
          return false;
        }
      }
      return true;
    }
    if (test instanceof SpanTest.AnyOf(List<SpanTest> any)) {
      for (SpanTest each : any) {
        if (!implies(each, other)) {
          return false;
        }
      }
      return true;
    }
    if (other instanceof SpanTest.AnyOf(List<SpanTest> any)) {
      for (SpanTest each : any) {
        if (implies(test, each)) {
          return true;
        }
      }
    }
    if (test instanceof SpanTest.AllOf(List<SpanTest> all)) {
      for (SpanTest each : all) {
        if (implies(each, other)) {
          return true;
        }
      }
      return false;
    }
    return test instanceof SpanTest.Field(SpanTest.TextField field, ValueTest.Text text)
        && text.operator() == TextOperator.EQUAL
        && isTrueOf(field, text.wanted(), other);
  }

  /** Returns whether a span with that text is like {@code test} whatever else it has. */
  private static boolean isTrueOf(SpanTest.TextField field, String text, SpanTest test) {
    return switch (test) {
      case SpanTest.Field(SpanTest.TextField other, ValueTest.Text wanted) ->
          other == field && wanted.matches(text);
      case SpanTest.Not(SpanTest.Field(SpanTest.TextField other, ValueTest.Text wanted)) ->
          other == field && !wanted.matches(text);
      default -> false;
    };
  }
}
