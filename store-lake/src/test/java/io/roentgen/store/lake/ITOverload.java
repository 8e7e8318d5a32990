// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertThrowsExactly;

import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.Value;
import io.roentgen.store.StoreOverloadedException;
import io.roentgen.store.testkit.TestTraces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More writes than the disk takes. */
final class ITOverload {
  private static final int THREADS = 24;
  private static final int BATCHES = 6;
  private static final int BATCH_BYTES = 100_000;
  private static final long PENDING_BYTES = 8 * BATCH_BYTES;
  private static final long SEAL_BYTES = 2_000_000;

  @TempDir Path folder;

  private static List<Span> bigTrace(int number) {
    TestTraces traces = new TestTraces(number, TestTraces.BASE_EPOCH_NANOS);
    String text = Integer.toString(number % 10).repeat(BATCH_BYTES - 1_000);
    return List.of(
        traces.server(traces.traceId(), "shop", null).attribute("big", Value.of(text)).build());
  }

  @Test
  void write_diskIsSlow_refusesWithAHintAndKeepsAllThatItTook() throws Exception {
    FaultyDisk disk = new FaultyDisk();
    LakeConfig.Live live = new LakeConfig.Live(SEAL_BYTES, Duration.ofMinutes(5), PENDING_BYTES);
    AtomicInteger refused = new AtomicInteger();
    AtomicInteger waiting = new AtomicInteger();
    List<List<Span>> accepted = new ArrayList<>();
    try (LakeStore store = LakeStore.open(TestLake.config(folder).withLive(live), disk);
        ExecutorService writers = Executors.newFixedThreadPool(THREADS)) {
      CountDownLatch mayGoOn = new CountDownLatch(1);
      disk.hold();
      List<Future<List<List<Span>>>> writes = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int first = thread * BATCHES;
        writes.add(
            writers.submit(
                () -> {
                  List<List<Span>> taken = new ArrayList<>();
                  while (taken.size() < BATCHES) {
                    List<Span> trace = bigTrace(first + taken.size());
                    waiting.incrementAndGet();
                    try {
                      TestLake.write(store, trace);
                      taken.add(trace);
                    } catch (StoreOverloadedException e) {
                      assertThat(e.retryAfterMillis()).isBetween(1L, 60_000L);
                      assertThat(e)
                          .hasMessageContainingAll(
                              "bytes are waiting to be written (expected: at most "
                                  + PENDING_BYTES
                                  + ")",
                              "send again later");
                      refused.incrementAndGet();
                      mayGoOn.await();
                      Thread.onSpinWait();
                    } finally {
                      waiting.decrementAndGet();
                    }
                  }
                  return taken;
                }));
      }
      // With the disk held all that is not refused waits, and that is bounded.
      int room = (int) (PENDING_BYTES / SpanBatch.of(bigTrace(0)).length());
      await().untilAsserted(() -> assertThat(refused).hasValue(THREADS - room));
      assertThat(waiting).hasValue(THREADS);
      assertThat(store.status().liveBytes()).isZero();

      disk.release();
      mayGoOn.countDown();
      for (Future<List<List<Span>>> each : writes) {
        accepted.addAll(each.get());
      }
      assertThat(accepted).hasSize(THREADS * BATCHES);
      TestLake.assertHolds(store, accepted);
      // What is frozen waits for the keeper; writers wait rather than pile up more.
      assertThat(store.status().liveBytes()).isLessThan(4 * (SEAL_BYTES + PENDING_BYTES));
    }
    try (LakeStore store = TestLake.open(folder)) {
      TestLake.assertHolds(store, accepted);
    }
  }

  @Test
  void write_sealingFails_refusesWithAHintUntilItWorksAgain() throws Exception {
    LakeConfig.Live live = new LakeConfig.Live(SEAL_BYTES, Duration.ofMinutes(5), PENDING_BYTES);
    List<List<Span>> accepted = new ArrayList<>();
    try (LakeStore store = LakeStore.open(TestLake.config(folder).withLive(live))) {
      // In the place of the file to which the next catalog would be written.
      Path obstacle = folder.resolve(Catalog.FILE + Durable.FRESH_SUFFIX);
      Files.createDirectories(obstacle.resolve("x"));
      StoreOverloadedException refusal =
          assertThrowsExactly(
              StoreOverloadedException.class,
              () -> {
                while (true) {
                  List<Span> trace = bigTrace(accepted.size());
                  TestLake.write(store, trace);
                  accepted.add(trace);
                }
              });
      assertThat(refusal)
          .hasMessageContainingAll("more slowly than spans come in", "send again later");
      assertThat(refusal.retryAfterMillis()).isBetween(1L, 60_000L);
      assertThat(store.status().liveBytes()).isLessThan(2 * SEAL_BYTES + PENDING_BYTES);
      TestLake.assertHolds(store, accepted);

      Files.delete(obstacle.resolve("x"));
      Files.delete(obstacle);
      List<Span> last = bigTrace(accepted.size());
      await()
          .atMost(Duration.ofMinutes(1))
          .ignoreException(StoreOverloadedException.class)
          .until(
              () -> {
                TestLake.write(store, last);
                return true;
              });
      accepted.add(last);
      TestLake.assertHolds(store, accepted);
    }
  }

  @Test
  void write_oneBatchLargerThanTheLimit_isTakenWhenNothingElseWaits() {
    LakeConfig.Live live = new LakeConfig.Live(SEAL_BYTES, Duration.ofMinutes(5), 1_000);
    try (LakeStore store = LakeStore.open(TestLake.config(folder).withLive(live))) {
      for (int i = 0; i < 3; i++) {
        TestLake.write(store, bigTrace(i));
      }
      TestLake.assertHolds(store, List.of(bigTrace(0), bigTrace(1), bigTrace(2)));
    }
  }
}
