// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.testkit;

import io.roentgen.model.Span;
import io.roentgen.model.Value;
import io.roentgen.store.Comparison;
import io.roentgen.store.LongRange;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.SpanTest;
import io.roentgen.store.SpanTest.Is;
import io.roentgen.store.SpanTest.Place;
import io.roentgen.store.SpanTest.TextField;
import io.roentgen.store.TraceCondition;
import io.roentgen.store.ValueTest;
import io.roentgen.store.ValueTest.TextOperator;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Conditions made up from a seed, with names and values that {@link RandomSpans} has too. */
final class RandomConditions {
  private static final int MAX_DEPTH = 3;

  private static final List<BigDecimal> NUMBERS =
      Stream.of(
              "0", "1", "-1", "42", "0.1", "41.5", "9007199254740993", "9007199254740992",
              "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e300",
              "-1e300", "4.9e-324")
          .map(BigDecimal::new)
          .toList();

  private static final List<Long> DURATIONS =
      List.of(
          0L,
          1L,
          TestTraces.SECOND / 2,
          TestTraces.SECOND,
          2 * TestTraces.SECOND,
          TestTraces.HOUR,
          TestTraces.DAY,
          Long.MAX_VALUE);

  private static final List<TextOperator> TEXT_OPERATORS = List.of(TextOperator.values());

  private final Random random;

  RandomConditions(Random random) {
    this.random = random;
  }

  TraceCondition next() {
    return condition(0);
  }

  private TraceCondition like(Span span) {
    TraceCondition some = new TraceCondition.SomeSpan(new SpanTest.AllOf(testsLike(span)));
    return switch (random.nextInt(6)) {
      case 0 -> new TraceCondition.AllOf(List.of(some, new TraceCondition.Not(condition(1))));
      case 1 -> new TraceCondition.AnyOf(List.of(some, condition(1)));
      case 2 -> new TraceCondition.Not(some);
      case 3 ->
          new TraceCondition.AllOf(
              List.of(some, new TraceCondition.SomeSpan(new SpanTest.AllOf(testsLike(span)))));
      default -> some;
    };
  }

  /** Returns a condition that a trace with these spans, of which others may be of other traces, often meets. */
  TraceCondition like(List<Span> spans) {
    Span span = pick(spans);
    List<Span> parents =
        spans.stream()
            .filter(
                other ->
                    other.spanId().equals(span.parentSpanId())
                        && other.traceId().equals(span.traceId()))
            .toList();
    return parents.isEmpty() || random.nextInt(3) == 0 ? like(span) : like(span, pick(parents));
  }

  private TraceCondition like(Span child, Span parent) {
    TraceCondition pair =
        new TraceCondition.SomeChild(
            new SpanTest.AllOf(testsLike(child)), new SpanTest.AllOf(testsLike(parent)));
    return switch (random.nextInt(5)) {
      case 0 -> new TraceCondition.AllOf(List.of(pair, like(parent)));
      case 1 -> new TraceCondition.AnyOf(List.of(pair, condition(1)));
      case 2 -> new TraceCondition.Not(pair);
      default -> pair;
    };
  }

  private List<SpanTest> testsLike(Span span) {
    List<SpanTest> tests = new ArrayList<>();
    for (TextField field : TextField.values()) {
      if (random.nextInt(4) == 0) {
        String text =
            switch (field) {
              case SERVICE -> span.service();
              case SERVICE_TYPE -> span.serviceType();
              case NAME -> span.name();
              case PEER_NAME -> span.peerName();
              case PEER_TYPE -> span.peerType();
            };
        tests.add(new SpanTest.Field(field, text(text)));
      }
    }
    span.attributes().forEach((key, value) -> addLike(tests, key, value, Place.SPAN));
    span.resourceScope()
        .resource()
        .attributes()
        .forEach((key, value) -> addLike(tests, key, value, Place.RESOURCE));
    if (random.nextInt(4) == 0) {
      Comparison comparison = random.nextBoolean() ? Comparison.EQUAL : Comparison.AT_LEAST;
      tests.add(
          new SpanTest.Lasts(
              LongRange.of(comparison, BigDecimal.valueOf(span.durationNanos()))));
    }
    if (random.nextInt(4) == 0) {
      tests.add(span.segment() ? Is.SEGMENT : new SpanTest.Not(Is.SEGMENT));
    }
    return tests;
  }

  private void addLike(List<SpanTest> tests, String key, Value value, Place place) {
    if (random.nextInt(3) > 0) {
      return;
    }
    ValueTest test =
        switch (value) {
          case Value.StringValue(String text) -> text(text);
          case Value.LongValue(long number) ->
              new ValueTest.Numeric(
                  pick(List.of(Comparison.EQUAL, Comparison.AT_MOST)), BigDecimal.valueOf(number));
          case Value.DoubleValue(double number) when Double.isFinite(number) ->
              new ValueTest.Numeric(
                  pick(List.of(Comparison.EQUAL, Comparison.AT_LEAST)), new BigDecimal(number));
          case Value.BooleanValue(boolean flag) -> new ValueTest.Flag(flag);
          default -> new ValueTest.Present();
        };
    tests.add(
        new SpanTest.Attribute(
            key, random.nextInt(3) == 0 ? Place.SPAN_THEN_RESOURCE : place, test));
  }

  private <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private TraceCondition condition(int depth) {
    return switch (depth == MAX_DEPTH ? 11 : random.nextInt(12)) {
      case 0 -> new TraceCondition.AllOf(conditions(depth));
      case 1 -> new TraceCondition.AnyOf(conditions(depth));
      case 2, 3 -> new TraceCondition.Not(condition(depth + 1));
      case 4 -> new TraceCondition.Lasts(durations());
      // Part of each condition on a trace's duration, and easily taken for granted.
      case 5 -> new TraceCondition.SomeSpan(new SpanTest.Not(Is.IN_PROGRESS));
      case 6, 7 -> new TraceCondition.SomeChild(test(0), test(0));
      default -> new TraceCondition.SomeSpan(test(0));
    };
  }

  private List<TraceCondition> conditions(int depth) {
    List<TraceCondition> conditions = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      conditions.add(condition(depth + 1));
    }
    return conditions;
  }

  private SpanTest test(int depth) {
    return switch (depth == MAX_DEPTH ? 15 : random.nextInt(16)) {
      case 0, 1 -> new SpanTest.AllOf(tests(depth));
      case 2 -> new SpanTest.AnyOf(tests(depth));
      case 3, 4 -> new SpanTest.Not(test(depth + 1));
      case 5, 6 -> field();
      case 7 -> new SpanTest.Lasts(durations());
      case 8 -> new SpanTest.Went(pick(List.of(SpanCondition.Status.values())));
      case 9, 10 -> pick(List.of(Is.values()));
      default ->
          new SpanTest.Attribute(
              pick(RandomSpans.KEYS), pick(List.of(Place.values())), value());
    };
  }

  private List<SpanTest> tests(int depth) {
    List<SpanTest> tests = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      tests.add(test(depth + 1));
    }
    return tests;
  }

  private SpanTest field() {
    TextField field = pick(List.of(TextField.values()));
    List<String> texts =
        switch (field) {
          case SERVICE -> RandomSpans.SERVICES;
          case NAME -> RandomSpans.OPERATIONS;
          case PEER_NAME -> RandomSpans.PEERS;
          case SERVICE_TYPE, PEER_TYPE -> RandomSpans.TYPES;
        };
    return new SpanTest.Field(field, text(random.nextInt(8) == 0 ? "" : pick(texts)));
  }

  /** Returns a test for a text or a piece of it. */
  private ValueTest.Text text(String whole) {
    TextOperator operator = pick(TEXT_OPERATORS);
    int[] characters = whole.codePoints().toArray();
    if (operator == TextOperator.EQUAL
        || operator == TextOperator.NOT_EQUAL
        || characters.length == 0) {
      return new ValueTest.Text(operator, whole);
    }
    int from = operator == TextOperator.BEGINS_WITH ? 0 : random.nextInt(characters.length);
    int to =
        operator == TextOperator.ENDS_WITH
            ? characters.length
            : from + random.nextInt(characters.length - from + 1);
    return new ValueTest.Text(operator, new String(characters, from, to - from));
  }

  private ValueTest value() {
    return switch (random.nextInt(5)) {
      case 0, 1 -> text(pick(RandomSpans.TEXTS));
      case 2 -> new ValueTest.Numeric(pick(List.of(Comparison.values())), pick(NUMBERS));
      case 3 -> new ValueTest.Flag(random.nextBoolean());
      default -> new ValueTest.Present();
    };
  }

  private List<LongRange> durations() {
    return LongRange.of(
        pick(List.of(Comparison.values())), BigDecimal.valueOf(pick(DURATIONS)));
  }
}
