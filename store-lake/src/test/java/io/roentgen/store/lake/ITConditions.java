// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanId;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.CallSpan;
import io.roentgen.store.LongRange;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.SpanTest;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceCondition;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceSummary;
import io.roentgen.store.ValueTest;
import io.roentgen.store.testkit.RandomSpans;
import io.roentgen.store.testkit.TestTraces;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Conditions over live chunks and over parts, sums of calls, and what is quoted in SQL. */
final class ITConditions {
  private static final List<String> TEXTS =
      List.of(
          "1",
          "1.0",
          "1e0",
          "0",
          "-0.0",
          "42",
          "true",
          "false",
          "NaN",
          "it's",
          "",
          "0.1",
          "a\u0000b");

  @TempDir Path folder;

  private static Map<String, String> attributesLike(Span span, Random random) {
    Map<String, Value> from = new LinkedHashMap<>(span.attributes());
    if (random.nextBoolean()) {
      from.putAll(span.resourceScope().resource().attributes());
    }
    Map<String, String> wanted = new LinkedHashMap<>();
    from.forEach(
        (key, value) -> {
          if (random.nextInt(3) > 0) {
            return;
          }
          String own =
              switch (value) {
                case Value.StringValue string -> string.value();
                case Value.LongValue number -> Long.toString(number.value());
                case Value.DoubleValue number -> Double.toString(number.value());
                case Value.BooleanValue flag -> Boolean.toString(flag.value());
                default -> "1";
              };
          wanted.put(key, random.nextInt(4) == 0 ? TEXTS.get(random.nextInt(TEXTS.size())) : own);
        });
    return wanted;
  }

  /** Returns a condition that the span often meets. */
  private static SpanCondition conditionLike(Span span, Random random) {
    long duration = span.durationNanos();
    SpanCondition.Status[] statuses = SpanCondition.Status.values();
    return new SpanCondition(
        random.nextInt(3) == 0 ? span.service() : null,
        random.nextInt(3) == 0 ? span.name() : null,
        random.nextInt(4) == 0 ? duration - random.nextInt(2) : null,
        random.nextInt(4) == 0 ? duration + random.nextInt(2) : null,
        random.nextInt(4) == 0 ? statuses[random.nextInt(statuses.length)] : null,
        attributesLike(span, random));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void liveFilter_anySpansAndConditions_acceptsAllThatTheConditionDoes(long seed) {
    RandomSpans source = new RandomSpans(seed, TestTraces.BASE_EPOCH_NANOS);
    Random random = new Random(seed);
    List<Span> spans = new ArrayList<>();
    while (spans.size() < 100) {
      spans.addAll(source.trace(8));
    }
    SpanBatch batch = SpanBatch.of(spans);
    int accepted = 0;
    for (int i = 0; i < 300; i++) {
      SpanCondition condition = conditionLike(spans.get(random.nextInt(spans.size())), random);
      LiveFilter.Matcher matcher = new LiveFilter(condition).forBatch(batch);
      SpanBatch.Cursor cursor = batch.cursor();
      for (Span span : spans) {
        cursor.next();
        if (condition.matches(span)) {
          accepted++;
          assertThat(matcher.matches(cursor)).as("%s accepts %s", condition, span).isTrue();
        }
      }
    }
    assertThat(accepted).isGreaterThan(100);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void search_sealedSpans_findsWhatTheConditionAccepts(long seed) {
    RandomSpans source = new RandomSpans(seed, TestTraces.BASE_EPOCH_NANOS);
    Random random = new Random(seed);
    List<Span> spans = new ArrayList<>();
    // One span a trace, so that nothing but the condition decides.
    for (int i = 0; i < 120; i++) {
      spans.add(source.span(new TraceId(seed, i + 1)));
    }
    try (LakeStore store = TestLake.open(folder)) {
      for (int i = 0; i < 3; i++) {
        TestLake.writePart(store, spans.subList(40 * i, 40 * i + 40));
      }
      assertThat(store.status().liveSpanCount()).isZero();
      for (int i = 0; i < 60; i++) {
        SpanCondition condition = conditionLike(spans.get(random.nextInt(spans.size())), random);
        List<TraceId> expected =
            spans.stream().filter(condition::matches).map(Span::traceId).toList();
        TraceQuery query = TraceQuery.of(TimeRange.ALL, condition, TraceQuery.MAX_LIMIT);
        assertThat(store.reader().search(query).traces())
            .extracting(TraceSummary::traceId)
            .as("%s", condition)
            .containsExactlyInAnyOrderElementsOf(expected);
      }
    }
  }

  private static SpanTest testLike(Span span, Random random) {
    List<SpanTest> tests = new ArrayList<>();
    tests.add(
        new SpanTest.Field(
            SpanTest.TextField.SERVICE,
            new ValueTest.Text(ValueTest.TextOperator.EQUAL, span.service())));
    tests.add(
        new SpanTest.Field(
            SpanTest.TextField.PEER_NAME,
            new ValueTest.Text(ValueTest.TextOperator.EQUAL, span.peerName())));
    tests.add(
        new SpanTest.Field(
            SpanTest.TextField.NAME,
            new ValueTest.Text(ValueTest.TextOperator.BEGINS_WITH, span.name())));
    tests.add(
        new SpanTest.Lasts(List.of(new LongRange(span.durationNanos(), span.durationNanos()))));
    tests.add(SpanTest.Is.values()[random.nextInt(SpanTest.Is.values().length)]);
    span.attributes()
        .forEach(
            (key, value) ->
                tests.add(
                    new SpanTest.Attribute(
                        key, SpanTest.Place.SPAN_THEN_RESOURCE, testLike(value, random))));
    span.resourceScope()
        .resource()
        .attributes()
        .forEach(
            (key, value) ->
                tests.add(
                    new SpanTest.Attribute(
                        key, SpanTest.Place.RESOURCE, testLike(value, random))));
    tests.replaceAll(test -> random.nextInt(5) == 0 ? new SpanTest.Not(test) : test);
    tests.removeIf(_ -> random.nextInt(3) > 0);
    return random.nextInt(4) == 0 ? new SpanTest.AnyOf(tests) : new SpanTest.AllOf(tests);
  }

  private static ValueTest testLike(Value value, Random random) {
    return value instanceof Value.StringValue(String text) && random.nextBoolean()
        ? new ValueTest.Text(ValueTest.TextOperator.EQUAL, text)
        : new ValueTest.Present();
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33, 34})
  void liveTest_anySpansAndTests_acceptsAllThatTheTestDoes(long seed) {
    RandomSpans source = new RandomSpans(seed, TestTraces.BASE_EPOCH_NANOS);
    Random random = new Random(seed);
    List<Span> spans = new ArrayList<>();
    while (spans.size() < 100) {
      spans.addAll(source.trace(8));
    }
    SpanBatch batch = SpanBatch.of(spans);
    int accepted = 0;
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      SpanTest test = testLike(spans.get(random.nextInt(spans.size())), random);
      LiveTest.Matcher matcher = new LiveTest(test).forBatch(batch);
      SpanBatch.Cursor cursor = batch.cursor();
      for (Span span : spans) {
        cursor.next();
        boolean found = matcher.matches(cursor);
        // The root is another one in each of these two.
        if (test.matches(span, span.spanId()) || test.matches(span, new SpanId(~span.spanId().value()))) {
          accepted++;
          assertThat(found).as("%s accepts %s", test, span).isTrue();
        } else {
          refused += found ? 0 : 1;
        }
      }
    }
    assertThat(accepted).isGreaterThan(100);
    assertThat(refused).isGreaterThan(10_000);
  }

  /** Returns a condition about two spans, the trace's length, or both, that a trace with this span often meets. */
  private static TraceCondition whereLike(Trace trace, Random random) {
    Span span = trace.spans().get(random.nextInt(trace.spans().size()));
    TraceSummary summary = trace.summary();
    long length = summary.endEpochNanos() - summary.startEpochNanos();
    TraceCondition lasts = new TraceCondition.Lasts(List.of(new LongRange(length, length)));
    TraceCondition pair =
        trace.spans().stream()
            .filter(parent -> parent.spanId().equals(span.parentSpanId()))
            .<TraceCondition>map(
                parent ->
                    new TraceCondition.SomeChild(testLike(span, random), testLike(parent, random)))
            .findFirst()
            .orElse(TraceCondition.none());
    return switch (random.nextInt(4)) {
      case 0 -> lasts;
      case 1 -> pair;
      case 2 -> new TraceCondition.AllOf(List.of(lasts, new TraceCondition.Not(pair)));
      default ->
          new TraceCondition.AnyOf(
              List.of(pair, new TraceCondition.SomeSpan(testLike(span, random))));
    };
  }

  @ParameterizedTest
  @ValueSource(longs = {41, 42, 43})
  void liveWhere_anyTracesAndConditions_acceptsAllThatTheConditionDoes(long seed) {
    RandomSpans source = new RandomSpans(seed, TestTraces.BASE_EPOCH_NANOS);
    Random random = new Random(seed);
    List<Trace> traces = new ArrayList<>();
    LiveChunk chunk = new LiveChunk(1);
    long sequence = 1;
    for (int i = 0; i < 60; i++) {
      List<Span> written = source.trace(8);
      traces.add(Trace.ofWritten(written));
      for (int from = 0; from < written.size(); from += 3) {
        List<Span> some = written.subList(from, Math.min(written.size(), from + 3));
        sequence = chunk.add(SpanBatch.of(some), sequence);
      }
    }
    int accepted = 0;
    int refused = 0;
    for (int i = 0; i < 200; i++) {
      TraceCondition where = whereLike(traces.get(random.nextInt(traces.size())), random);
      List<TraceId> found =
          chunk.matching(new LiveWhere(where)).stream()
              .map(LiveChunk.Candidate::traceId)
              .toList();
      List<TraceId> expected =
          traces.stream().filter(where::matches).map(Trace::traceId).toList();
      assertThat(found).as("%s", where).containsAll(expected);
      accepted += expected.size();
      refused += traces.size() - found.size();
    }
    assertThat(accepted).isGreaterThan(100);
    assertThat(refused).isGreaterThan(3_000);
  }

  private static TraceCondition someWith(String key, String text) {
    return new TraceCondition.SomeSpan(
        new SpanTest.Attribute(
            key,
            SpanTest.Place.SPAN,
            new ValueTest.Text(ValueTest.TextOperator.EQUAL, text)));
  }

  /** The parts lack what the other has, so that a search for both would leave both alone. */
  @Test
  void search_traceInTwoPartsAndLive_isDecidedByAllOfThem() {
    TestTraces traces = new TestTraces();
    TraceId split = traces.traceId();
    TraceId whole = traces.traceId();
    try (LakeStore store = TestLake.open(folder)) {
      TestLake.writePart(
          store,
          List.of(
              traces.span(split, "shop").attribute("a", Value.of("1")).build(),
              traces.span(whole, "shop").attribute("a", Value.of("1")).build()));
      TestLake.writePart(
          store, List.of(traces.span(split, "stock").attribute("b", Value.of("2")).build()));
      TestLake.write(
          store, List.of(traces.span(split, "mail").attribute("c", Value.of("3")).build()));
      TraceCondition a = someWith("a", "1");
      TraceCondition b = someWith("b", "2");
      TraceCondition c = someWith("c", "3");
      for (boolean sealed : List.of(false, true)) {
        if (sealed) {
          store.seal(TestLake.LIMIT);
        }
        for (String service : List.of("", "shop", "stock", "mail")) {
          SpanCondition span =
              service.isEmpty()
                  ? SpanCondition.ANY
                  : new SpanCondition(service, null, null, null, null, Map.of());
          for (TraceCondition where :
              List.of(
                  new TraceCondition.AllOf(List.of(a, b, c)),
                  new TraceCondition.AllOf(List.of(b, c)),
                  new TraceCondition.AllOf(List.of(a, c)),
                  new TraceCondition.AnyOf(List.of(b, c)),
                  b,
                  c)) {
            assertThat(search(store, span, where)).as("%s %s", service, where).containsExactly(split);
            assertThat(search(store, span, new TraceCondition.Not(where)))
                .as("%s not %s", service, where)
                .isEqualTo(
                    service.isEmpty() || service.equals("shop") ? List.of(whole) : List.of());
          }
        }
      }
    }
  }

  /** Each place has one of the two alone, or both of them but in other traces. */
  @Test
  void search_childAndParentInTwoPlaces_areFoundTogether() {
    TestTraces traces = new TestTraces();
    Span shop = traces.server(traces.traceId(), "shop", null).build();
    Span stock = traces.server(shop.traceId(), "stock", shop).build();
    Span mail = traces.server(shop.traceId(), "mail", stock).build();
    Span whole = traces.server(traces.traceId(), "shop", null).build();
    Span child = traces.server(whole.traceId(), "stock", whole).build();
    TraceCondition first = called("shop", "stock");
    TraceCondition second = called("stock", "mail");
    try (LakeStore store = TestLake.open(folder)) {
      TestLake.writePart(store, List.of(stock, whole));
      TestLake.writePart(store, List.of(shop, child));
      TestLake.write(store, List.of(mail));
      for (boolean sealed : List.of(false, true)) {
        if (sealed) {
          store.seal(TestLake.LIMIT);
        }
        assertThat(search(store, SpanCondition.ANY, first))
            .containsExactlyInAnyOrder(shop.traceId(), whole.traceId());
        assertThat(search(store, SpanCondition.ANY, second)).containsExactly(shop.traceId());
        assertThat(search(store, SpanCondition.ANY, new TraceCondition.Not(second)))
            .containsExactly(whole.traceId());
        assertThat(search(store, SpanCondition.ANY, called("mail", "stock"))).isEmpty();
      }
    }
  }

  /** What the rows say of parents is true of the merged part, though no source knew it. */
  @Test
  void search_childAndParentOfMergedParts_areFoundTogether() {
    TestTraces traces = new TestTraces();
    Span shop = traces.server(traces.traceId(), "shop", null).build();
    Span stock = traces.server(shop.traceId(), "stock", shop).build();
    Span whole = traces.server(traces.traceId(), "shop", null).build();
    Span child = traces.server(whole.traceId(), "stock", whole).build();
    Span before = traces.server(traces.traceId(), "before", null).build();
    Span after = before.toBuilder().service("after").build();
    Span mail = traces.server(before.traceId(), "mail", before).build();
    try (LakeStore store = TestLake.open(folder)) {
      TestLake.writePart(store, List.of(stock));
      TestLake.writePart(store, List.of(shop));
      TestLake.writePart(store, List.of(before, mail, whole, child));
      TestLake.writePart(store, List.of(after));
      await().until(() -> store.status().partCount() == 1);

      assertThat(search(store, SpanCondition.ANY, called("shop", "stock")))
          .containsExactlyInAnyOrder(shop.traceId(), whole.traceId());
      assertThat(search(store, SpanCondition.ANY, called("stock", "shop"))).isEmpty();
      assertThat(search(store, SpanCondition.ANY, called("after", "mail")))
          .containsExactly(before.traceId());
      assertThat(search(store, SpanCondition.ANY, called("before", "mail"))).isEmpty();
      TraceCondition ended =
          new TraceCondition.SomeChild(
              service("stock"),
              new SpanTest.AllOf(
                  List.of(service("shop"), new SpanTest.Not(SpanTest.Is.IN_PROGRESS))));
      assertThat(search(store, SpanCondition.ANY, new TraceCondition.Not(ended)))
          .containsExactly(before.traceId());
    }
  }

  /** Of the same spans in one part or in four that are merged, with spans replaced and traces split. */
  @ParameterizedTest
  @ValueSource(longs = {51, 52, 53})
  void search_anySpansOfMergedParts_findsWhatTheConditionAccepts(long seed) {
    RandomSpans source = new RandomSpans(seed, TestTraces.BASE_EPOCH_NANOS);
    Random random = new Random(seed);
    Map<TraceId, List<Span>> written = new LinkedHashMap<>();
    List<List<Span>> parts = new ArrayList<>();
    for (int part = 0; part < 4; part++) {
      parts.add(new ArrayList<>());
    }
    for (int i = 0; i < 100; i++) {
      List<Span> trace = source.trace(8);
      // Parts of one day are merged.
      if (trace.stream().allMatch(span -> day(span.startEpochNanos()) == day(TestTraces.BASE_EPOCH_NANOS))) {
        trace.forEach(span -> parts.get(random.nextInt(4)).add(span));
      }
    }
    parts.forEach(
        part ->
            part.forEach(
                span ->
                    written.computeIfAbsent(span.traceId(), _ -> new ArrayList<>()).add(span)));
    List<Trace> traces = written.values().stream().map(Trace::ofWritten).toList();
    try (LakeStore store = TestLake.open(folder)) {
      parts.forEach(part -> TestLake.writePart(store, part));
      await().until(() -> store.status().partCount() == 1);
      int found = 0;
      for (int i = 0; i < 150; i++) {
        TraceCondition where = whereLike(traces.get(random.nextInt(traces.size())), random);
        List<TraceId> expected =
            traces.stream().filter(where::matches).map(Trace::traceId).toList();
        assertThat(search(store, SpanCondition.ANY, where))
            .as("%s", where)
            .containsExactlyInAnyOrderElementsOf(expected);
        found += expected.size();
      }
      assertThat(found).isGreaterThan(100);
    }
  }

  private static long day(long epochNanos) {
    return Math.floorDiv(epochNanos, TestTraces.DAY);
  }

  private static TraceCondition called(String caller, String callee) {
    return new TraceCondition.SomeChild(service(callee), service(caller));
  }

  private static SpanTest service(String name) {
    return new SpanTest.Field(
        SpanTest.TextField.SERVICE, new ValueTest.Text(ValueTest.TextOperator.EQUAL, name));
  }

  /** A part for each trace, so that it takes several questions, each of more parts than the one before. */
  @Test
  void search_matchesInManyParts_findsThePagesInOrder() {
    TestTraces traces = new TestTraces();
    List<TraceId> expected = new ArrayList<>();
    try (LakeStore store = TestLake.open(folder)) {
      for (int i = 0; i < 14; i++) {
        Span span =
            traces
                .span(traces.traceId(), "shop")
                .startEpochNanos(traces.at(i * TestTraces.SECOND))
                .endEpochNanos(traces.at(i * TestTraces.SECOND + 1))
                .attribute(i % 3 == 0 ? "a" : "b", Value.of("1"))
                .build();
        TestLake.writePart(store, List.of(span));
        if (i % 3 == 0) {
          expected.addFirst(span.traceId());
        }
      }
      for (int limit : List.of(1, 2, 3, 100)) {
        TraceQuery query =
            TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, limit).where(someWith("a", "1"));
        List<TraceId> found = new ArrayList<>();
        @Nullable String next = null;
        do {
          TracePage page = store.reader().search(query.from(next));
          page.traces().forEach(trace -> found.add(trace.traceId()));
          next = page.next();
        } while (next != null);
        assertThat(found).isEqualTo(expected);
      }
    }
  }

  private static List<TraceId> search(LakeStore store, SpanCondition span, TraceCondition where) {
    TraceQuery query = TraceQuery.of(TimeRange.ALL, span, TraceQuery.MAX_LIMIT).where(where);
    return store.reader().search(query).traces().stream().map(TraceSummary::traceId).toList();
  }

  private static Collection<CallSpan> calls(List<Span> written) {
    return Trace.ofWritten(written).spans().stream().map(CallSpan::of).toList();
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24})
  void graph_correctionsOfGrowingTraces_addUpToTheWhole(long seed) {
    RandomSpans source = new RandomSpans(seed, TestTraces.BASE_EPOCH_NANOS);
    Graph whole = new Graph();
    Graph sum = new Graph();
    boolean negative = false;
    for (int trace = 0; trace < 40; trace++) {
      List<Span> spans = source.trace(12);
      whole.count(calls(spans), 1);
      for (int from = 0; from < spans.size(); from += 3) {
        Graph part = new Graph();
        if (from > 0) {
          part.count(calls(spans.subList(0, from)), -1);
        }
        part.count(calls(spans.subList(0, Math.min(spans.size(), from + 3))), 1);
        for (Graph.Row row : part.rows()) {
          negative |= row.calls().totalCount() < 0;
          if (row.key().length() == Graph.MINUTE) {
            sum.add(row);
          }
        }
      }
    }
    assertThat(negative).as("some parts take calls away").isTrue();
    assertThat(sum.rows()).isEqualTo(whole.rows());
    assertThat(sum.toServiceGraph()).isEqualTo(whole.toServiceGraph());
  }

  @Test
  void graph_takenAwayAgain_leavesNoRow() {
    List<Span> checkout = new TestTraces().checkout();
    Graph graph = new Graph();
    graph.count(calls(checkout), 1);
    assertThat(graph.rows()).isNotEmpty();
    graph.count(calls(checkout), -1);

    assertThat(graph.rows()).isEmpty();
    assertThat(graph.toServiceGraph().nodes()).isEmpty();
    assertThat(graph.toServiceGraph().edges()).isEmpty();
  }

  @Test
  void quoting_anyText_isReadBackAsItIs() {
    try (Engine engine = Engine.open(folder.resolve("tmp"), 64 << 20)) {
      for (String text :
          List.of("", "it's", "''", "\"", "\\", "a\"b'c", "$1 ?", "; DROP", "ü😀", "\n")) {
        assertThat(
                engine.query("SELECT " + Engine.literal(text), List.of(), row -> row.getString(1)))
            .containsExactly(text);
        if (!text.isEmpty()) {
          assertThat(
                  engine.query(
                      "SELECT "
                          + Engine.quoted(text)
                          + " FROM (SELECT 7 AS "
                          + Engine.quoted(text)
                          + ")",
                      List.of(),
                      row -> row.getInt(1)))
              .containsExactly(7);
        }
      }
    }
  }

  @Test
  void seal_valuesNestedFarDown_goIntoAPartAndComeBack() {
    Value value = Value.of("innermost");
    for (int depth = 0; depth < 400; depth++) {
      value = new Value.ArrayValue(List.of(value));
    }
    TestTraces traces = new TestTraces();
    Span span = traces.server(traces.traceId(), "shop", null).attribute("deep", value).build();
    try (LakeStore store = TestLake.open(folder)) {
      TestLake.writePart(store, List.of(span));
      assertThat(store.status().partSpanCount()).isEqualTo(1);
      assertThat(store.reader().find(span.traceId())).contains(Trace.ofWritten(List.of(span)));
    }
  }
}
