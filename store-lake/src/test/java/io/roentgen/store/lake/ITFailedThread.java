// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.roentgen.model.Span;
import io.roentgen.store.StoreUnavailableException;
import io.roentgen.store.testkit.TestTraces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is seen when one of the store's threads ends by an error, and that logging of failures is bounded. */
final class ITFailedThread {
  @TempDir Path folder;

  private static List<Span> trace(int number) {
    return new TestTraces(number, TestTraces.BASE_EPOCH_NANOS).checkout();
  }

  private static void assertRefused(LakeStore store) {
    assertThatThrownBy(() -> TestLake.write(store, trace(9)))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContainingAll("store has failed", "made up", "start it again");
  }

  @Test
  void committer_endsByAnError_refusesWritesAndSaysSo() {
    FaultyDisk disk = new FaultyDisk();
    try (LogCapture log = LogCapture.of(LakeStore.class);
        LakeStore store = LakeStore.open(TestLake.config(folder), disk)) {
      TestLake.write(store, trace(1));
      disk.failsWithError(true);

      assertThatThrownBy(() -> TestLake.write(store, trace(2)))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("made up");
      await()
          .untilAsserted(
              () ->
                  assertThat(log.at(Level.ERROR))
                      .singleElement()
                      .asString()
                      .contains("store has failed", "thread=lake-committer", "made up"));
      assertRefused(store);
      assertThatThrownBy(() -> store.seal(TestLake.LIMIT))
          .isInstanceOf(StoreUnavailableException.class);
      TestLake.assertHolds(store, List.of(trace(1)));
      disk.failsWithError(false);
    }
    try (LakeStore store = TestLake.open(folder)) {
      assertThat(store.reader().find(trace(1).getFirst().traceId())).isPresent();
    }
  }

  @Test
  void keeper_endsByAnError_refusesWritesAndSaysSo() {
    AtomicBoolean fails = new AtomicBoolean();
    LakeConfig config =
        TestLake.config(folder)
            .withClock(
                () -> {
                  if (fails.get()) {
                    throw new LinkageError("made up");
                  }
                  return Instant.EPOCH;
                });
    try (LogCapture log = LogCapture.of(LakeStore.class);
        LakeStore store = LakeStore.open(config)) {
      TestLake.writePart(store, trace(1));
      fails.set(true);

      assertThatThrownBy(
              () -> {
                // The keeper looks at the clock after it has sealed.
                for (int i = 2; i < 100; i++) {
                  TestLake.writePart(store, trace(i));
                }
              })
          .isInstanceOf(StoreUnavailableException.class);
      assertRefused(store);
      assertThat(log.at(Level.ERROR))
          .singleElement()
          .asString()
          .contains("store has failed", "thread=lake-keeper", "made up");
    }
  }

  @Test
  void write_failsManyTimes_isLoggedOnceAndWhenItWorksAgain() {
    FaultyDisk disk = new FaultyDisk();
    try (LogCapture log = LogCapture.of(LakeStore.class);
        LakeStore store = LakeStore.open(TestLake.config(folder), disk)) {
      disk.failsToSync(true);
      for (int i = 0; i < 50; i++) {
        List<Span> trace = trace(i);
        assertThatThrownBy(() -> TestLake.write(store, trace))
            .isInstanceOf(StoreUnavailableException.class);
      }
      assertThat(log.at(Level.ERROR))
          .singleElement()
          .asString()
          .contains("log write failed, 1 batches refused so far");

      disk.failsToSync(false);
      TestLake.write(store, trace(1));
      assertThat(log.at(Level.WARN))
          .containsExactly("log is written again; 50 batches were refused before");
    }
  }

  @Test
  void retention_damagedCopies_goWhenTheyAreOld() throws IOException {
    Instant now = Instant.now();
    Path wal = Files.createDirectories(folder.resolve("wal"));
    List<Path> copies = new ArrayList<>();
    for (int days : new int[] {1, 9}) {
      Path copy = Files.writeString(wal.resolve("%016d.0.damaged".formatted(days)), "bytes");
      Files.setLastModifiedTime(copy, FileTime.from(now.minus(Duration.ofDays(days))));
      copies.add(copy);
    }
    LakeConfig config =
        LakeConfig.of(folder)
            .withKeep(new LakeConfig.Keep(Duration.ofDays(8), Long.MAX_VALUE))
            .withClock(() -> now);
    try (LakeStore store = LakeStore.open(config)) {
      await().untilAsserted(() -> assertThat(copies.get(1)).doesNotExist());
      assertThat(copies.get(0)).exists();
      assertThat(store.status().deletedSpanCount()).isZero();
    }
  }
}
