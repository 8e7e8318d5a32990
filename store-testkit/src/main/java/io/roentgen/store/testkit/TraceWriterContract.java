// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.ServiceGraph;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanId;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.GraphReader;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.StoreClosedException;
import io.roentgen.store.StoreStatus;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceReader;
import io.roentgen.store.TraceSummary;
import io.roentgen.store.TraceWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What {@link TraceWriter#write} promises, and how a store ends. */
public abstract class TraceWriterContract extends StoreContract {
  @Test
  void write_emptyBatch_changesNothing() {
    write(List.of());

    assertThat(find(SpanCondition.ANY)).isEmpty();
    assertThat(graph().graph(TimeRange.ALL)).isEqualTo(new ServiceGraph(List.of(), List.of()));
  }

  @Test
  void write_completeAfterInProgress_replacesIt() {
    List<Span> sent = traces().inProgress();
    Span running = sent.get(0);
    Span step = sent.get(1);
    Span complete = sent.get(2);

    write(running);
    assertTrace(running);
    write(step);
    assertTrace(running, step);
    write(complete);
    assertTrace(complete, step);
  }

  @Test
  void write_completeAfterInProgressInOneBatch_replacesIt() {
    List<Span> sent = traces().inProgress();

    write(sent);

    assertTrace(sent.get(2), sent.get(1));
  }

  @Test
  void write_inProgressAfterComplete_isNotSeen() {
    List<Span> sent = traces().inProgress();

    write(sent.get(2));
    write(sent.get(0));

    assertTrace(sent.get(2));
  }

  @Test
  void write_inProgressAfterCompleteInOneBatch_isNotSeen() {
    List<Span> sent = traces().inProgress();

    write(sent.get(2), sent.get(0));

    assertTrace(sent.get(2));
  }

  @Test
  void write_completeBetweenTwoInProgress_isSeen() {
    List<Span> sent = traces().inProgress();
    Span later = sent.get(0).toBuilder().attribute("step", Value.of(2)).build();

    write(sent.get(0));
    write(sent.get(2));
    write(later);

    assertTrace(sent.get(2));
  }

  @Test
  void write_severalComplete_lastIsSeen() {
    Span first = traces().single();
    Span second = first.toBuilder().name("second").build();
    Span third =
        first.toBuilder()
            .name("third")
            .startEpochNanos(first.startEpochNanos() - TestTraces.HOUR)
            .build();

    write(first);
    write(third);
    write(second);
    assertTrace(second);

    write(second, first, third);
    assertTrace(third);
  }

  @Test
  void write_earlierSpanAgain_isSeenAsTheLast() {
    Span first = traces().single();
    Span second = first.toBuilder().name("second").attribute("k", Value.of("v")).build();

    write(first);
    write(second);
    write(first);

    assertTrace(first);
    assertThat(find(new SpanCondition(null, "second", null, null, null, Map.of())))
        .isEmpty();
  }

  @Test
  void write_severalInProgress_lastIsSeen() {
    Span first = traces().inProgress().get(0);
    Span second = first.toBuilder().attribute("step", Value.of(2)).build();

    write(first);
    write(second);

    assertTrace(second);
  }

  @Test
  void write_sameBatchAgain_changesNothing() {
    List<Span> spans = traces().checkout();

    write(spans);
    ServiceGraph once = graph().graph(TimeRange.ALL);
    write(spans);
    write(spans);

    assertThat(reader().find(spans.get(0).traceId()))
        .contains(new Trace(spans.get(0).traceId(), spans));
    assertThat(graph().graph(TimeRange.ALL)).isEqualTo(once);
    assertThat(find(SpanCondition.ANY)).containsExactly(spans.get(0).traceId());
  }

  @Test
  void write_traceInManyBatches_isOneTrace() {
    List<List<Span>> batches = traces().splitTrace();

    batches.forEach(this::write);

    List<Span> all = new ArrayList<>(batches.stream().flatMap(List::stream).toList());
    all.sort(Comparator.comparingLong(Span::startEpochNanos));
    assertThat(reader().findAll(List.of(all.get(0).traceId())))
        .containsExactly(new Trace(all.get(0).traceId(), all));
  }

  @Test
  void write_traceSpanBySpanInAnyOrder_isOneTrace() {
    Random random = new Random(7);
    for (int round = 0; round < 5; round++) {
      List<Span> spans = traces().checkout();
      List<Span> shuffled = new ArrayList<>(spans);
      Collections.shuffle(shuffled, random);
      shuffled.forEach(this::write);
      assertTrace(spans.toArray(Span[]::new));
    }
  }

  @Test
  void write_manyTracesInOneBatch_keepsThemApart() {
    List<Span> first = traces().checkout();
    List<Span> second = traces().checkout();
    List<Span> mixed = new ArrayList<>();
    for (int i = 0; i < first.size(); i++) {
      mixed.add(second.get(i));
      mixed.add(first.get(i));
    }

    write(mixed);

    assertTrace(first.toArray(Span[]::new));
    assertTrace(second.toArray(Span[]::new));
  }

  @Test
  void write_sameSpanIdInTwoTraces_areTwoSpans() {
    Span one = traces().single();
    Span highDiffers =
        Span.builder(new TraceId(one.traceId().high() + 1, one.traceId().low()), one.spanId()).build();
    Span lowDiffers =
        Span.builder(new TraceId(one.traceId().high(), one.traceId().low() + 1), one.spanId()).build();

    write(one, highDiffers);
    write(lowDiffers);

    assertTrace(one);
    assertTrace(highDiffers);
    assertTrace(lowDiffers);
  }

  @Test
  void write_spanWithDefaultsOnly_isKept() {
    Span bare = Span.builder(traces().traceId(), new SpanId(-1)).build();

    write(bare);

    assertTrace(bare);
  }

  @Test
  void write_largeBatch_keepsEverySpan() {
    List<Span> spans = new ArrayList<>();
    TraceId trace = traces().traceId();
    for (int i = 0; i < 5_000; i++) {
      spans.add(
          Span.builder(trace, new SpanId(i + 1))
              .name("span " + i)
              .service("large")
              .startEpochNanos(traces().at(i))
              .endEpochNanos(traces().at(2L * i))
              .attribute("index", Value.of(i))
              .attribute("key-" + i % 300, Value.of("value " + i))
              .build());
    }

    write(spans);

    assertThat(reader().find(trace)).contains(new Trace(trace, spans));
  }

  @Test
  void write_batchFromTheMiddleOfAnArray_isKept() {
    Span span = traces().single();
    SpanBatch batch = SpanBatch.of(List.of(span));
    byte[] bytes = new byte[batch.length() + 100];
    System.arraycopy(batch.bytes(), batch.offset(), bytes, 77, batch.length());

    store().writer().write(SpanBatch.ofBytes(bytes, 77, batch.length()));
    written();

    assertTrace(span);
  }

  @Test
  void write_returned_isSeenByEveryOtherThread() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 20; i++) {
        List<Span> spans = traces().checkout();
        TraceId trace = spans.get(0).traceId();
        threads.submit(() -> store().writer().write(SpanBatch.of(spans))).get();
        Callable<Optional<Trace>> find = () -> store().reader().find(trace);
        for (Future<Optional<Trace>> found : threads.invokeAll(Collections.nCopies(3, find))) {
          assertThat(found.get()).contains(new Trace(trace, spans));
        }
        Callable<List<TraceId>> search =
            () ->
                store().reader().search(TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, 100)).traces()
                    .stream()
                    .map(TraceSummary::traceId)
                    .toList();
        assertThat(threads.submit(search).get()).hasSize(i + 1).contains(trace);
      }
    }
  }

  @Test
  void write_byManyThreadsWithReaders_keepsAllOrNothingOfEachBatch() throws Exception {
    int writers = 8;
    int batches = 12;
    List<List<List<Span>>> work = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      work.add(IntStream.range(0, batches).mapToObj(_ -> traces().checkout()).toList());
    }
    List<Span> all =
        work.stream().flatMap(List::stream).flatMap(List::stream).toList();
    AtomicInteger writing = new AtomicInteger(writers);
    ConcurrentLinkedQueue<List<Span>> acknowledged = new ConcurrentLinkedQueue<>();
    CountDownLatch start = new CountDownLatch(1);
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(writers + 2)) {
      for (List<List<Span>> mine : work) {
        running.add(
            threads.submit(
                () -> {
                  start.await();
                  try {
                    for (List<Span> spans : mine) {
                      store().writer().write(SpanBatch.of(spans));
                      acknowledged.add(spans);
                    }
                  } finally {
                    writing.decrementAndGet();
                  }
                  return null;
                }));
      }
      for (int i = 0; i < 2; i++) {
        int seed = i;
        running.add(
            threads.submit(
                () -> {
                  start.await();
                  readWhileWriting(new Random(seed), writing, acknowledged, work);
                  return null;
                }));
      }
      start.countDown();
      for (Future<?> each : running) {
        each.get();
      }
    }
    written();
    for (List<Span> spans : work.stream().flatMap(List::stream).toList()) {
      assertTrace(spans.toArray(Span[]::new));
    }
    assertThat(find(SpanCondition.ANY)).doesNotHaveDuplicates().hasSize(writers * batches);
    assertThat(graph().graph(TimeRange.ALL)).isEqualTo(ExpectedGraph.ofWritten(all));
  }

  private void readWhileWriting(
      Random random,
      AtomicInteger writing,
      ConcurrentLinkedQueue<List<Span>> acknowledged,
      List<List<List<Span>>> work) {
    do {
      List<List<Span>> before = List.copyOf(acknowledged);
      if (!before.isEmpty()) {
        List<Span> spans = before.get(random.nextInt(before.size()));
        TraceId trace = spans.get(0).traceId();
        assertThat(store().reader().find(trace)).contains(new Trace(trace, spans));
      }
      List<List<Span>> ofOne = work.get(random.nextInt(work.size()));
      List<Span> any = ofOne.get(random.nextInt(ofOne.size()));
      Optional<Trace> maybe = store().reader().find(any.get(0).traceId());
      assertThat(maybe.map(Trace::spans).orElse(any)).as("all or nothing").isEqualTo(any);
      for (TraceSummary summary :
          store().reader().search(TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, 1_000)).traces()) {
        assertThat(summary.spanCount()).as("all or nothing").isEqualTo(any.size());
      }
    } while (writing.get() > 0);
  }

  @Test
  void write_sameTraceByManyThreads_losesNoSpan() throws Exception {
    TraceId trace = traces().traceId();
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      spans.add(traces().span(trace, "s").startEpochNanos(traces().at(i)).build());
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Callable<Void>> writes =
          spans.stream()
              .<Callable<Void>>map(
                  span ->
                      () -> {
                        store().writer().write(SpanBatch.of(List.of(span)));
                        return null;
                      })
              .toList();
      for (Future<Void> write : threads.invokeAll(writes)) {
        write.get();
      }
    }
    written();

    assertThat(reader().find(trace)).contains(new Trace(trace, spans));
  }

  @Test
  void status_afterWrites_countsEachSpan() {
    StoreStatus empty = store().status();
    assertThat(empty.liveSpanCount() + empty.partSpanCount()).isZero();

    write(traces().checkout());
    write(traces().single());
    reader();

    StoreStatus status = store().status();
    assertThat(status.liveSpanCount() + status.partSpanCount()).isEqualTo(8);
    assertThat(status.deletedSpanCount()).isZero();
    assertThat(status.corruptedPartCount()).isZero();
    assertThat(status.diskLimitBytes()).isPositive();
  }

  @Test
  void close_again_doesNothing() {
    write(traces().single());

    store().close();
    store().close();

    assertClosed(() -> store().status());
  }

  @Test
  void closed_everyMethod_isRefused() {
    Span span = traces().single();
    write(span);
    TraceWriter writer = store().writer();
    TraceReader reader = store().reader();
    GraphReader graph = store().graph();
    TraceQuery query = TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, 10);

    store().close();

    assertClosed(() -> store().writer());
    assertClosed(() -> store().reader());
    assertClosed(() -> store().graph());
    assertClosed(() -> store().status());
    assertClosed(() -> writer.write(SpanBatch.of(List.of(span))));
    assertClosed(() -> writer.write(SpanBatch.of(List.of())));
    assertClosed(() -> reader.find(span.traceId()));
    assertClosed(() -> reader.findAll(List.of(span.traceId())));
    assertClosed(() -> reader.findAll(List.of()));
    assertClosed(() -> reader.search(query));
    assertClosed(() -> reader.services(TimeRange.ALL));
    assertClosed(() -> reader.operations("shop", TimeRange.ALL));
    assertClosed(() -> graph.graph(TimeRange.ALL));
    assertClosed(() -> graph.series(TimeRange.ALL, GraphReader.RESOLUTION_NANOS));
  }

  @Test
  void close_whileOthersWrite_refusesThemWithoutAnotherError() throws Exception {
    List<SpanBatch> batches =
        IntStream.range(0, 200).mapToObj(_ -> SpanBatch.of(traces().checkout())).toList();
    CountDownLatch some = new CountDownLatch(20);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> writes = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        List<SpanBatch> mine = batches.subList(i * 50, i * 50 + 50);
        writes.add(
            threads.submit(
                () -> {
                  for (SpanBatch batch : mine) {
                    store().writer().write(batch);
                    some.countDown();
                  }
                  while (true) {
                    store().writer().write(mine.get(0));
                  }
                }));
      }
      some.await();
      store().close();
      for (Future<?> write : writes) {
        assertThatThrownBy(write::get).hasRootCauseInstanceOf(StoreClosedException.class);
      }
    }
  }

  private static void assertClosed(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(StoreClosedException.class);
  }
}
