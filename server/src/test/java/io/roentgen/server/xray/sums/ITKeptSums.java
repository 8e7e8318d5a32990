// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.sums;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.filter.Filter;
import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.server.intake.Deadline;
import io.roentgen.server.xray.graph.Graphs;
import io.roentgen.store.DocumentStore;
import io.roentgen.store.GraphReader;
import io.roentgen.store.Operation;
import io.roentgen.store.StoreStatus;
import io.roentgen.store.StoreUnavailableException;
import io.roentgen.store.Trace;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceReader;
import io.roentgen.store.TraceStore;
import io.roentgen.store.TraceWriter;
import io.roentgen.store.memory.MemoryStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kept sums against counting all traces, on a store that notes how many traces it loads. */
class ITKeptSums {
  private static final long SECOND = 1_000_000_000L;
  private static final long MINUTE = 60 * SECOND;
  private static final long FIRST = 28_000_000;
  private static final Duration RETENTION = Duration.ofDays(2);
  private static final Deadline NONE = Deadline.unless(() -> false);
  private static final List<Filter> FILTERS =
      List.of(
          filter("service(\"shop\") { fault }"),
          filter("!service(\"stock\")"),
          filter("annotation.tier = \"gold\" OR duration > 90"));

  @TempDir private Path temp;
  private Path folder;
  private final MemoryStore memory = new MemoryStore();
  private final AtomicInteger loaded = new AtomicInteger();
  private final AtomicBoolean refusing = new AtomicBoolean();
  private final TraceStore store = new CountingStore();
  private volatile Instant now = Instant.ofEpochSecond(FIRST * 60);
  private KeptSums sums;
  private Graphs kept;
  private final Graphs counted = new Graphs(memory, null);

  private static Filter filter(String text) {
    return Filter.parse(text, Filter.Groups.NONE);
  }

  private static Map<String, Filter> named(List<Filter> filters) {
    Map<String, Filter> named = new TreeMap<>();
    filters.forEach(
        each -> named.put("%064x".formatted(each.text().hashCode() & 0xffffffffL), each));
    return named;
  }

  private void open(List<Filter> filters) {
    folder = temp.resolve("group-sums");
    sums = KeptSums.open(folder, store, RETENTION, () -> now);
    sums.keepFor(() -> named(filters));
    kept = new Graphs(store, sums);
  }

  @AfterEach
  void close() {
    sums.close();
    memory.close();
  }

  private void workAll() {
    try {
      assertThat(sums.work(NONE)).isTrue();
      // What turned out to be concerned as well has to settle, too.
      advance(Duration.ofSeconds(20));
      assertThat(sums.work(NONE)).isTrue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void advance(Duration time) {
    now = now.plus(time);
  }

  private long nowNanos() {
    return now.getEpochSecond() * SECOND;
  }

  private void assertSame(TimeRange range) {
    for (Filter filter : FILTERS) {
      assertThat(kept.graph(range, filter, NONE))
          .as("graph of %s in %s", filter, range)
          .isEqualTo(counted.graph(range, filter, NONE));
      for (long period : new long[] {MINUTE, 7 * MINUTE}) {
        assertThat(kept.series(range, period, filter, NONE))
            .as("series of %s in %s by %s", filter, range, period)
            .isEqualTo(counted.series(range, period, filter, NONE));
      }
    }
  }

  private void assertSame() {
    assertSame(new TimeRange((FIRST - 60) * MINUTE, nowNanos() + 10 * MINUTE));
  }

  /** Returns the spans of a trace of three services that began some minutes ago. */
  private static List<Span> trace(Random random, long id, long startNanos) {
    TraceId trace = new TraceId(startNanos, id);
    // Most last seconds, some for many minutes.
    long length =
        random.nextInt(6) == 0 ? random.nextLong(25 * MINUTE) : random.nextLong(20 * SECOND);
    List<Span> spans = new ArrayList<>();
    spans.add(
        segment(trace, 1, "shop", startNanos, startNanos + length)
            .outcome(new Outcome(false, random.nextBoolean(), false))
            .build());
    for (int i = 0; i < 3; i++) {
      long start = startNanos + random.nextLong(length / 2 + 1);
      long end = start + random.nextLong(length / 2 + 1);
      String callee = random.nextInt(3) == 0 ? "stock" : "pay";
      spans.add(
          Span.builder(trace, new SpanId(10 + i))
              .parentSpanId(new SpanId(1))
              .service("shop")
              .name(callee)
              .kind(SpanKind.CLIENT)
              .startEpochNanos(start)
              .endEpochNanos(end)
              .build());
      Span.Builder segment =
          segment(trace, 20 + i, callee, start, end)
              .parentSpanId(new SpanId(10 + i))
              .outcome(new Outcome(random.nextBoolean(), random.nextInt(4) == 0, false));
      if (random.nextInt(5) == 0) {
        segment.attribute("tier", Value.of("gold"));
      }
      spans.add(segment.build());
    }
    return spans;
  }

  private static Span.Builder segment(
      TraceId trace, long id, String service, long start, long end) {
    return Span.builder(trace, new SpanId(id))
        .service(service)
        .name(service)
        .kind(SpanKind.SERVER)
        .segment(true)
        .startEpochNanos(start)
        .endEpochNanos(end);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void sums_splitAndLateSpansAndRestarts_equalCountingAll(long seed) {
    Random random = new Random(seed);
    open(FILTERS);
    List<Span> waiting = new ArrayList<>();
    for (int step = 0; step < 60; step++) {
      for (int i = 0; i < 3; i++) {
        long age = random.nextInt(8) == 0 ? random.nextLong(90 * MINUTE) : 30 * SECOND;
        waiting.addAll(trace(random, step * 100L + i + 1, nowNanos() - age));
      }
      Collections.shuffle(waiting, random);
      // What is left comes later, in another batch.
      List<Span> batch = waiting.subList(0, waiting.size() * 2 / 3);
      sums.writer().write(SpanBatch.of(batch));
      batch.clear();
      advance(Duration.ofSeconds(random.nextInt(100)));
      switch (random.nextInt(8)) {
        case 0 -> {
          sums.close();
          open(FILTERS);
        }
        // As after a crash: nothing was noted at the end.
        case 1 -> open(FILTERS);
        case 2, 3, 4 -> workAll();
        default -> {}
      }
      if (step % 10 == 9) {
        assertSame();
        long start = (FIRST + random.nextInt(40)) * MINUTE + random.nextLong(MINUTE);
        assertSame(new TimeRange(start, start + 1 + random.nextLong(30 * MINUTE)));
      }
    }
    advance(Duration.ofHours(1));
    workAll();
    assertSame();
    loaded.set(0);
    TimeRange settled = new TimeRange((FIRST - 120) * MINUTE, nowNanos() - 2 * MINUTE);
    FILTERS.forEach(filter -> kept.graph(settled, filter, NONE));
    assertThat(loaded).as("traces loaded for what is settled").hasValue(0);
  }

  @Test
  void restart_spansOfOldMinuteJustWritten_areCounted() {
    open(FILTERS);
    long old = (FIRST - 30) * MINUTE;
    sums.writer().write(SpanBatch.of(trace(new Random(1), 1, old)));
    advance(Duration.ofMinutes(2));
    workAll();
    assertSame();

    sums.writer().write(SpanBatch.of(trace(new Random(2), 2, old)));
    sums.writer()
        .write(
            SpanBatch.of(
                List.of(
                    segment(new TraceId(old, 1), 99, "stock", old, old + SECOND)
                        .parentSpanId(new SpanId(1))
                        .build())));
    open(FILTERS);

    assertSame();
  }

  @Test
  void restart_nothingWrittenSince_readsWhatIsKept() {
    open(FILTERS);
    for (int i = 0; i < 30; i++) {
      sums.writer().write(SpanBatch.of(trace(new Random(i), i + 1, (FIRST - i) * MINUTE)));
    }
    advance(Duration.ofHours(2));
    workAll();
    sums.close();
    open(FILTERS);
    loaded.set(0);

    TimeRange range = new TimeRange((FIRST - 40) * MINUTE, (FIRST + 40) * MINUTE);
    List<GraphReader.Period> periods = kept.series(range, MINUTE, FILTERS.get(1), NONE);

    assertThat(loaded).hasValue(0);
    assertThat(periods).isNotEmpty().isEqualTo(counted.series(range, MINUTE, FILTERS.get(1), NONE));
  }

  @Test
  void filter_changed_dropsSumsAndWorksOutThePast() throws IOException {
    open(FILTERS.subList(0, 1));
    for (int i = 0; i < 50; i++) {
      sums.writer().write(SpanBatch.of(trace(new Random(i), i + 1, (FIRST - 20L * i) * MINUTE)));
    }
    advance(Duration.ofMinutes(30));
    workAll();
    List<Path> before = folders();

    sums.keepFor(() -> named(FILTERS.subList(1, 2)));
    workAll();

    assertThat(before).hasSize(1);
    assertThat(folders()).hasSize(1).doesNotContainAnyElementsOf(before);
    loaded.set(0);
    TimeRange range = new TimeRange((FIRST - 1_100) * MINUTE, nowNanos() - 2 * MINUTE);
    assertThat(kept.series(range, MINUTE, FILTERS.get(1), NONE)).isNotEmpty();
    assertThat(loaded).hasValue(0);
    assertSame();
  }

  @Test
  void group_lastGone_leavesNothing() throws IOException {
    open(FILTERS);
    sums.writer().write(SpanBatch.of(trace(new Random(1), 1, nowNanos())));
    advance(Duration.ofMinutes(2));
    workAll();

    sums.keepFor(Map::of);

    assertThat(folder).isEmptyDirectory();
    assertSame();
  }

  private List<Path> folders() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isDirectory).toList();
    }
  }

  @Test
  void file_damagedOrCutOff_isWorkedOutAgain() throws IOException {
    open(FILTERS);
    for (int i = 0; i < 30; i++) {
      sums.writer().write(SpanBatch.of(trace(new Random(i), i + 1, (FIRST - i) * MINUTE)));
    }
    advance(Duration.ofHours(1));
    workAll();
    sums.close();
    int count = 0;
    for (Path each : folders()) {
      try (Stream<Path> files = Files.list(each)) {
        for (Path file : files.toList()) {
          byte[] bytes = Files.readAllBytes(file);
          bytes[bytes.length / 2] ^= 1;
          Files.write(file, bytes);
          count++;
        }
      }
    }
    assertThat(count).isGreaterThanOrEqualTo(3);

    open(FILTERS);
    assertSame();
    // Damaged while it is in use.
    workAll();
    for (Path each : folders()) {
      try (Stream<Path> files = Files.list(each)) {
        for (Path file : files.toList()) {
          Files.write(file, new byte[20]);
        }
      }
    }
    assertSame();
    workAll();
    assertSame();
  }

  @Test
  void stateFile_missing_believesNoSums() throws IOException {
    open(FILTERS);
    sums.writer().write(SpanBatch.of(trace(new Random(1), 1, nowNanos())));
    advance(Duration.ofMinutes(5));
    workAll();
    sums.close();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }

    open(FILTERS);

    assertThat(folders()).isEmpty();
    assertSame();
  }

  @Test
  void clock_setBackAcrossRestart_believesNothingOfTheFuture() {
    open(FILTERS);
    sums.writer().write(SpanBatch.of(trace(new Random(1), 1, nowNanos())));
    Instant before = now;
    advance(Duration.ofDays(1));
    workAll();
    sums.close();
    now = before.plus(Duration.ofMinutes(3));

    open(FILTERS);
    sums.writer().write(SpanBatch.of(trace(new Random(2), 2, nowNanos())));
    assertSame();
    advance(Duration.ofHours(1));
    workAll();
    assertSame();
  }

  @Test
  void write_refusedByStore_changesNothing() {
    open(FILTERS);
    refusing.set(true);
    assertThatThrownBy(() -> sums.writer().write(SpanBatch.of(trace(new Random(1), 1, nowNanos()))))
        .isInstanceOf(StoreUnavailableException.class);
    refusing.set(false);
    advance(Duration.ofMinutes(5));
    workAll();
    assertSame();
  }

  @Test
  void questions_whileSpansArriveAndMinutesAreWorkedOut_haveAllThatWasAcknowledged()
      throws Exception {
    open(FILTERS);
    Filter all = FILTERS.get(1);
    AtomicInteger acknowledged = new AtomicInteger();
    AtomicInteger begun = new AtomicInteger();
    AtomicBoolean writing = new AtomicBoolean(true);
    TimeRange range = new TimeRange((FIRST - 60) * MINUTE, (FIRST + 600) * MINUTE);
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<?> writer =
          threads.submit(
              () -> {
                Random random = new Random(5);
                for (int i = 1; i <= 1_500; i++) {
                  long start = nowNanos() - random.nextLong(20 * MINUTE);
                  begun.incrementAndGet();
                  sums.writer()
                      .write(
                          SpanBatch.of(
                              List.of(
                                  segment(
                                          new TraceId(start, i),
                                          1,
                                          "shop",
                                          start,
                                          start + random.nextLong(2 * MINUTE))
                                      .build())));
                  acknowledged.incrementAndGet();
                  if (i % 20 == 0) {
                    advance(Duration.ofSeconds(7));
                  }
                }
                writing.set(false);
              });
      Future<?> worker =
          threads.submit(
              () -> {
                while (writing.get()) {
                  workAll();
                }
              });
      while (writing.get() && !writer.isDone()) {
        int atLeast = acknowledged.get();
        long count =
            kept.graph(range, all, NONE).nodes().stream()
                .filter(node -> node.id().type().isEmpty())
                .mapToLong(node -> node.statistics().totalCount())
                .sum();
        assertThat(count).isBetween((long) atLeast, (long) begun.get());
      }
      writer.get();
      worker.get();
    }
    assertSame(range);
    advance(Duration.ofMinutes(5));
    workAll();
    assertSame(range);
  }

  /** Counts the traces that are loaded, and refuses writes when told to. */
  private final class CountingStore implements TraceStore {
    @Override
    public TraceWriter writer() {
      return batch -> {
        if (refusing.get()) {
          throw new StoreUnavailableException("refused by the test");
        }
        memory.writer().write(batch);
      };
    }

    @Override
    public TraceReader reader() {
      TraceReader reader = memory.reader();
      return new TraceReader() {
        @Override
        public Optional<Trace> find(TraceId traceId) {
          loaded.incrementAndGet();
          return reader.find(traceId);
        }

        @Override
        public List<Trace> findAll(Collection<TraceId> traceIds) {
          loaded.addAndGet(traceIds.size());
          return reader.findAll(traceIds);
        }

        @Override
        public TracePage search(TraceQuery query) {
          return reader.search(query);
        }

        @Override
        public List<String> services(TimeRange range) {
          return reader.services(range);
        }

        @Override
        public List<Operation> operations(String service, TimeRange range) {
          return reader.operations(service, range);
        }
      };
    }

    @Override
    public GraphReader graph() {
      return memory.graph();
    }

    @Override
    public DocumentStore documents() {
      return memory.documents();
    }

    @Override
    public StoreStatus status() {
      return memory.status();
    }

    @Override
    public void close() {
      memory.close();
    }
  }
}
