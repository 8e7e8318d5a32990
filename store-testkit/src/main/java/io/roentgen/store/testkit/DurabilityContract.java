// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.ServiceGraph;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.Document;
import io.roentgen.store.DocumentStore;
import io.roentgen.store.Operation;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.StoreClosedException;
import io.roentgen.store.Trace;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceQuery.TimeField;
import io.roentgen.store.TraceReader;
import io.roentgen.store.TraceStore;
import io.roentgen.store.TraceSummary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What durable means: a store that is opened again answers as it did before, however it ended. */
public abstract class DurabilityContract extends StoreContract {
  /** Closes a store and returns another one that holds the same. */
  protected abstract TraceStore reopen(TraceStore store);

  /**
   * Returns the store that a new process would open if the present one died now: nothing is flushed, closed or
   * waited for before. The store given is not used any more; this method, or the next process, lets go of it.
   */
  protected abstract TraceStore reopenAfterCrash(TraceStore store);

  private List<UnaryOperator<TraceStore>> ends() {
    return List.of(this::reopen, this::reopenAfterCrash);
  }

  private void end(UnaryOperator<TraceStore> how) {
    use(how.apply(store()));
  }

  /** Everything that a store says about some traces. */
  private record Answers(
      List<Trace> traces,
      Map<TimeField, List<TraceSummary>> searches,
      List<TraceSummary> byService,
      List<TraceSummary> byAttribute,
      ServiceGraph graph,
      List<String> services,
      List<Operation> operations) {}

  private Answers answers(List<TraceId> ids) {
    Map<TimeField, List<TraceSummary>> searches = new LinkedHashMap<>();
    for (TimeField field : TimeField.values()) {
      searches.put(
          field, searchAll(new TraceQuery(TimeRange.ALL, field, SpanCondition.ANY, 4, null)));
    }
    return new Answers(
        reader().findAll(ids),
        searches,
        searchAll(
            TraceQuery.of(
                TimeRange.ALL, new SpanCondition("shop", null, null, null, null, Map.of()), 4)),
        searchAll(
            TraceQuery.of(
                TimeRange.ALL,
                new SpanCondition(null, null, null, null, null, Map.of("amount", "12.5")),
                4)),
        graph().graph(TimeRange.ALL),
        reader().services(TimeRange.ALL),
        reader().operations("payment", TimeRange.ALL));
  }

  @Test
  void reopen_emptyStore_isEmptyAndTakesWrites() {
    for (UnaryOperator<TraceStore> how : ends()) {
      end(how);
      assertThat(reader().services(TimeRange.ALL)).isEmpty();
      assertThat(find(SpanCondition.ANY)).isEmpty();
    }
    Span span = traces().single();
    write(span);
    assertTrace(span);
  }

  @Test
  void reopen_manyTimes_givesTheSameAnswers() {
    List<Span> all = new ArrayList<>();
    for (List<Span> spans :
        List.of(
            traces().checkout(),
            traces().fanOut(10),
            traces().clockSkew(),
            traces().inProgress(),
            traces().orphan(),
            traces().xray(),
            List.of(traces().shortId()))) {
      write(spans);
      all.addAll(spans);
    }
    traces().splitTrace().forEach(
        spans -> {
          write(spans);
          all.addAll(spans);
        });
    RandomSpans random = new RandomSpans(21, baseEpochNanos());
    for (int i = 0; i < 10; i++) {
      List<Span> spans = random.trace(6);
      write(spans);
      all.addAll(spans);
    }
    List<TraceId> ids = all.stream().map(Span::traceId).distinct().toList();
    Answers before = answers(ids);
    assertThat(before.traces()).isEqualTo(expectedTraces(all));
    assertThat(before.graph()).isEqualTo(ExpectedGraph.ofWritten(all));

    for (int i = 0; i < 2; i++) {
      for (UnaryOperator<TraceStore> how : ends()) {
        end(how);
        assertThat(answers(ids)).isEqualTo(before);
      }
    }
    settle(store());
    assertThat(answers(ids)).isEqualTo(before);
    end(this::reopenAfterCrash);
    assertThat(answers(ids)).isEqualTo(before);
  }

  private static List<Trace> expectedTraces(List<Span> written) {
    Map<TraceId, List<Span>> traces = new LinkedHashMap<>();
    written.forEach(
        span -> traces.computeIfAbsent(span.traceId(), _ -> new ArrayList<>()).add(span));
    return traces.values().stream().map(Trace::ofWritten).toList();
  }

  @Test
  void reopen_betweenBatchesOfATrace_countsEachCallOnce() {
    for (UnaryOperator<TraceStore> how : ends()) {
      store().close();
      use(openStore());
      List<Span> soFar = new ArrayList<>();
      for (List<Span> batch : traces().splitTrace()) {
        write(batch);
        soFar.addAll(batch);
        end(how);
        assertThat(graph().graph(TimeRange.ALL)).isEqualTo(ExpectedGraph.ofWritten(soFar));
        write(soFar);
        assertThat(graph().graph(TimeRange.ALL)).isEqualTo(ExpectedGraph.ofWritten(soFar));
        assertThat(reader().findAll(List.of(soFar.get(0).traceId())))
            .isEqualTo(expectedTraces(soFar));
      }
    }
  }

  @Test
  void reopen_betweenInProgressAndComplete_theCompleteOneIsSeen() {
    for (UnaryOperator<TraceStore> how : ends()) {
      List<Span> forward = traces().inProgress();
      write(forward.get(0));
      end(how);
      assertTrace(forward.get(0));
      write(forward.get(2));
      end(how);
      assertTrace(forward.get(2));

      List<Span> backward = traces().inProgress();
      write(backward.get(2));
      end(how);
      write(backward.get(0));
      end(how);
      assertTrace(backward.get(2));
    }
  }

  @Test
  void reopen_betweenTwoCompleteSpansOfOneId_theLastWrittenIsSeen() {
    for (UnaryOperator<TraceStore> how : ends()) {
      Span first = traces().single();
      Span second = first.toBuilder().name("second").build();
      for (Span span : Arrays.asList(first, second, first, second)) {
        write(span);
        end(how);
        assertTrace(span);
      }
    }
  }

  @Test
  void reopen_cursorOfBefore_goesOn() {
    List<TraceId> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Span span = traces().span(traces().traceId(), "s").startEpochNanos(traces().at(-i)).build();
      ids.add(span.traceId());
      write(span);
    }
    TraceQuery query = TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, 3);
    TracePage first = reader().search(query);
    for (UnaryOperator<TraceStore> how : ends()) {
      end(how);
      TracePage rest = reader().search(query.from(first.next()));
      assertThat(rest.traces()).extracting(TraceSummary::traceId).isEqualTo(ids.subList(3, 5));
      assertThat(rest.next()).isNull();
    }
  }

  @Test
  void crash_afterWritesByManyThreads_losesNothingAcknowledged() throws Exception {
    ConcurrentLinkedQueue<List<Span>> acknowledged = new ConcurrentLinkedQueue<>();
    List<List<Span>> work = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      work.add(traces().checkout());
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> writes = new ArrayList<>();
      for (List<Span> spans : work) {
        writes.add(
            threads.submit(
                () -> {
                  store().writer().write(SpanBatch.of(spans));
                  acknowledged.add(spans);
                }));
      }
      for (Future<?> write : writes) {
        write.get();
      }
    }

    end(this::reopenAfterCrash);

    assertThat(acknowledged).hasSize(80);
    for (List<Span> spans : acknowledged) {
      assertTrace(spans.toArray(Span[]::new));
    }
    assertThat(find(SpanCondition.ANY)).hasSize(80);
    assertThat(graph().graph(TimeRange.ALL))
        .isEqualTo(ExpectedGraph.ofWritten(work.stream().flatMap(List::stream).toList()));
  }

  @Test
  void reopen_storeWithManyKeysAndLargeSpans_givesThemBack() {
    TraceId trace = traces().traceId();
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      spans.add(
          traces().span(trace, "s")
              .name("n".repeat(i * 10))
              .startEpochNanos(traces().at(i))
              .attribute("key-" + i, Value.of("v".repeat(i * 20)))
              .build());
      write(spans.subList(i, i + 1));
    }
    for (UnaryOperator<TraceStore> how : ends()) {
      end(how);
      assertThat(reader().find(trace)).contains(new Trace(trace, spans));
    }
    assertThat(reader().operations("s", TimeRange.ALL))
        .hasSize(300)
        .contains(new Operation("", SpanKind.INTERNAL));
  }

  @Test
  void reopen_documents_areThereWithTheirRevisions() {
    DocumentStore first = store().documents();
    Document kept = first.put("group", "kept ü😀", "{\"a\":1}", DocumentStore.NONE).orElseThrow();
    Document changed = first.put("group", "changed", "1", DocumentStore.NONE).orElseThrow();
    changed = first.put("group", "changed", "2", changed.revision()).orElseThrow();
    Document gone = first.put("group", "gone", "1", DocumentStore.NONE).orElseThrow();
    assertThat(first.delete("group", "gone", gone.revision())).isTrue();
    Document other = first.put("rule", "kept", "", DocumentStore.NONE).orElseThrow();
    for (UnaryOperator<TraceStore> how : ends()) {
      end(how);
      DocumentStore documents = store().documents();
      assertThat(documents.list("group")).containsExactly(changed, kept);
      assertThat(documents.list("rule")).containsExactly(other);
      changed = documents.put("group", "changed", "3", changed.revision()).orElseThrow();
      assertThat(changed.revision()).isGreaterThan(gone.revision() + 1);
    }
  }

  @Test
  void reopen_closedStore_oldReaderIsRefusedAndNewOneAnswers() {
    Span span = traces().single();
    write(span);
    TraceReader old = reader();

    end(this::reopen);

    assertThatThrownBy(() -> old.find(span.traceId()))
        .isInstanceOf(StoreClosedException.class);
    assertTrace(span);
  }
}
