// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.Format;
import io.roentgen.model.Outcome;
import io.roentgen.model.Raw;
import io.roentgen.model.Resource;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Scope;
import io.roentgen.model.Span;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.SpanLink;
import io.roentgen.model.StatusCode;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.Operation;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.SpanCondition.Status;
import io.roentgen.store.Trace;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceQuery.TimeField;
import io.roentgen.store.TraceReader;
import io.roentgen.store.TraceSummary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What {@link TraceReader} promises: finding, searching, paging, services and operations. */
public abstract class TraceReaderContract extends StoreContract {
  private static final Comparator<Span> IN_TRACE =
      Comparator.comparingLong(Span::startEpochNanos).thenComparing(Span::spanId);

  // Finding by id.

  @Test
  void find_unknownId_isEmpty() {
    Span span = traces().single();
    write(span);
    TraceId id = span.traceId();

    assertThat(reader().find(traces().traceId())).isEmpty();
    assertThat(reader().find(new TraceId(id.high(), id.low() ^ 1))).isEmpty();
    assertThat(reader().find(new TraceId(id.high() ^ 1, id.low()))).isEmpty();
    assertThat(reader().find(new TraceId(id.low(), id.high()))).isEmpty();
  }

  @Test
  void emptyStore_everyQuestion_hasAnEmptyAnswer() {
    TraceId id = traces().traceId();

    assertThat(reader().find(id)).isEmpty();
    assertThat(reader().findAll(List.of())).isEmpty();
    assertThat(reader().findAll(List.of(id))).isEmpty();
    for (TimeField field : TimeField.values()) {
      TraceQuery query = new TraceQuery(TimeRange.ALL, field, SpanCondition.ANY, 10, null);
      assertThat(reader().search(query)).isEqualTo(new TracePage(List.of(), null));
    }
    assertThat(reader().services(TimeRange.ALL)).isEmpty();
    assertThat(reader().operations("shop", TimeRange.ALL)).isEmpty();
  }

  @Test
  void find_idsOfEveryKind_returnsEachTrace() {
    List<TraceId> ids =
        List.of(
            traces().traceId(),
            traces().randomTraceId(),
            traces().shortTraceId(),
            new TraceId(0, 1),
            new TraceId(1, 0),
            new TraceId(-1, -1),
            new TraceId(Long.MIN_VALUE, 0),
            new TraceId(Long.MAX_VALUE, Long.MIN_VALUE));
    List<Span> spans = new ArrayList<>();
    for (TraceId id : ids) {
      spans.add(traces().span(id, "s").build());
    }
    List<Span> reversed = new ArrayList<>(spans);
    Collections.reverse(reversed);
    write(reversed);

    for (Span span : spans) {
      assertTrace(span);
    }
    assertThat(reader().findAll(ids)).isEqualTo(spans.stream().map(StoreContract::trace).toList());
  }

  @Test
  void findAll_unknownAndRepeatedIds_returnsEachKnownOnceInTheOrderAskedFor() {
    Span first = traces().single();
    Span second = traces().single();
    Span third = traces().single();
    write(first, second);
    write(third);

    assertThat(
            reader()
                .findAll(
                    List.of(
                        third.traceId(),
                        traces().traceId(),
                        first.traceId(),
                        third.traceId(),
                        first.traceId())))
        .containsExactly(trace(third), trace(first));
    assertThat(reader().findAll(List.of(second.traceId(), first.traceId())))
        .containsExactly(trace(second), trace(first));
  }

  @Test
  void find_spansWithEqualStart_areSortedByUnsignedId() {
    TraceId trace = traces().traceId();
    Span low = Span.builder(trace, new SpanId(1)).startEpochNanos(9).build();
    Span middle = Span.builder(trace, new SpanId(Long.MAX_VALUE)).startEpochNanos(9).build();
    Span high = Span.builder(trace, new SpanId(-1)).startEpochNanos(9).build();
    Span earlier = Span.builder(trace, new SpanId(-2)).startEpochNanos(8).build();

    write(high, low);
    write(earlier, middle);

    assertTrace(earlier, low, middle, high);
  }

  @Test
  void find_namedTraces_areReadBackWhole() {
    List<List<Span>> all =
        List.of(
            traces().checkout(),
            traces().fanOut(40),
            traces().clockSkew(),
            traces().orphan(),
            traces().xray(),
            List.of(traces().shortId()),
            List.of(traces().single()));
    all.forEach(this::write);

    for (List<Span> spans : all) {
      List<Span> sorted = spans.stream().sorted(IN_TRACE).toList();
      assertThat(reader().find(spans.get(0).traceId()))
          .contains(new Trace(spans.get(0).traceId(), sorted));
    }
  }

  @Test
  void find_spanWithEveryField_isReadBackEqual() {
    Map<String, Value> values = new LinkedHashMap<>();
    values.put("string", Value.of("text ü😀 \u0000 \n \t ' \" \\ %"));
    values.put("string.empty", Value.of(""));
    values.put("", Value.of("under the empty key"));
    values.put("long.min", Value.of(Long.MIN_VALUE));
    values.put("long.max", Value.of(Long.MAX_VALUE));
    values.put("double", Value.of(0.1));
    values.put("double.zero", Value.of(-0.0));
    values.put("double.nan", Value.of(Double.NaN));
    values.put("double.infinite", Value.of(Double.NEGATIVE_INFINITY));
    values.put("double.tiny", Value.of(Double.MIN_VALUE));
    values.put("true", Value.of(true));
    values.put("false", Value.of(false));
    values.put("bytes", new Value.BytesValue(new byte[] {0, -1, 127, -128}));
    values.put("bytes.empty", new Value.BytesValue(new byte[0]));
    values.put("empty", Value.EmptyValue.INSTANCE);
    values.put("array.empty", new Value.ArrayValue(List.of()));
    values.put("map.empty", new Value.MapValue(Map.of()));
    values.put("array", new Value.ArrayValue(List.copyOf(values.values())));
    values.put("map", new Value.MapValue(values));
    values.put(
        "nested",
        new Value.ArrayValue(
            List.of(
                new Value.MapValue(
                    Map.of("a", new Value.ArrayValue(List.of(new Value.MapValue(values))))))));
    Raw raw = Raw.of(new byte[] {1, 0, -1});
    Span span =
        Span.builder(traces().traceId(), traces().spanId())
            .parentSpanId(traces().spanId())
            .service("service\u0000\n")
            .serviceType("type")
            .peerName("peer")
            .peerType("peer type")
            .name("name")
            .kind(SpanKind.PRODUCER)
            .startEpochNanos(traces().at(1))
            .endEpochNanos(traces().at(123_456_789))
            .segment(true)
            .statusCode(StatusCode.OK)
            .statusMessage("fine")
            .outcome(new Outcome(true, true, true))
            .flags(0x8000_0301)
            .traceState("a=1,b=2")
            .attributes(values)
            .droppedAttributesCount(-1)
            .events(
                List.of(
                    new SpanEvent(0, "", Map.of(), 0),
                    new SpanEvent(Long.MAX_VALUE, "exception", values, Integer.MAX_VALUE)))
            .droppedEventsCount(Integer.MAX_VALUE)
            .links(
                List.of(
                    new SpanLink(traces().randomTraceId(), traces().spanId(), "s=1", -1, values, 3),
                    new SpanLink(new TraceId(0, 1), new SpanId(1), "", 0, Map.of(), 0)))
            .droppedLinksCount(2)
            .resourceScope(
                new ResourceScope(
                    new Resource(values, 4, "https://schema/1", raw),
                    new Scope("scope", "1.0", values, 5, "https://schema/2", raw)))
            .format(Format.OTLP)
            .document("{\"a\":1.0,\"b\":\"ü\\u0000\"}")
            .raw(raw)
            .build();

    write(span);

    assertTrace(span);
  }

  @Test
  void find_randomSpans_areReadBackEqual() {
    RandomSpans random = new RandomSpans(11, baseEpochNanos());
    List<List<Span>> traces = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      TraceId id = random.traceId();
      List<Span> spans = new ArrayList<>();
      for (int j = 0; j < 10; j++) {
        spans.add(random.span(id));
      }
      traces.add(spans);
      write(spans);
    }

    for (List<Span> spans : traces) {
      TraceId id = spans.get(0).traceId();
      assertThat(reader().find(id))
          .contains(new Trace(id, spans.stream().sorted(IN_TRACE).toList()));
    }
  }

  @Test
  void find_spansWithHundredsOfKeys_areReadBackAndFoundByEach() {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      spans.add(
          traces().span(traces().traceId(), "s")
              .startEpochNanos(traces().at(i))
              .attribute("key." + i, Value.of("v" + i))
              .attribute("number." + i, Value.of(i))
              .build());
    }
    write(spans.subList(0, 500));
    write(spans.subList(500, 600));

    assertThat(reader().findAll(spans.stream().map(Span::traceId).toList()))
        .isEqualTo(spans.stream().map(StoreContract::trace).toList());
    for (int i = 0; i < 600; i += 75) {
      assertThat(find(having("key." + i, "v" + i))).containsExactly(spans.get(i).traceId());
      assertThat(find(having("number." + i, i + ".0"))).containsExactly(spans.get(i).traceId());
      assertThat(find(having("key." + i, "v"))).isEmpty();
    }
  }

  // Order and pages.

  @Test
  void search_manyTraces_givesNewestFirstAndForEqualStartsDescendingIds() {
    List<Span> spans = new ArrayList<>();
    for (TraceId id :
        List.of(
            new TraceId(-1, 5),
            new TraceId(-1, 4),
            new TraceId(Long.MIN_VALUE, 0),
            new TraceId(Long.MAX_VALUE, -1),
            new TraceId(1, -1),
            new TraceId(1, 1),
            new TraceId(0, -1),
            new TraceId(0, 1))) {
      spans.add(traces().span(id, "s").startEpochNanos(traces().at(5)).build());
    }
    Span newer = traces().span(new TraceId(0, 2), "s").startEpochNanos(traces().at(6)).build();
    Span older = traces().span(new TraceId(-1, 9), "s").startEpochNanos(traces().at(4)).build();
    List<Span> written = new ArrayList<>(spans);
    written.add(older);
    written.add(0, newer);
    Collections.shuffle(written, new Random(3));
    write(written.subList(0, 5));
    write(written.subList(5, 10));

    List<TraceId> expected = new ArrayList<>();
    expected.add(newer.traceId());
    spans.forEach(span -> expected.add(span.traceId()));
    expected.add(older.traceId());
    for (int limit : new int[] {1, 2, 3, 9, 10, 11, TraceQuery.MAX_LIMIT}) {
      TraceQuery query = TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, limit);
      assertThat(searchAll(query)).extracting(TraceSummary::traceId).isEqualTo(expected);
    }
  }

  @Test
  void search_pages_areFullAndTheLastHasNoNext() {
    List<TraceId> ids = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Span span = traces().span(traces().traceId(), "s").startEpochNanos(traces().at(-i)).build();
      ids.add(span.traceId());
      write(span);
    }
    TraceQuery query = TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, 3);

    TracePage first = reader().search(query);
    assertThat(first.traces()).extracting(TraceSummary::traceId).isEqualTo(ids.subList(0, 3));
    assertThat(first.next()).isNotNull();
    TracePage second = reader().search(query.from(first.next()));
    assertThat(second.traces()).extracting(TraceSummary::traceId).isEqualTo(ids.subList(3, 6));
    assertThat(second.next()).isNull();
    assertThat(reader().search(query.from(first.next()))).isEqualTo(second);
  }

  @Test
  void search_pagesWhileTracesArrive_givesEachOfTheFirstOnce() {
    Set<TraceId> atTheStart = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      Span span = traces().span(traces().traceId(), "s").startEpochNanos(traces().at(i)).build();
      atTheStart.add(span.traceId());
      write(span);
    }
    List<TraceId> seen = new ArrayList<>();
    TraceQuery query = TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, 3);
    @Nullable String next = null;
    do {
      TracePage page = reader().search(query.from(next));
      page.traces().forEach(summary -> seen.add(summary.traceId()));
      next = page.next();
      write(traces().span(traces().traceId(), "s").startEpochNanos(traces().at(20)).build());
    } while (next != null);

    assertThat(seen).doesNotHaveDuplicates();
    assertThat(seen).filteredOn(atTheStart::contains).hasSize(10);
  }

  @Test
  void search_cursorOfAnotherQuery_isRefused() {
    for (int i = 0; i < 3; i++) {
      write(traces().checkout());
    }
    TimeRange range = new TimeRange(traces().at(-TestTraces.HOUR), traces().at(TestTraces.HOUR));
    SpanCondition condition =
        new SpanCondition("shop", null, 1L, null, null, Map.of("service.name", "shop"));
    TraceQuery query = new TraceQuery(range, TimeField.START, condition, 1, null);
    String next = reader().search(query).next();
    assertThat(next).isNotNull();
    TimeRange longer = new TimeRange(range.startEpochNanos(), range.endEpochNanos() + 1);
    Map<String, String> same = condition.attributes();

    for (TraceQuery other :
        List.of(
            new TraceQuery(longer, TimeField.START, condition, 1, next),
            new TraceQuery(range, TimeField.ACTIVE, condition, 1, next),
            new TraceQuery(range, TimeField.START, condition, 2, next),
            with(query, new SpanCondition("payment", null, 1L, null, null, same), next),
            with(query, new SpanCondition("shop", "", 1L, null, null, same), next),
            with(query, new SpanCondition("shop", null, 2L, null, null, same), next),
            with(query, new SpanCondition("shop", null, null, 1L, null, same), next),
            with(query, new SpanCondition("shop", null, 1L, null, Status.OK, same), next),
            with(query, new SpanCondition("shop", null, 1L, null, null, Map.of()), next))) {
      assertThatThrownBy(() -> reader().search(other))
          .as("%s", other)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cursor");
    }
  }

  private static TraceQuery with(TraceQuery query, SpanCondition condition, @Nullable String next) {
    return new TraceQuery(query.range(), query.timeField(), condition, query.limit(), next);
  }

  @Test
  void search_cursorThatIsNone_isRefused() {
    write(traces().single());
    TraceQuery query = TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, 1);

    for (String text : List.of("", "x", "not a cursor", "AAAA", "A".repeat(43), "A".repeat(10_000))) {
      assertThatThrownBy(() -> reader().search(query.from(text)))
          .as("cursor '%s'", text)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cursor");
    }
  }

  @Test
  void search_cursorOfAnEqualQuery_isTaken() {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("a", "1");
    attributes.put("b", "2");
    Map<String, String> reversed = new LinkedHashMap<>();
    reversed.put("b", "2");
    reversed.put("a", "1");
    List<TraceId> ids = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Span span =
          traces().span(traces().traceId(), "s")
              .startEpochNanos(traces().at(i))
              .attribute("a", Value.of(1))
              .attribute("b", Value.of("2"))
              .build();
      ids.add(0, span.traceId());
      write(span);
    }

    TracePage first =
        reader().search(TraceQuery.of(TimeRange.ALL, condition(attributes), 1));
    TracePage second =
        reader().search(TraceQuery.of(TimeRange.ALL, condition(reversed), 1).from(first.next()));

    assertThat(first.traces()).extracting(TraceSummary::traceId).containsExactly(ids.get(0));
    assertThat(second.traces()).extracting(TraceSummary::traceId).containsExactly(ids.get(1));
    assertThat(second.next()).isNull();
  }

  // Summaries.

  @Test
  void search_checkout_hasTheWholeSummary() {
    List<Span> spans = traces().checkout();
    Span root = spans.get(0);
    spans.forEach(this::write);

    assertThat(searchAll(TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, 10)))
        .containsExactly(
            new TraceSummary(
                root.traceId(),
                traces().at(0),
                traces().at(100 * TestTraces.MILLI),
                new TraceSummary.Root(
                    root.spanId(),
                    "shop",
                    "POST /checkout",
                    100 * TestTraces.MILLI,
                    new Outcome(false, true, false)),
                7,
                new Outcome(false, true, false),
                false,
                List.of("payment", "shop", "stock")));
  }

  @Test
  void search_traceInProgress_saysSoUntilItIsComplete() {
    List<Span> sent = traces().inProgress();
    Span running = sent.get(0);
    TraceQuery all = TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, 10);

    write(running);
    assertThat(searchAll(all))
        .containsExactly(
            new TraceSummary(
                running.traceId(),
                traces().at(0),
                traces().at(0),
                new TraceSummary.Root(running.spanId(), "slow", "work", 0, Outcome.OK),
                1,
                Outcome.OK,
                true,
                List.of("slow")));

    write(sent.get(1));
    write(sent.get(2));
    assertThat(searchAll(all))
        .containsExactly(
            new TraceSummary(
                running.traceId(),
                traces().at(0),
                traces().at(5 * TestTraces.SECOND),
                new TraceSummary.Root(
                    running.spanId(), "slow", "work", 5 * TestTraces.SECOND, Outcome.OK),
                2,
                Outcome.OK,
                false,
                List.of("slow")));
  }

  @Test
  void search_randomTraces_haveTheSummariesOfWhatFindReturns() {
    RandomSpans random = new RandomSpans(5, baseEpochNanos());
    for (int i = 0; i < 40; i++) {
      write(random.trace(8));
    }

    List<TraceSummary> found = searchAll(TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, 7));

    assertThat(found).hasSize(40);
    for (TraceSummary summary : found) {
      assertThat(reader().find(summary.traceId()).map(Trace::summary)).contains(summary);
    }
  }

  // Times.

  @Test
  void search_byStart_goesByTheEarliestSpanOfTheWholeTrace() {
    TraceId trace = traces().traceId();
    write(spanAt(trace, 100, 110));
    write(spanAt(trace, 50, 60));
    write(spanAt(trace, 200, 900));

    assertThat(find(range(50, 51), TimeField.START)).containsExactly(trace);
    assertThat(find(range(0, 50), TimeField.START)).isEmpty();
    assertThat(find(range(51, 1_000), TimeField.START)).isEmpty();
    assertThat(find(range(-1_000, 1_000), TimeField.START)).containsExactly(trace);
  }

  @Test
  void search_byTraceId_goesByTheTimeThatTheIdSpells() {
    long base = traces().at(0) - traces().at(0) % TestTraces.SECOND;
    long tenMinutes = 10 * TestTraces.MINUTE;
    TraceId late = traces().traceIdAt(base - tenMinutes);
    TraceId dayOff = traces().traceIdAt(base - TestTraces.DAY);
    TraceId overDayOff = traces().traceIdAt(base - TestTraces.DAY - TestTraces.SECOND);
    TraceId random = traces().randomTraceId();
    TraceId shortId = traces().shortTraceId();
    List<TraceId> all = List.of(late, dayOff, overDayOff, random, shortId);
    for (TraceId id : all) {
      write(traces().span(id, "s").startEpochNanos(base).endEpochNanos(base + 1).build());
    }

    assertThat(find(new TimeRange(base - tenMinutes, base - tenMinutes + 1), TimeField.TRACE_ID))
        .containsExactly(late);
    assertThat(
            find(new TimeRange(base - TestTraces.DAY, base - TestTraces.HOUR), TimeField.TRACE_ID))
        .containsExactly(dayOff);
    assertThat(find(new TimeRange(base, base + 1), TimeField.TRACE_ID))
        .containsExactlyInAnyOrder(overDayOff, random, shortId);
    assertThat(find(TimeRange.ALL, TimeField.TRACE_ID)).containsExactlyInAnyOrderElementsOf(all);
  }

  @Test
  void search_byTraceId_ordersByStartAllTheSame() {
    TraceId early = traces().traceIdAt(traces().at(-TestTraces.HOUR));
    TraceId late = traces().traceIdAt(traces().at(TestTraces.HOUR));
    write(spanAt(early, 2, 3), spanAt(late, 1, 3));

    assertThat(find(TimeRange.ALL, TimeField.TRACE_ID)).containsExactly(early, late);
  }

  @Test
  void search_byActivity_findsWhatOverlapsTheRange() {
    TraceId trace = traces().traceId();
    write(spanAt(trace, 100, 110));
    write(spanAt(trace, 200, 300));

    for (TimeRange hit :
        List.of(range(0, 101), range(100, 101), range(120, 130), range(300, 301), range(0, 999))) {
      assertThat(find(hit, TimeField.ACTIVE)).as("%s", hit).containsExactly(trace);
    }
    assertThat(find(range(0, 100), TimeField.ACTIVE)).isEmpty();
    assertThat(find(range(301, 400), TimeField.ACTIVE)).isEmpty();
  }

  @Test
  void search_byActivityOfATraceInProgress_endsAtItsLatestStart() {
    TraceId trace = traces().traceId();
    write(spanAt(trace, 100, 110));
    write(spanAt(trace, 200, 0).toBuilder().inProgress(true).endEpochNanos(0).build());

    assertThat(find(range(200, 201), TimeField.ACTIVE)).containsExactly(trace);
    assertThat(find(range(201, 999), TimeField.ACTIVE)).isEmpty();
  }

  @Test
  void search_bySegmentEnd_findsOnlyEndsOfCompleteSegments() {
    TraceId trace = traces().traceId();
    TraceId running = traces().traceId();
    write(spanAt(trace, 0, 100).toBuilder().segment(true).build());
    write(spanAt(trace, 0, 200));
    write(spanAt(trace, 0, 300).toBuilder().segment(true).build());
    write(
        spanAt(running, 0, 0).toBuilder().segment(true).inProgress(true).endEpochNanos(0).build());

    assertThat(find(range(100, 101), TimeField.SEGMENT_END)).containsExactly(trace);
    assertThat(find(range(300, 301), TimeField.SEGMENT_END)).containsExactly(trace);
    assertThat(find(range(101, 300), TimeField.SEGMENT_END)).isEmpty();
    assertThat(find(range(301, 999), TimeField.SEGMENT_END)).isEmpty();
    assertThat(find(TimeRange.ALL, TimeField.SEGMENT_END)).containsExactly(trace);
  }

  @Test
  void search_bySegmentEndOfAReplacedSegment_goesByTheOneThatIsSeen() {
    Span first = spanAt(traces().traceId(), 0, 100).toBuilder().segment(true).build();
    write(first);
    write(first.toBuilder().endEpochNanos(traces().at(200)).build());

    assertThat(find(range(100, 101), TimeField.SEGMENT_END)).isEmpty();
    assertThat(find(range(200, 201), TimeField.SEGMENT_END)).containsExactly(first.traceId());
  }

  @Test
  void search_startOfAReplacedSpan_isForgotten() {
    Span first = spanAt(traces().traceId(), 0, 100);
    write(first);
    write(first.toBuilder().startEpochNanos(traces().at(50)).build());

    assertThat(find(range(0, 1), TimeField.START)).isEmpty();
    assertThat(find(range(50, 51), TimeField.START)).containsExactly(first.traceId());
    assertThat(find(range(0, 50), TimeField.ACTIVE)).isEmpty();
  }

  @Test
  void search_timesFarOff_areFoundThere() {
    TraceId epoch = traces().randomTraceId();
    TraceId future = traces().randomTraceId();
    TraceId backwards = traces().randomTraceId();
    Span atZero = Span.builder(epoch, traces().spanId()).segment(true).service("s").build();
    Span atTheEnd =
        Span.builder(future, traces().spanId())
            .service("s")
            .startEpochNanos(Long.MAX_VALUE - 2)
            .endEpochNanos(Long.MAX_VALUE - 1)
            .segment(true)
            .build();
    Span endBeforeStart = spanAt(backwards, 100, 40).toBuilder().segment(true).build();
    write(atZero, atTheEnd);
    write(endBeforeStart);

    assertTrace(atZero);
    assertTrace(atTheEnd);
    assertTrace(endBeforeStart);
    TimeRange zero = new TimeRange(0, 1);
    TimeRange last = new TimeRange(Long.MAX_VALUE - 2, Long.MAX_VALUE);
    for (TimeField field : TimeField.values()) {
      assertThat(find(zero, field)).as("%s", field).containsExactly(epoch);
      assertThat(find(last, field)).as("%s", field).containsExactly(future);
      assertThat(find(TimeRange.ALL, field)).containsExactly(future, backwards, epoch);
    }
    assertThat(find(range(100, 101), TimeField.ACTIVE)).containsExactly(backwards);
    assertThat(find(range(40, 41), TimeField.ACTIVE)).isEmpty();
    assertThat(find(range(40, 41), TimeField.SEGMENT_END)).containsExactly(backwards);
    assertThat(find(durations(0L, 0L))).containsExactly(backwards, epoch);
  }

  @Test
  void search_skewedClock_findsTheTraceAtItsEarliestStart() {
    List<Span> spans = traces().clockSkew();
    spans.forEach(this::write);
    long earliest = spans.get(2).startEpochNanos();

    assertThat(find(new TimeRange(earliest, earliest + 1), TimeField.START))
        .containsExactly(spans.get(0).traceId());
    assertThat(find(range(-1, 1), TimeField.START)).isEmpty();
  }

  // Conditions.

  @Test
  void search_conditions_mustAllHoldForOneSpan() {
    List<Span> spans = traces().checkout();
    spans.forEach(this::write);
    TraceId id = spans.get(0).traceId();
    long fifty = 50 * TestTraces.MILLI;

    assertThat(find(new SpanCondition("payment", "SELECT", null, null, null, Map.of())))
        .containsExactly(id);
    assertThat(find(new SpanCondition("shop", "SELECT", null, null, null, Map.of()))).isEmpty();
    assertThat(find(new SpanCondition("shop", null, fifty, null, Status.FAULT, Map.of())))
        .containsExactly(id);
    assertThat(find(new SpanCondition("payment", null, null, null, Status.FAULT, Map.of())))
        .isEmpty();
    assertThat(find(new SpanCondition("stock", null, fifty, null, null, Map.of()))).isEmpty();
    assertThat(
            find(
                new SpanCondition(
                    "payment",
                    "Payment/Charge",
                    36 * TestTraces.MILLI,
                    36 * TestTraces.MILLI,
                    Status.OK,
                    Map.of("amount", "12.50", "service.name", "payment"))))
        .containsExactly(id);
    assertThat(
            find(
                new SpanCondition(
                    "payment", null, null, null, null, Map.of("amount", "12.5", "db.query.text", ""))))
        .isEmpty();
  }

  @Test
  void search_serviceAndOperation_areMatchedExactly() {
    Map<String, TraceId> byText = new LinkedHashMap<>();
    List<String> texts = new ArrayList<>(RandomSpans.SERVICES);
    texts.addAll(RandomSpans.OPERATIONS);
    texts.addAll(List.of("a", "A", "a ", " a", "a%", "_", "*", "a'; drop table spans; --"));
    for (String text : texts) {
      Span span = traces().span(traces().traceId(), text).name(text + "!").build();
      byText.put(text, span.traceId());
      write(span);
    }

    byText.forEach(
        (text, id) -> {
          assertThat(find(new SpanCondition(text, null, null, null, null, Map.of())))
              .as("service '%s'", text)
              .containsExactly(id);
          assertThat(find(new SpanCondition(null, text + "!", null, null, null, Map.of())))
              .as("operation '%s!'", text)
              .containsExactly(id);
        });
    assertThat(find(new SpanCondition("sho", null, null, null, null, Map.of()))).isEmpty();
    assertThat(find(new SpanCondition(null, "%", null, null, null, Map.of()))).isEmpty();
  }

  @Test
  void search_durations_includeBothEndsAndNothingInProgress() {
    TraceId ten = traces().traceId();
    TraceId twenty = traces().traceId();
    TraceId running = traces().traceId();
    write(spanAt(ten, 2, 12));
    write(spanAt(twenty, 1, 21));
    write(spanAt(running, 0, 0).toBuilder().inProgress(true).endEpochNanos(0).build());

    assertThat(find(durations(10L, null))).containsExactly(ten, twenty);
    assertThat(find(durations(11L, null))).containsExactly(twenty);
    assertThat(find(durations(null, 10L))).containsExactly(ten);
    assertThat(find(durations(null, 9L))).isEmpty();
    assertThat(find(durations(10L, 10L))).containsExactly(ten);
    assertThat(find(durations(0L, null))).containsExactly(ten, twenty);
    assertThat(find(durations(null, Long.MAX_VALUE))).containsExactly(ten, twenty);
    assertThat(find(durations(-5L, null))).containsExactly(ten, twenty);
    assertThat(find(durations(21L, 20L))).isEmpty();
  }

  @Test
  void search_status_findsEachOfSeveralOutcomes() {
    List<TraceId> ids = new ArrayList<>();
    for (int bits = 0; bits < 8; bits++) {
      Span span =
          traces().span(traces().traceId(), "s")
              .startEpochNanos(traces().at(-bits))
              .outcome(Outcome.ofBits(bits))
              .build();
      ids.add(span.traceId());
      write(span);
    }

    assertThat(find(status(Status.OK))).containsExactly(ids.get(0));
    assertThat(find(status(Status.ERROR)))
        .containsExactly(ids.get(1), ids.get(3), ids.get(5), ids.get(7));
    assertThat(find(status(Status.FAULT)))
        .containsExactly(ids.get(2), ids.get(3), ids.get(6), ids.get(7));
    assertThat(find(status(Status.THROTTLE)))
        .containsExactly(ids.get(4), ids.get(5), ids.get(6), ids.get(7));
  }

  @Test
  void search_attributeOfEachType_isFoundByEverySpellingOfItsValue() {
    Map<String, Value> values = new LinkedHashMap<>();
    values.put("string 1", Value.of("1"));
    values.put("string empty", Value.of(""));
    values.put("string true", Value.of("true"));
    values.put("string NaN", Value.of("NaN"));
    values.put("long 1", Value.of(1));
    values.put("long 0", Value.of(0));
    values.put("long -7", Value.of(-7));
    values.put("long max", Value.of(Long.MAX_VALUE));
    values.put("long min", Value.of(Long.MIN_VALUE));
    values.put("long 2^53+1", Value.of((1L << 53) + 1));
    values.put("double 1", Value.of(1.0));
    values.put("double -0", Value.of(-0.0));
    values.put("double 0.1", Value.of(0.1));
    values.put("double 1e300", Value.of(1e300));
    values.put("double NaN", Value.of(Double.NaN));
    values.put("double infinite", Value.of(Double.POSITIVE_INFINITY));
    values.put("true", Value.of(true));
    values.put("false", Value.of(false));
    values.put("bytes", new Value.BytesValue(new byte[] {'1'}));
    values.put("array", new Value.ArrayValue(List.of(Value.of("1"))));
    values.put("map", new Value.MapValue(Map.of("k", Value.of("1"))));
    values.put("nothing", Value.EmptyValue.INSTANCE);
    Map<TraceId, String> names = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          Span span = traces().span(traces().traceId(), "s").attribute("k", value).build();
          names.put(span.traceId(), name);
          write(span);
        });
    Map<String, List<String>> expected = new LinkedHashMap<>();
    for (String one : List.of("1.0", "1.00", "1e0", "1E0", "10e-1", "0.1e1", "01")) {
      expected.put(one, List.of("long 1", "double 1"));
    }
    expected.put("1", List.of("string 1", "long 1", "double 1"));
    expected.put("", List.of("string empty"));
    expected.put("true", List.of("string true", "true"));
    expected.put("false", List.of("false"));
    expected.put("NaN", List.of("string NaN"));
    for (String zero : List.of("0", "-0", "0.0", "-0.0", "0e9")) {
      expected.put(zero, List.of("long 0", "double -0"));
    }
    expected.put("-7", List.of("long -7"));
    expected.put("-7.0", List.of("long -7"));
    expected.put("9223372036854775807", List.of("long max"));
    expected.put("9.223372036854775807e18", List.of("long max"));
    expected.put("-9223372036854775808", List.of("long min"));
    expected.put("9007199254740993", List.of("long 2^53+1"));
    expected.put("0.1", List.of("double 0.1"));
    expected.put("1e-1", List.of("double 0.1"));
    expected.put("0.10000000000000000555", List.of("double 0.1"));
    expected.put("1e300", List.of("double 1e300"));
    expected.put("1" + "0".repeat(300), List.of("double 1e300"));
    for (String none :
        List.of(
            "9223372036854775806",
            "9223372036854775808",
            "9007199254740992",
            "TRUE",
            "Infinity",
            "+1",
            " 1",
            "1 ",
            "1.",
            ".1",
            "1L",
            "1.0d",
            "0x1",
            "1e",
            "1e400",
            "1.5",
            "null",
            "[1]",
            "٣")) {
      expected.put(none, List.of());
    }

    expected.forEach(
        (text, wanted) ->
            assertThat(find(having("k", text)))
                .extracting(names::get)
                .as("k = '%s'", text)
                .containsExactlyInAnyOrderElementsOf(wanted));
  }

  @Test
  void search_attributeKeys_areMatchedExactly() {
    List<String> keys = new ArrayList<>(RandomSpans.KEYS);
    keys.addAll(
        List.of(
            "USERID", "userId ", "user.id", "user_id", "long." + "k".repeat(2_001), "start",
            "trace_id ", "span_id", "attributes", "select", "*", "ß", "SS", "é", "e\u0301"));
    Map<String, TraceId> byKey = new LinkedHashMap<>();
    for (String key : keys) {
      Span span = traces().span(traces().traceId(), "s").attribute(key, Value.of("x")).build();
      byKey.put(key, span.traceId());
      write(span);
    }

    byKey.forEach(
        (key, id) ->
            assertThat(find(having(key, "x"))).as("key '%s'", key).containsExactly(id));
    assertThat(find(having("userI", "x"))).isEmpty();
    assertThat(find(having("UserId", "x"))).isEmpty();
  }

  @Test
  void search_keysThatDifferInCaseOnOneSpan_areTwoKeys() {
    TraceId trace = traces().traceId();
    write(
        traces().span(trace, "s")
            .attribute("userId", Value.of("upper"))
            .attribute("userid", Value.of("lower"))
            .build());

    assertThat(find(having("userId", "upper"))).containsExactly(trace);
    assertThat(find(having("userid", "lower"))).containsExactly(trace);
    assertThat(find(having("userId", "lower"))).isEmpty();
    assertThat(find(having("userid", "upper"))).isEmpty();
  }

  @Test
  void search_attributeTexts_areMatchedExactly() {
    List<String> texts = new ArrayList<>(RandomSpans.TEXTS);
    texts.addAll(List.of("a", "A", "a\u0000", "\u0000", "é", "e\u0301", "y".repeat(100_000)));
    Map<String, TraceId> byText = new LinkedHashMap<>();
    for (String text : texts) {
      Span span = traces().span(traces().traceId(), "s").attribute("k", Value.of(text)).build();
      byText.put(text, span.traceId());
      write(span);
    }

    byText.forEach(
        (text, id) ->
            assertThat(find(having("k", text))).as("k = '%s'", text).containsExactly(id));
    assertThat(find(having("k", "y".repeat(99_999)))).isEmpty();
  }

  @Test
  void search_resourceAttribute_isFoundUnlessTheSpanHasItsOwn() {
    ResourceScope resource =
        new ResourceScope(
            new Resource(Map.of("zone", Value.of("eu-1"), "pod", Value.of(7)), 0, "", Raw.EMPTY),
            new Scope("", "", Map.of("in.scope", Value.of("x")), 0, "", Raw.EMPTY));
    Span plain =
        traces().span(traces().traceId(), "s")
            .startEpochNanos(traces().at(3))
            .resourceScope(resource)
            .build();
    Span own =
        traces().span(traces().traceId(), "s")
            .startEpochNanos(traces().at(2))
            .resourceScope(resource)
            .attribute("zone", Value.of("us-9"))
            .events(List.of(new SpanEvent(1, "e", Map.of("in.event", Value.of("x")), 0)))
            .build();
    Span ownOfOtherType =
        traces().span(traces().traceId(), "s")
            .startEpochNanos(traces().at(1))
            .resourceScope(resource)
            .attribute("zone", Value.EmptyValue.INSTANCE)
            .build();
    write(plain);
    write(own, ownOfOtherType);

    assertThat(find(having("zone", "eu-1"))).containsExactly(plain.traceId());
    assertThat(find(having("zone", "us-9"))).containsExactly(own.traceId());
    assertThat(find(having("pod", "7.0")))
        .containsExactly(plain.traceId(), own.traceId(), ownOfOtherType.traceId());
    assertThat(find(condition(Map.of("pod", "7", "zone", "us-9")))).containsExactly(own.traceId());
    assertThat(find(having("in.scope", "x"))).isEmpty();
    assertThat(find(having("in.event", "x"))).isEmpty();
    assertThat(find(having("zone", ""))).isEmpty();
  }

  @Test
  void search_whatOnlyAReplacedSpanHad_isNotFound() {
    Span before =
        traces().span(traces().traceId(), "old")
            .name("old")
            .attribute("state", Value.of("old"))
            .outcome(new Outcome(true, false, false))
            .build();
    Span after =
        traces().span(before.traceId(), "new").name("new").attribute("state", Value.of("new")).build();
    Span replacing =
        before.toBuilder()
            .service("new")
            .name("new")
            .attributes(Map.of("state", Value.of("new")))
            .outcome(Outcome.OK)
            .build();
    write(before);
    write(after);
    write(replacing);

    assertThat(find(having("state", "old"))).isEmpty();
    assertThat(find(status(Status.ERROR))).isEmpty();
    assertThat(find(new SpanCondition("old", null, null, null, null, Map.of()))).isEmpty();
    assertThat(find(new SpanCondition(null, "old", null, null, null, Map.of()))).isEmpty();
    assertThat(find(having("state", "new"))).containsExactly(before.traceId());
  }

  @Test
  void search_anyCondition_findsSpansWithoutService() {
    TraceId trace = traces().traceId();
    write(traces().span(trace, "").build());

    assertThat(find(SpanCondition.ANY)).containsExactly(trace);
    assertThat(find(new SpanCondition("", null, null, null, null, Map.of()))).containsExactly(trace);
  }

  // Services and operations.

  @Test
  void services_allTime_areSortedAndEachOnce() {
    traces().checkout().forEach(this::write);
    write(traces().checkout());
    write(traces().xray());
    write(traces().span(traces().traceId(), "\uFFFDreplacement").build());
    write(traces().span(traces().traceId(), "😀").build());
    write(traces().span(traces().traceId(), "Shop").build());
    write(traces().span(traces().traceId(), "").build());

    assertThat(reader().services(TimeRange.ALL))
        .containsExactly("Shop", "orders", "payment", "shop", "stock", "😀", "\uFFFDreplacement");
  }

  @Test
  void services_ofARange_haveAllThatStartThere() {
    write(spanAt(traces().traceId(), 0, 10).toBuilder().service("zero").build());
    write(spanAt(traces().traceId(), 100, 110).toBuilder().service("hundred").build());

    assertThat(reader().services(range(0, 1))).contains("zero").isSubsetOf("hundred", "zero");
    assertThat(reader().services(range(100, 101))).contains("hundred").isSubsetOf("hundred", "zero");
    assertThat(reader().services(range(-5, 105))).containsExactly("hundred", "zero");
    assertThat(reader().operations("hundred", range(100, 101)))
        .containsExactly(new Operation("work", SpanKind.INTERNAL));
  }

  @Test
  void operations_ofAService_areSortedByNameThenKindAndEachOnce() {
    TraceId trace = traces().traceId();
    for (int i = 0; i < 2; i++) {
      write(traces().span(trace, "s").name("b").kind(SpanKind.SERVER).build());
      write(traces().span(trace, "s").name("b").kind(SpanKind.CLIENT).build());
      write(traces().span(trace, "s").name("a").kind(SpanKind.CONSUMER).build());
      write(traces().span(trace, "s").name("").kind(SpanKind.UNSPECIFIED).build());
      write(traces().span(trace, "S").name("other").build());
      write(traces().span(trace, "").name("nobody's").build());
    }

    assertThat(reader().operations("s", TimeRange.ALL))
        .containsExactly(
            new Operation("", SpanKind.UNSPECIFIED),
            new Operation("a", SpanKind.CONSUMER),
            new Operation("b", SpanKind.SERVER),
            new Operation("b", SpanKind.CLIENT));
    assertThat(reader().operations("S", TimeRange.ALL))
        .containsExactly(new Operation("other", SpanKind.INTERNAL));
    assertThat(reader().operations("unknown", TimeRange.ALL)).isEmpty();
  }

  private Span spanAt(TraceId trace, long start, long end) {
    return traces().span(trace, "s")
        .startEpochNanos(traces().at(start))
        .endEpochNanos(traces().at(end))
        .build();
  }

  private TimeRange range(long start, long end) {
    return new TimeRange(traces().at(start), traces().at(end));
  }

  private static SpanCondition condition(Map<String, String> attributes) {
    return new SpanCondition(null, null, null, null, null, attributes);
  }

  private static SpanCondition having(String key, String text) {
    return condition(Map.of(key, text));
  }

  private static SpanCondition durations(@Nullable Long min, @Nullable Long max) {
    return new SpanCondition(null, null, min, max, null, Map.of());
  }

  private static SpanCondition status(Status status) {
    return new SpanCondition(null, null, null, null, status, Map.of());
  }
}
