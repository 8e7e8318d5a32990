// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.Outcome;
import io.roentgen.model.Raw;
import io.roentgen.model.Resource;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Scope;
import io.roentgen.model.Span;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.Comparison;
import io.roentgen.store.LongRange;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.SpanTest;
import io.roentgen.store.SpanTest.Is;
import io.roentgen.store.SpanTest.Place;
import io.roentgen.store.SpanTest.TextField;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceCondition;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceQuery.TimeField;
import io.roentgen.store.TraceSummary;
import io.roentgen.store.ValueTest;
import io.roentgen.store.ValueTest.TextOperator;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What {@link TraceQuery#where} promises: every search finds exactly the traces that match. */
public abstract class TraceConditionContract extends StoreContract {
  private static final int PAGE = 4;

  private static TraceCondition some(SpanTest... tests) {
    return new TraceCondition.SomeSpan(new SpanTest.AllOf(List.of(tests)));
  }

  private static TraceCondition not(TraceCondition condition) {
    return new TraceCondition.Not(condition);
  }

  private static SpanTest service(String name) {
    return new SpanTest.Field(
        TextField.SERVICE, new ValueTest.Text(TextOperator.EQUAL, name));
  }

  private static SpanTest attribute(String key, Place place, ValueTest test) {
    return new SpanTest.Attribute(key, place, test);
  }

  private static ValueTest text(TextOperator operator, String wanted) {
    return new ValueTest.Text(operator, wanted);
  }

  private static ValueTest number(Comparison comparison, String wanted) {
    return new ValueTest.Numeric(comparison, new BigDecimal(wanted));
  }

  private List<TraceId> find(TraceCondition where) {
    return searchAll(TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, PAGE).where(where)).stream()
        .map(TraceSummary::traceId)
        .toList();
  }

  @Test
  void where_someSpan_isAboutOneSpan() {
    TraceId both = traces().traceId();
    TraceId apart = traces().traceId();
    SpanTest shop = service("shop");
    SpanTest red = attribute("colour", Place.SPAN, text(TextOperator.EQUAL, "red"));
    write(
        traces().span(both, "shop").attribute("colour", Value.of("red")).build(),
        traces().span(apart, "shop").build());
    write(traces().span(apart, "stock").attribute("colour", Value.of("red")).build());

    assertThat(find(some(shop, red))).containsExactly(both);
    assertThat(find(new TraceCondition.AllOf(List.of(some(shop), some(red)))))
        .containsExactlyInAnyOrder(both, apart);
    assertThat(find(not(some(service("stock"))))).containsExactly(both);
    assertThat(find(new TraceCondition.AnyOf(List.of(some(service("stock")), some(shop, red)))))
        .containsExactlyInAnyOrder(both, apart);
    assertThat(find(some(new SpanTest.Not(shop)))).containsExactly(apart);
    assertThat(find(TraceCondition.any())).containsExactlyInAnyOrder(both, apart);
    assertThat(find(TraceCondition.none())).isEmpty();
  }

  @Test
  void where_spanThatOthersReplaced_isNotSeen() {
    TraceId trace = traces().traceId();
    Span before =
        traces()
            .server(trace, "shop", null)
            .attribute("k", Value.of("before"))
            .endEpochNanos(0)
            .inProgress(true)
            .build();
    Span after =
        before.toBuilder()
            .attribute("k", Value.of("after"))
            .endEpochNanos(before.startEpochNanos() + 5)
            .inProgress(false)
            .build();
    write(before);
    assertThat(find(some(Is.IN_PROGRESS))).containsExactly(trace);
    write(after);

    assertThat(find(some(Is.IN_PROGRESS))).isEmpty();
    assertThat(find(some(attribute("k", Place.SPAN, text(TextOperator.EQUAL, "before")))))
        .isEmpty();
    assertThat(find(not(some(attribute("k", Place.SPAN, text(TextOperator.EQUAL, "before"))))))
        .containsExactly(trace);
    assertThat(find(some(new SpanTest.Lasts(List.of(new LongRange(5, 5)))))).containsExactly(trace);
  }

  private static TraceCondition child(SpanTest child, SpanTest parent) {
    return new TraceCondition.SomeChild(child, parent);
  }

  @Test
  void where_someChild_isAboutASpanAndItsOwnParent() {
    Span shop = traces().server(traces().traceId(), "shop", null).build();
    Span stock = traces().server(shop.traceId(), "stock", shop).build();
    Span other = traces().server(traces().traceId(), "shop", null).build();
    Span mail = traces().server(other.traceId(), "mail", other).build();
    Span deep = traces().server(other.traceId(), "stock", mail).build();
    // In the other trace both are there, but far apart, and elsewhere a parent never comes.
    Span orphan =
        traces().server(traces().traceId(), "stock", null).parentSpanId(shop.spanId()).build();
    TraceCondition called = child(service("stock"), service("shop"));
    write(stock, other, deep, orphan);
    assertThat(find(called)).isEmpty();
    assertThat(find(not(called)))
        .containsExactlyInAnyOrder(stock.traceId(), other.traceId(), orphan.traceId());
    write(shop, mail);

    assertThat(find(called)).containsExactly(shop.traceId());
    assertThat(find(child(service("shop"), service("stock")))).isEmpty();
    assertThat(find(not(called)))
        .containsExactlyInAnyOrder(other.traceId(), orphan.traceId());
    assertThat(find(child(service("stock"), SpanTest.any())))
        .containsExactlyInAnyOrder(shop.traceId(), other.traceId());
    assertThat(find(child(service("mail"), Is.ROOT))).containsExactly(other.traceId());
    assertThat(find(child(SpanTest.any(), service("mail")))).containsExactly(other.traceId());
    assertThat(find(child(SpanTest.none(), SpanTest.any()))).isEmpty();
  }

  @Test
  void where_someChildWhoseParentOthersReplaced_isNotSeen() {
    Span before = traces().server(traces().traceId(), "before", null).build();
    Span child = traces().server(before.traceId(), "child", before).build();
    write(before, child);
    assertThat(find(child(service("child"), service("before")))).containsExactly(child.traceId());
    write(before.toBuilder().service("after").build());

    assertThat(find(child(service("child"), service("before")))).isEmpty();
    assertThat(find(child(service("child"), service("after")))).containsExactly(child.traceId());
    write(child.toBuilder().parentSpanId(child.spanId()).build());

    assertThat(find(child(service("child"), service("after")))).isEmpty();
    assertThat(find(child(service("child"), service("child")))).containsExactly(child.traceId());
  }

  @Test
  void where_root_isThatOfTheWholeTrace() {
    TraceId trace = traces().traceId();
    Span root =
        traces().server(trace, "shop", null).outcome(new Outcome(true, false, false)).build();
    Span child = traces().server(trace, "stock", root).build();
    write(child);
    assertThat(find(some(Is.ROOT, service("stock")))).containsExactly(trace);
    write(root);

    assertThat(find(some(Is.ROOT, service("stock")))).isEmpty();
    assertThat(find(some(Is.ROOT, new SpanTest.Went(SpanCondition.Status.ERROR))))
        .containsExactly(trace);
    assertThat(find(some(Is.CHILD, new SpanTest.Went(SpanCondition.Status.ERROR)))).isEmpty();
  }

  @Test
  void where_traceLasts_countsFromItsStartToItsEndWhereverItsSpansAre() {
    TraceId trace = traces().traceId();
    long second = TestTraces.SECOND;
    write(
        traces().span(trace, "shop").startEpochNanos(traces().at(0))
            .endEpochNanos(traces().at(second)).build());
    write(
        traces().span(trace, "shop").startEpochNanos(traces().at(3 * second))
            .endEpochNanos(traces().at(4 * second)).build());

    assertThat(find(new TraceCondition.Lasts(List.of(new LongRange(4 * second, 4 * second)))))
        .containsExactly(trace);
    assertThat(
            find(
                new TraceCondition.Lasts(
                    List.of(
                        new LongRange(0, 4 * second - 1),
                        new LongRange(4 * second + 1, Long.MAX_VALUE)))))
        .isEmpty();
  }

  @Test
  void where_attributeValues_areComparedByTheirTypes() {
    Map<TraceId, Value> values = new LinkedHashMap<>();
    for (Value value :
        List.of(
            Value.of("42"),
            Value.of(42),
            Value.of(42.5),
            Value.of((1L << 53) + 1),
            Value.of(Long.MIN_VALUE),
            Value.of(-0.0),
            Value.of(Double.NaN),
            Value.of(Double.NEGATIVE_INFINITY),
            Value.of(true),
            Value.of(false),
            Value.of(""),
            Value.of("größe 😀 50%_\\"),
            Value.of("\\n\n\"42\""),
            Value.of("{\"intValue\":\"42\"}"),
            Value.of(1e300),
            Value.EmptyValue.INSTANCE,
            new Value.ArrayValue(List.of(Value.of("42"))))) {
      TraceId trace = traces().traceId();
      values.put(trace, value);
      // A key beyond ASCII is one that stores may keep in another way.
      write(traces().span(trace, "shop").attribute("k", value).attribute("schlüssel", value).build());
    }
    write(traces().span(traces().traceId(), "shop").build());
    List<ValueTest> tests = new ArrayList<>();
    tests.add(new ValueTest.Present());
    tests.add(new ValueTest.Flag(true));
    tests.add(new ValueTest.Flag(false));
    for (TextOperator operator : TextOperator.values()) {
      for (String wanted :
          List.of("", "42", "4", "😀 50%", "größe", "_\\", "%", "\n", "n", "\"", "\\n\n\"42\"")) {
        tests.add(text(operator, wanted));
      }
    }
    for (Comparison comparison : Comparison.values()) {
      for (String wanted :
          List.of("0", "42", "42.5", "9007199254740992", "9007199254740993", "1e300", "-1e300", "1e999")) {
        tests.add(number(comparison, wanted));
      }
    }
    for (ValueTest test : tests) {
      List<TraceId> expected = new ArrayList<>();
      values.forEach(
          (trace, value) -> {
            if (test.matches(value)) {
              expected.add(trace);
            }
          });
      for (String key : List.of("k", "schlüssel")) {
        SpanTest attribute = attribute(key, Place.SPAN, test);
        assertThat(find(some(attribute)))
            .as("%s", attribute)
            .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(find(not(some(attribute)))).as("not %s", attribute).hasSize(others(values, expected));
        assertThat(find(some(new SpanTest.Not(attribute))))
            .as("other than %s", attribute)
            .hasSize(others(values, expected));
      }
    }
  }

  /** Returns how many traces are not expected, the one without the attribute among them. */
  private static int others(Map<TraceId, Value> values, List<TraceId> expected) {
    return values.size() + 1 - expected.size();
  }

  @Test
  void where_deepOrWideTree_isDecidedToo() {
    TraceId shop = traces().traceId();
    TraceId stock = traces().traceId();
    write(traces().span(shop, "shop").build(), traces().span(stock, "stock").build());
    TraceCondition deep = some(service("shop"));
    SpanTest deepTest = service("shop");
    for (int level = 0; level < 200; level++) {
      deep =
          level % 2 == 0
              ? not(deep)
              : new TraceCondition.AllOf(List.of(deep, new TraceCondition.AllOf(List.of())));
      deepTest =
          level % 2 == 0
              ? new SpanTest.Not(deepTest)
              : new SpanTest.AnyOf(List.of(deepTest, SpanTest.none()));
    }
    List<SpanTest> wide = new ArrayList<>(List.of(service("stock")));
    List<TraceCondition> wideTree = new ArrayList<>(List.of(some(service("stock"))));
    for (int i = 0; i < 700; i++) {
      wide.add(service("shop" + i));
      wideTree.add(some(service("shop" + i)));
    }

    assertThat(find(deep)).containsExactly(shop);
    assertThat(find(not(deep))).containsExactly(stock);
    assertThat(find(some(deepTest))).containsExactly(shop);
    assertThat(find(some(new SpanTest.AnyOf(wide)))).containsExactly(stock);
    assertThat(find(new TraceCondition.AnyOf(wideTree))).containsExactly(stock);
  }

  @Test
  void where_attributePlace_isLookedAt() {
    ResourceScope shared =
        new ResourceScope(
            new Resource(Map.of("k", Value.of("shared")), 0, "", Raw.EMPTY), Scope.EMPTY);
    TraceId own = traces().traceId();
    TraceId none = traces().traceId();
    write(
        traces().span(own, "shop").attribute("k", Value.of(1)).resourceScope(shared).build(),
        traces().span(none, "shop").resourceScope(shared).build());
    ValueTest wanted = text(TextOperator.EQUAL, "shared");
    ValueTest present = new ValueTest.Present();

    assertThat(find(some(attribute("k", Place.SPAN, present)))).containsExactly(own);
    assertThat(find(some(attribute("k", Place.SPAN, wanted)))).isEmpty();
    assertThat(find(some(attribute("k", Place.SPAN_THEN_RESOURCE, wanted)))).containsExactly(none);
    assertThat(find(some(attribute("k", Place.SPAN_THEN_RESOURCE, present))))
        .containsExactlyInAnyOrder(own, none);
    assertThat(find(some(attribute("k", Place.RESOURCE, wanted))))
        .containsExactlyInAnyOrder(own, none);
  }

  @Test
  void where_besidesASpanConditionAndARange_narrowsFurther() {
    List<Span> shop = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      TraceId trace = traces().traceId();
      shop.add(
          traces()
              .span(trace, i % 3 == 0 ? "stock" : "shop")
              .startEpochNanos(traces().at(i))
              .endEpochNanos(traces().at(20))
              .attribute("even", Value.of(i % 2 == 0))
              .build());
      write(shop.get(i));
    }
    SpanCondition condition = new SpanCondition("shop", null, null, null, null, Map.of());
    TraceQuery query =
        new TraceQuery(
            new TimeRange(traces().at(2), traces().at(9)), TimeField.START, condition, 1, null);
    TraceCondition even = some(attribute("even", Place.SPAN, new ValueTest.Flag(true)));

    assertThat(searchAll(query.where(even)).stream().map(TraceSummary::traceId))
        .containsExactly(
            shop.get(8).traceId(), shop.get(4).traceId(), shop.get(2).traceId());
    TracePage page = reader().search(query.where(even));
    String next = Objects.requireNonNull(page.next(), "next");
    assertThatThrownBy(() -> reader().search(query.from(next)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static <T> T pick(Random random, List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  @Test
  void where_randomConditions_findWhatMatches() {
    RandomSpans spans = new RandomSpans(7, baseEpochNanos());
    Random random = new Random(7);
    RandomConditions conditions = new RandomConditions(random);
    Map<TraceId, List<Span>> written = new LinkedHashMap<>();
    for (int batch = 0; batch < 12; batch++) {
      List<Span> some = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        some.addAll(spans.trace(5));
      }
      Collections.shuffle(some, random);
      for (int from = 0; from < some.size(); from += 10) {
        write(some.subList(from, Math.min(some.size(), from + 10)));
      }
      for (Span span : some) {
        written.computeIfAbsent(span.traceId(), _ -> new ArrayList<>()).add(span);
      }
    }
    List<Trace> all = written.values().stream().map(Trace::ofWritten).toList();
    for (int i = 0; i < 150; i++) {
      TraceCondition condition =
          i % 3 == 0
              ? conditions.next()
              : conditions.like(pick(random, List.copyOf(written.values())));
      List<TraceId> expected =
          all.stream().filter(condition::matches).map(Trace::traceId).toList();
      TraceQuery query = TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, 50).where(condition);
      assertThat(searchAll(query).stream().map(TraceSummary::traceId))
          .as("%s", condition)
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }
}
