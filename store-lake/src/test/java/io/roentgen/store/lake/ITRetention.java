// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.roentgen.model.Span;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.SpanTest;
import io.roentgen.store.StoreStatus;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceCondition;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceSummary;
import io.roentgen.store.ValueTest;
import io.roentgen.store.testkit.TestTraces;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is deleted, and what is not. */
final class ITRetention {
  private static final Instant NOW =
      Instant.ofEpochSecond(0, TestTraces.BASE_EPOCH_NANOS).plus(Duration.ofDays(1));
  private static final int SPANS = 7;

  @TempDir Path folder;

  private final AtomicReference<Instant> clock = new AtomicReference<>(NOW);

  private LakeStore open(Duration retention, long diskLimitBytes) {
    return LakeStore.open(
        LakeConfig.of(folder)
            .withKeep(new LakeConfig.Keep(retention, diskLimitBytes))
            .withClock(clock::get));
  }

  /** Returns a trace that ended so many days before {@link #NOW}. */
  private static List<Span> daysAgo(int days) {
    return new TestTraces(
            1_000 + days, NOW.getEpochSecond() * TestTraces.SECOND - days * TestTraces.DAY)
        .checkout();
  }

  private static Optional<Trace> find(LakeStore store, List<Span> trace) {
    return store.reader().find(trace.getFirst().traceId());
  }

  private static void awaitDeleted(LakeStore store, long spans) {
    await().untilAsserted(() -> assertThat(store.status().deletedSpanCount()).isEqualTo(spans));
  }

  @Test
  void retention_partsOlderThanIt_goWholeAndAreCounted() throws Exception {
    List<Span> old = daysAgo(9);
    List<Span> fresh = daysAgo(5);
    try (LakeStore store = open(Duration.ofDays(8), Long.MAX_VALUE)) {
      TestLake.write(store, old);
      TestLake.write(store, fresh);
      store.seal(TestLake.LIMIT);
      awaitDeleted(store, SPANS);
      TestLake.assertHolds(store, List.of(fresh));
      assertThat(store.status().partCount()).isEqualTo(1);
      await().untilAsserted(() -> assertThat(TestLake.parts(folder)).hasSize(1));
    }
    try (LakeStore store = open(Duration.ofDays(8), Long.MAX_VALUE)) {
      TestLake.assertHolds(store, List.of(fresh));
      assertThat(store.status().deletedSpanCount()).isZero();
    }
  }

  private static List<TraceId> searchService(LakeStore store, String service) {
    TraceCondition where =
        new TraceCondition.SomeSpan(
            new SpanTest.Field(
                SpanTest.TextField.SERVICE,
                new ValueTest.Text(ValueTest.TextOperator.EQUAL, service)));
    TraceQuery query = TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, 10).where(where);
    return store.reader().search(query).traces().stream().map(TraceSummary::traceId).toList();
  }

  @Test
  void retention_oldSpansOfATrace_areNoLongerSearched() {
    TestTraces old = new TestTraces(1, NOW.getEpochSecond() * TestTraces.SECOND - 9 * TestTraces.DAY);
    TestTraces fresh =
        new TestTraces(1, NOW.getEpochSecond() * TestTraces.SECOND - 5 * TestTraces.DAY);
    TraceId trace = fresh.traceId();
    try (LakeStore store = open(Duration.ofDays(8), Long.MAX_VALUE)) {
      TestLake.write(
          store, List.of(old.span(trace, "old").build(), fresh.span(trace, "fresh").build()));
      store.seal(TestLake.LIMIT);
      awaitDeleted(store, 1);
      assertThat(searchService(store, "fresh")).containsExactly(trace);
      assertThat(searchService(store, "old")).isEmpty();
    }
  }

  @Test
  void retention_clockJumpsADayBackAndForth_deletesNothingBeforeItsTime() {
    List<Span> oldest = daysAgo(6);
    List<List<Span>> all = new ArrayList<>(List.of(oldest));
    try (LakeStore store = open(Duration.ofDays(8), Long.MAX_VALUE)) {
      TestLake.writePart(store, oldest);
      for (int jump : new int[] {-1, 1, -1, 0, -30, -20_000}) {
        clock.set(NOW.plus(Duration.ofDays(jump)));
        List<Span> next = new TestTraces(all.size(), TestTraces.BASE_EPOCH_NANOS).checkout();
        all.add(next);
        // Sealing is what makes the store look at ages at once.
        TestLake.writePart(store, next);
        TestLake.writePart(store, next);
        TestLake.assertHolds(store, all);
      }
      assertThat(store.status().deletedSpanCount()).isZero();

      clock.set(NOW.plus(Duration.ofDays(3)));
      TestLake.writePart(store, all.getLast());
      await().untilAsserted(() -> assertThat(find(store, oldest)).isEmpty());
      TestLake.assertHolds(store, all.subList(1, all.size()));
    }
  }

  @Test
  void retention_longerThanTimeItself_deletesNothing() {
    List<Span> trace = daysAgo(20_000);
    for (Duration retention :
        List.of(Duration.ofDays(200_000), Duration.ofSeconds(Long.MAX_VALUE))) {
      try (LakeStore store = open(retention, Long.MAX_VALUE)) {
        TestLake.writePart(store, trace);
        TestLake.writePart(store, trace);
        TestLake.assertHolds(store, List.of(trace));
        assertThat(store.status().deletedSpanCount()).isZero();
      }
    }
  }

  @Test
  void diskLimit_reached_deletesTheOldestPartsAndShowsInTheStatus() {
    long size;
    List<List<Span>> all = new ArrayList<>();
    for (int days = 9; days > 0; days--) {
      all.add(daysAgo(days));
    }
    try (LakeStore store = open(TestLake.FOREVER, Long.MAX_VALUE)) {
      // Not in the order of their age.
      for (int i : new int[] {4, 8, 0, 2, 6, 1, 3, 5, 7}) {
        TestLake.writePart(store, all.get(i));
      }
      size = store.status().partBytes();
      assertThat(store.status().partCount()).isEqualTo(9);
    }
    try (LakeStore store = open(TestLake.FOREVER, size / 3)) {
      await()
          .untilAsserted(
              () -> assertThat(store.status().partBytes()).isLessThanOrEqualTo(size / 3));
      StoreStatus status = store.status();
      assertThat(status.diskLimitBytes()).isEqualTo(size / 3);
      assertThat(status.partCount()).isBetween(2, 3);
      assertThat(status.deletedSpanCount()).isEqualTo((9 - status.partCount()) * (long) SPANS);
      TestLake.assertHolds(store, all.subList(9 - status.partCount(), 9));
    }
  }

  @Test
  void questions_whilePartsAreMergedAndDeleted_areAnsweredAndFilesGo() throws Exception {
    List<List<Span>> kept = new ArrayList<>();
    AtomicBoolean done = new AtomicBoolean();
    try (LakeStore store = open(Duration.ofDays(8), Long.MAX_VALUE);
        ExecutorService readers = Executors.newFixedThreadPool(3)) {
      List<Span> first = daysAgo(2);
      kept.add(first);
      TestLake.writePart(store, first);
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        answers.add(
            readers.submit(
                () -> {
                  int count = 0;
                  for (; !done.get(); count++) {
                    assertThat(find(store, first)).contains(Trace.ofWritten(first));
                    List<TraceId> found = TestLake.searchAll(store.reader());
                    assertThat(found).contains(first.getFirst().traceId()).doesNotHaveDuplicates();
                    assertThat(store.graph().graph(TimeRange.ALL).edges()).isNotEmpty();
                  }
                  return count;
                }));
      }
      for (int i = 0; i < 12; i++) {
        List<Span> fresh =
            new TestTraces(i, NOW.getEpochSecond() * TestTraces.SECOND - TestTraces.DAY).checkout();
        kept.add(fresh);
        TestLake.write(store, fresh);
        TestLake.write(store, daysAgo(20 + i));
        store.seal(TestLake.LIMIT);
      }
      awaitDeleted(store, 12 * SPANS);
      // Readers go on, and yet the files of merged and deleted parts go.
      await()
          .atMost(TestLake.LIMIT)
          .untilAsserted(
              () -> assertThat(TestLake.parts(folder)).hasSize(store.status().partCount()));
      assertThat(store.status().partCount()).as("merged").isLessThan(13);
      done.set(true);
      for (Future<Integer> answer : answers) {
        assertThat(answer.get()).isPositive();
      }
      TestLake.assertHolds(store, kept);
    } finally {
      done.set(true);
    }
  }
}
