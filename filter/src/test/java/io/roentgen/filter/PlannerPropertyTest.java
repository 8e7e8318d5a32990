// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceCondition;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceQuery.TimeField;
import io.roentgen.store.memory.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PlannerPropertyTest {
  private static Filter parse(String text) {
    return Filter.parse(text, Filter.Groups.NONE);
  }

  private static Filter random(long seed) {
    return parse(ExpressionWriter.write(new RandomExpressions(seed).next()));
  }

  @Property(tries = 1_000, shrinking = ShrinkingMode.OFF)
  void plan_anyExpressionAndTrace_neverLeavesOutAMatch(@ForAll long seed) {
    RandomTraces traces = new RandomTraces(seed);
    List<Trace> some = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      some.add(traces.next());
    }
    for (int i = 0; i < 5; i++) {
      Filter filter = random(seed + i);
      for (Trace trace : some) {
        boolean matches = filter.matches(trace);
        boolean candidate = filter.plan().condition().matches(trace);
        if (matches || filter.plan().exact()) {
          assertThat(candidate).as("%s of %s", filter.text(), trace).isEqualTo(matches);
        }
      }
    }
  }

  /**
   * Random expressions have few edges between services with names, which are what is asked for
   * most.
   */
  @Test
  void plan_edgesOfEachTrace_neverLeaveOutACall() {
    RandomTraces traces = new RandomTraces(5);
    List<String> nodes = new ArrayList<>();
    for (String name : RandomTraces.SERVICES) {
      nodes.add("\"" + name + "\"");
      nodes.add("id(name: \"" + name + "\", type: \"Messaging::kafka\")");
      nodes.add("id(name: \"" + name + "\", type: \"client\")");
    }
    List<Filter> filters = new ArrayList<>();
    for (String caller : nodes) {
      for (String callee : nodes) {
        filters.add(parse("edge(" + caller + ", " + callee + ")"));
        filters.add(parse("edge(" + caller + ", " + callee + ") { fault }"));
      }
    }
    int matches = 0;
    int refusals = 0;
    for (int i = 0; i < 300; i++) {
      Trace trace = traces.next();
      for (Filter filter : filters) {
        boolean candidate = filter.plan().condition().matches(trace);
        if (filter.matches(trace)) {
          matches++;
          assertThat(candidate).as("%s of %s", filter.text(), trace).isTrue();
        } else {
          refusals += candidate ? 0 : 1;
        }
      }
    }
    assertThat(matches).isGreaterThan(200);
    assertThat(refusals).isGreaterThan(50_000);
  }

  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void search_anyExpressionAndStore_findsWhatTheEvaluatorFinds(@ForAll long seed) {
    RandomTraces traces = new RandomTraces(seed);
    Random random = new Random(seed);
    try (MemoryStore store = new MemoryStore()) {
      List<Span> written = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        written.addAll(traces.written());
      }
      store.writer().write(SpanBatch.of(written));
      List<TraceId> ids = written.stream().map(Span::traceId).distinct().toList();
      for (int i = 0; i < 10; i++) {
        Filter filter = random(random.nextLong());
        TraceQuery query =
            new TraceQuery(
                TimeRange.ALL, TimeField.START, SpanCondition.ANY, 1 + random.nextInt(20), null);
        Duration time = random.nextInt(4) == 0 ? Duration.ZERO : Duration.ofDays(1);
        List<TraceId> found = search(store, query, filter, 1 + random.nextInt(40), time);
        List<TraceId> expected = new ArrayList<>();
        for (Trace trace : store.reader().findAll(ids)) {
          if (filter.matches(trace)) {
            expected.add(trace.traceId());
          }
        }
        assertThat(found).as(filter.text()).containsExactlyInAnyOrderElementsOf(expected);
        List<Long> starts =
            store.reader().findAll(found).stream()
                .map(trace -> trace.summary().startEpochNanos())
                .toList();
        assertThat(starts.reversed()).isSorted();
      }
    }
  }

  private static List<TraceId> search(
      MemoryStore store, TraceQuery query, Filter filter, int maxCandidates, Duration maxTime) {
    List<TraceId> found = new ArrayList<>();
    @Nullable String next = null;
    do {
      int before = found.size();
      FilterSearch.Progress progress =
          FilterSearch.run(
              store.reader(),
              query.from(next),
              filter,
              maxCandidates,
              maxTime,
              trace -> found.add(trace.traceId()));
      assertThat(progress.foundCount()).isEqualTo(found.size() - before);
      assertThat(progress.foundCount()).isLessThanOrEqualTo(query.limit());
      if (maxTime.isZero()) {
        assertThat(progress.lookedAtCount()).isLessThanOrEqualTo(1);
      }
      next = progress.next();
    } while (next != null);
    return found;
  }

  /** What a store can answer by itself. */
  @Test
  void plan_ofKeywordsAboutSingleSpans_isExact() {
    for (String text :
        List.of(
            "",
            "ok",
            "!fault OR throttle",
            "responsetime > 5 AND duration <= 8",
            "http.status != 200 AND http.method = \"POST\"",
            "user = \"u\" OR availabilityzone = \"z\"",
            "annotation.age > 29 AND !annotation.internal",
            "attribute[\"k\"] EXISTS",
            "grpc.status = UNAVAILABLE")) {
      assertThat(parse(text).plan().exact()).as(text).isTrue();
      assertThat(parse(text).plan().nearlyExact()).as(text).isTrue();
    }
  }

  @Test
  void plan_ofWhatSpansDoNotTell_isNotExactButMostlyNarrow() {
    for (String text :
        List.of(
            "service(\"a\")",
            "!service(\"a\")",
            "service(\"a\") { fault } AND annotation.k = 1",
            "edge(\"a\", \"b\")",
            "inferred",
            "!partial",
            "http.url CONTAINS \"/v2/\"",
            "rootcause.fault.service { name = \"a\" }")) {
      assertThat(parse(text).plan().exact()).as(text).isFalse();
      assertThat(parse(text).plan().condition()).as(text).isNotEqualTo(TraceCondition.any());
    }
    assertThat(parse("partial").plan().condition()).isEqualTo(TraceCondition.any());
    assertThat(parse("edge(\"a\", \"b\") OR !service(\"a\")").plan().nearlyExact()).isTrue();
    assertThat(parse("edge(\"a\", \"b\") { fault }").plan().nearlyExact()).isFalse();
    assertThat(parse("service(\"a\") { fault OR !(responsetime < 2) }").plan().nearlyExact())
        .isTrue();
    assertThat(parse("service(\"a\") { fault AND annotation.k = 1 }").plan().nearlyExact())
        .isFalse();
    assertThat(parse("service(\"a\") { inferred }").plan().nearlyExact()).isFalse();
    assertThat(parse("ok OR partial").plan().nearlyExact()).isFalse();
    assertThat(parse("ok AND !ok AND partial").plan().exact()).isFalse();
  }

  /** The store would look at all spans for segments of a. */
  @Test
  void plan_ofWhatCannotBeBesideItsOpposite_leavesItOut() {
    FilterPlan plan =
        parse("(service(\"a\") { fault } OR user = \"u\") AND !service(\"a\")").plan();
    String segmentOfA = parse("service(\"a\") { fault }").plan().condition().toString();

    assertThat(plan.condition().toString()).contains("wanted=u");
    assertThat(plan.condition().toString().split("SomeSpan", -1).length)
        .isLessThan(segmentOfA.split("SomeSpan", -1).length + 2);
  }
}
