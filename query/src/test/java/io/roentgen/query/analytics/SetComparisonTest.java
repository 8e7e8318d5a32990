// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.roentgen.filter.Filter;
import io.roentgen.model.Outcome;
import io.roentgen.model.Raw;
import io.roentgen.model.Resource;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Scope;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.query.analytics.Field.FieldValue;
import io.roentgen.query.analytics.SetComparison.Bucket;
import io.roentgen.query.analytics.SetComparison.Side;
import io.roentgen.store.Trace;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SetComparisonTest {
  private static final long BASE = 1_700_000_000_000_000_000L;
  private static final long MILLIS = 1_000_000;

  private final SetComparison sets = new SetComparison();
  private int made;

  @Test
  void durations_areCountedByBucketForEachSet() {
    sets.add(Side.A, trace(1_000 * MILLIS, Map.of()));
    sets.add(Side.A, trace(1_001 * MILLIS, Map.of()));
    sets.add(Side.B, trace(10 * MILLIS, Map.of()));

    assertThat(sets.buckets())
        .containsExactly(
            new Bucket(10 * MILLIS, 13_335_214, 0, 1),
            new Bucket(1_000 * MILLIS, 1_333_521_432, 2, 0));
    assertThat(sets.traceCount(Side.A)).isEqualTo(2);
    assertThat(sets.durations(Side.B).count()).isEqualTo(1);
  }

  @Test
  void fieldWithNothingInCommon_scoresOne() {
    add(Side.A, 50, Map.of("tenant", Value.of("acme")));
    add(Side.B, 50, Map.of("tenant", Value.of("other")));

    Field field = field("tenant");

    assertThat(field.score()).isEqualTo(1);
    assertThat(field.values())
        .containsExactly(
            new FieldValue("acme", 50, 0, "attribute[\"tenant\"] = \"acme\""),
            new FieldValue("other", 0, 50, "attribute[\"tenant\"] = \"other\""));
  }

  @Test
  void sharesThatDiffer_scoreTheirDistanceLessChance() {
    // Shares 0.8 and 0.2 of 100 each: distance 0.6; chance sqrt(2/pi * 0.25 * 0.02) = 0.0564.
    add(Side.A, 80, Map.of("zone", Value.of("a")));
    add(Side.A, 20, Map.of("zone", Value.of("b")));
    add(Side.B, 20, Map.of("zone", Value.of("a")));
    add(Side.B, 80, Map.of("zone", Value.of("b")));

    assertThat(field("zone").score()).isCloseTo((0.6 - 0.05642) / (1 - 0.05642), within(1e-4));
  }

  @Test
  void fieldThatOneSetDoesNotHave_isAsAValue() {
    add(Side.A, 50, Map.of("promo", Value.of(true)));
    add(Side.B, 50, Map.of());

    assertThat(field("promo").score()).isEqualTo(1);
    assertThat(field("promo").aCount()).isEqualTo(50);
    assertThat(field("promo").bCount()).isZero();
    assertThat(field("promo").values())
        .containsExactly(new FieldValue("true", 50, 0, "attribute[\"promo\"] = true"));
  }

  @Test
  void sameShares_areNoField() {
    add(Side.A, 40, Map.of("zone", Value.of("a")));
    add(Side.B, 60, Map.of("zone", Value.of("a")));

    assertThat(sets.fields()).extracting(Field::name).doesNotContain("zone");
  }

  @Test
  void idsThatAreAllDifferent_doNotRank() {
    for (int i = 0; i < 100; i++) {
      add(i % 2 == 0 ? Side.A : Side.B, 1, Map.of("id", Value.of("id-" + i)));
    }

    assertThat(sets.fields()).extracting(Field::name).doesNotContain("id");
  }

  @Test
  void numbersOfManyValues_scoreTheGreatestDifferenceOfCumulativeShares() {
    // 1 to 100 and 51 to 150: at 50 the shares are 0.5 and 0.
    for (int i = 1; i <= 100; i++) {
      add(Side.A, 1, Map.of("size", Value.of(i)));
      add(Side.B, 1, Map.of("size", Value.of(i + 50L)));
    }

    Field field = field("size");

    double chance = 0.86873 * Math.sqrt(0.02);
    assertThat(field.numeric()).isTrue();
    assertThat(field.score()).isCloseTo((0.5 - chance) / (1 - chance), within(1e-4));
    assertThat(field.values())
        .hasSize(8)
        .first()
        .isEqualTo(
            new FieldValue(
                "1 – 25", 25, 0, "attribute[\"size\"] >= 1 AND attribute[\"size\"] <= 25"));
    assertThat(field.values().stream().mapToInt(FieldValue::aCount).sum()).isEqualTo(100);
    assertThat(field.values().stream().mapToInt(FieldValue::bCount).sum()).isEqualTo(100);
  }

  @Test
  void fewNumbers_areNames() {
    add(Side.A, 50, Map.of("code", Value.of(503)));
    add(Side.B, 50, Map.of("code", Value.of(200)));

    assertThat(field("code").numeric()).isFalse();
    assertThat(field("code").values().getFirst().filter()).isEqualTo("attribute[\"code\"] = 200");
  }

  @Test
  void plantedField_ranksFirstAmongNoise() {
    Random random = new Random(5);
    for (int i = 0; i < 300; i++) {
      boolean slow = i % 3 == 0;
      Map<String, Value> attributes =
          Map.of(
              "tenant",
                  Value.of(slow && random.nextInt(10) > 0 ? "acme" : "t" + random.nextInt(30)),
              "zone", Value.of("z" + random.nextInt(3)),
              "user", Value.of("u" + random.nextInt(200)),
              "size", Value.of(random.nextInt(1_000)),
              "request", Value.of(i));
      add(slow ? Side.A : Side.B, 1, attributes);
    }

    assertThat(sets.fields().getFirst().name()).isEqualTo("tenant");
    assertThat(sets.fields().getFirst().values().getFirst().text()).isEqualTo("acme");
    assertThat(sets.fields().getFirst().score()).isGreaterThan(0.8);
    assertThat(sets.fields().stream().skip(1)).allMatch(field -> field.score() < 0.3);
  }

  @Test
  void servicesStatusAndResources_areFieldsWithFilters() {
    Resource resource = new Resource(Map.of("version", Value.of("2")), 0, "", Raw.EMPTY);
    for (int i = 0; i < 20; i++) {
      Span root =
          root(MILLIS)
              .outcome(new Outcome(false, true, false))
              .resourceScope(new ResourceScope(resource, Scope.EMPTY))
              .build();
      Span bank =
          Span.builder(root.traceId(), new SpanId(2))
              .parentSpanId(new SpanId(1))
              .service("bank")
              .name("charge")
              .kind(SpanKind.SERVER)
              .segment(true)
              .startEpochNanos(BASE)
              .endEpochNanos(BASE + 9)
              .attribute("rpc.grpc.status_code", Value.of(4))
              .build();
      sets.add(Side.A, Trace.ofWritten(List.of(root, bank)));
    }
    add(Side.B, 20, Map.of());

    assertThat(field("service").values().getFirst())
        .isEqualTo(new FieldValue("bank", 20, 0, "service(\"bank\")"));
    assertThat(field("status").values())
        .contains(new FieldValue("fault", 20, 0, "fault"), new FieldValue("ok", 0, 20, "ok"));
    assertThat(field("grpc.status").values())
        .containsExactly(
            new FieldValue("DEADLINE_EXCEEDED", 20, 0, "grpc.status = DEADLINE_EXCEEDED"));
    assertThat(field("version").attribute()).isTrue();
    assertThat(field("operation").values().getFirst())
        .isEqualTo(new FieldValue("charge", 20, 0, null));
    Trace faulty =
        Trace.ofWritten(List.of(root(MILLIS).outcome(new Outcome(false, true, false)).build()));
    for (Cause cause : sets.causes()) {
      assertThat(Filter.parse(cause.filterOrNull(), Filter.Groups.NONE).matches(faulty))
          .as(cause.filterOrNull())
          .isTrue();
    }
    assertThat(sets.causes())
        .anySatisfy(
            cause -> {
              assertThat(cause.key().kind()).isEqualTo(Cause.Kind.FAULT);
              assertThat(cause.key().steps()).containsExactly(new Cause.Step("front", "front"));
              assertThat(cause.aCount()).isEqualTo(20);
              assertThat(cause.bCount()).isZero();
            });
  }

  @Test
  void valuesThatNeedEscaping_makeFiltersThatMatchTheirTrace() {
    Map<String, Value> attributes =
        Map.of(
            "a \"b\" \\",
            Value.of("x\"\\y"),
            "number",
            Value.of(1.5e-7),
            "large",
            Value.of(1e300),
            "long",
            Value.of(Long.MIN_VALUE));
    Trace trace = trace(5, attributes);
    for (int i = 0; i < 30; i++) {
      sets.add(Side.A, trace);
    }
    add(Side.B, 30, Map.of());

    for (String name : attributes.keySet()) {
      String filter = field(name).values().getFirst().filter();
      assertThat(Filter.parse(filter, Filter.Groups.NONE).matches(trace)).as(filter).isTrue();
    }
  }

  @Test
  void fullSet_takesInNoMore() {
    add(Side.A, SetComparison.MAX_TRACES, Map.of());

    assertThat(sets.isFull(Side.A)).isTrue();
    assertThat(sets.add(Side.A, trace(1, Map.of()))).isFalse();
    assertThat(sets.isFull(Side.B)).isFalse();
  }

  @Test
  void emptySets_haveNoFields() {
    add(Side.A, 3, Map.of("x", Value.of("y")));

    assertThat(sets.fields()).isEmpty();
    assertThat(sets.fieldCount()).isPositive();
  }

  private Field field(String name) {
    return sets.fields().stream()
        .filter(field -> field.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private void add(Side side, int count, Map<String, Value> attributes) {
    for (int i = 0; i < count; i++) {
      assertThat(sets.add(side, trace(MILLIS, attributes))).isTrue();
    }
  }

  private Trace trace(long durationNanos, Map<String, Value> attributes) {
    return Trace.ofWritten(List.of(root(durationNanos).attributes(attributes).build()));
  }

  private Span.Builder root(long durationNanos) {
    return Span.builder(new TraceId(1, ++made), new SpanId(1))
        .service("front")
        .name("GET /")
        .kind(SpanKind.SERVER)
        .segment(true)
        .startEpochNanos(BASE)
        .endEpochNanos(BASE + durationNanos);
  }
}
