// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Outcome;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanId;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.GraphReader;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.Trace;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceSummary;
import io.roentgen.store.memory.MemoryStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SampleDataTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);
  private static final long END = 1_700_000_000_000_000_000L;
  private static final long HOUR = 3_600_000_000_000L;
  private static final TimeRange RANGE = new TimeRange(END - HOUR, END);

  private final MemoryStore received = new MemoryStore();
  private final SampleStore store = new SampleStore(received);
  private final List<SpanBatch> changes = new ArrayList<>();

  private SampleData sampleData() {
    return new SampleData(
        store,
        (batch, change) -> {
          changes.add(batch);
          change.run();
        },
        () -> NOW);
  }

  private void receive(int count) {
    received
        .writer()
        .write(
            SpanBatch.of(
                IntStream.range(0, count)
                    .mapToObj(
                        i ->
                            Span.builder(new TraceId(5, i + 1), new SpanId(i + 1))
                                .service("front")
                                .name("GET /own")
                                .segment(true)
                                .startEpochNanos(END - HOUR + i * 30_000_000_000L)
                                .endEpochNanos(END - HOUR + i * 30_000_000_000L + 1_000_000)
                                .build())
                    .toList()));
  }

  @Test
  void hour_isWhole_marked_andWithinItself() {
    SampleShop.Hour hour = SampleShop.hourBefore(END);

    assertThat(hour.batch().toSpans())
        .hasSizeGreaterThan(2_500)
        .allSatisfy(
            span -> {
              assertThat(span.startEpochNanos()).isGreaterThanOrEqualTo(END - HOUR);
              assertThat(span.endEpochNanos()).isLessThan(END);
              assertThat(span.resourceScope().resource().attributes())
                  .containsEntry(SampleShop.MARKER, Value.of(true));
            });
    assertThat(hour.batch().toSpans().stream().map(Span::traceId).distinct())
        .hasSize(hour.traceCount());
    assertThat(hour.batch().toSpans().stream().map(Span::spanId)).doesNotHaveDuplicates();
    assertThat(hour.batch().toSpans().stream().map(Span::outcome).distinct())
        .contains(
            Outcome.OK,
            new Outcome(true, false, false),
            new Outcome(false, true, false),
            new Outcome(true, false, true));
    assertThat(SampleShop.hourBefore(END).batch().toSpans()).isEqualTo(hour.batch().toSpans());
  }

  @Test
  void slowTrace_waitsForTheBank_untilItsDeadlineHasPassed() {
    var loaded = sampleData().load();
    Trace slow = store.reader().find(loaded.slowTraceId()).orElseThrow();

    assertThat(slow.summary().outcome().fault()).isTrue();
    assertThat(slow.spans())
        .anySatisfy(
            span -> {
              assertThat(span.name()).isEqualTo("shop.Payment/Charge");
              assertThat(span.service()).isEqualTo("checkout");
              assertThat(span.attributes()).containsEntry("rpc.grpc.status_code", Value.of(4L));
              assertThat(span.attributes().get("grpc.deadline_left_ms"))
                  .isInstanceOfSatisfying(
                      Value.LongValue.class, left -> assertThat(left.value()).isNegative());
            });
    Span bank =
        slow.spans().stream()
            .filter(span -> span.peerName().startsWith("bank"))
            .findFirst()
            .orElseThrow();
    assertThat(bank.durationNanos())
        .isGreaterThan((slow.summary().endEpochNanos() - slow.summary().startEpochNanos()) * 3 / 4);
  }

  @Test
  void remove_leavesExactlyWhatWasReceived() {
    receive(100);
    ServiceGraph graph = received.graph().graph(RANGE);
    SampleData sampleData = sampleData();
    var loaded = sampleData.load();
    assertThat(store.reader().find(loaded.slowTraceId())).isPresent();
    assertThat(store.graph().graph(RANGE)).isNotEqualTo(graph);
    assertThat(store.status().liveSpanCount()).isEqualTo(100 + loaded.spanCount());

    sampleData.remove();

    assertThat(store.reader().find(loaded.slowTraceId())).isEmpty();
    assertThat(store.graph().graph(RANGE)).isEqualTo(graph);
    assertThat(store.status()).isEqualTo(received.status());
    assertThat(all(40)).hasSize(100);
    assertThat(store.reader().services(RANGE)).containsExactly("front");
    assertThat(changes).hasSize(2);
    assertThat(sampleData.loaded()).isNull();
    assertThat(received.documents().list("sample-data")).isEmpty();
  }

  /** As one store with both answers, which is what the store in memory is right about. */
  @Test
  void answers_areThoseOfOneStoreWithBoth() {
    receive(100);
    var loaded = sampleData().load();
    MemoryStore both = new MemoryStore();
    both.writer().write(SampleShop.hourBefore(END).batch());
    received.reader().search(TraceQuery.of(RANGE, SpanCondition.ANY, 1_000)).traces().stream()
        .map(TraceSummary::traceId)
        .forEach(
            id ->
                both.writer()
                    .write(SpanBatch.of(received.reader().find(id).orElseThrow().spans())));
    List<TraceSummary> expected =
        both.reader().search(TraceQuery.of(RANGE, SpanCondition.ANY, 1_000)).traces();

    assertThat(expected).hasSize(100 + loaded.traceCount());
    assertThat(all(7)).isEqualTo(expected);
    assertThat(all(1_000)).isEqualTo(expected);
    List<TraceId> ids = expected.stream().map(TraceSummary::traceId).toList().reversed();
    assertThat(store.reader().findAll(ids)).isEqualTo(both.reader().findAll(ids));
    assertThat(store.graph().graph(RANGE)).isEqualTo(both.graph().graph(RANGE));
    long period = 10 * GraphReader.RESOLUTION_NANOS;
    assertThat(store.graph().series(RANGE, period)).isEqualTo(both.graph().series(RANGE, period));
    assertThat(store.reader().services(RANGE)).isEqualTo(both.reader().services(RANGE));
    assertThat(store.reader().operations("front", RANGE))
        .isEqualTo(both.reader().operations("front", RANGE));
  }

  private List<TraceSummary> all(int limit) {
    List<TraceSummary> found = new ArrayList<>();
    TraceQuery query = TraceQuery.of(RANGE, SpanCondition.ANY, limit);
    while (true) {
      TracePage page = store.reader().search(query);
      found.addAll(page.traces());
      if (page.next() == null) {
        return found;
      }
      query = query.from(page.next());
    }
  }

  @Test
  void load_again_replacesAndOutlivesARestart() {
    SampleData sampleData = sampleData();
    sampleData.load();
    var loaded = sampleData.load();
    assertThat(all(1_000)).hasSize(loaded.traceCount());

    SampleStore restarted = new SampleStore(received);
    SampleData again = new SampleData(restarted, (_, change) -> change.run(), () -> NOW);

    assertThat(again.loaded()).isEqualTo(loaded);
    assertThat(restarted.reader().find(loaded.slowTraceId()))
        .isEqualTo(store.reader().find(loaded.slowTraceId()));
    again.remove();
    assertThat(restarted.reader().find(loaded.slowTraceId())).isEmpty();
  }
}
