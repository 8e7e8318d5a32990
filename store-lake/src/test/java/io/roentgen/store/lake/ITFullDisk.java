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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk without room, and one that fails. */
final class ITFullDisk {
  @TempDir Path folder;

  private final TestTraces traces = new TestTraces();
  private final List<List<Span>> acknowledged = new ArrayList<>();

  private void writeUntilRefused(LakeStore store, Path named) {
    assertThatThrownBy(
            () -> {
              while (true) {
                List<Span> trace = traces.checkout();
                TestLake.write(store, trace);
                acknowledged.add(trace);
              }
            })
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContainingAll(
            "cannot write to " + named, "No space left on device", "free disk space");
  }

  private void writeAgain(LakeStore store) {
    List<Span> trace = traces.checkout();
    TestLake.write(store, trace);
    acknowledged.add(trace);
  }

  @Test
  void write_logHasNoRoom_refusesServesAndGoesOnWhenThereIsRoom() {
    FaultyDisk disk = new FaultyDisk();
    try (LogCapture _ = LogCapture.of(LakeStore.class);
        LakeStore store = LakeStore.open(TestLake.config(folder), disk)) {
      for (int round = 0; round < 3; round++) {
        disk.room(10_000);
        writeUntilRefused(store, folder.resolve("wal"));
        TestLake.assertHolds(store, acknowledged);
        disk.room(Long.MAX_VALUE);
        writeAgain(store);
      }
      TestLake.assertHolds(store, acknowledged);
    }
    try (LakeStore store = TestLake.open(folder)) {
      TestLake.assertHolds(store, acknowledged);
    }
  }

  @Test
  void write_syncFails_isRefusedAndNotThereAfterTheNextStart() {
    FaultyDisk disk = new FaultyDisk();
    try (LogCapture _ = LogCapture.of(LakeStore.class);
        LakeStore store = LakeStore.open(TestLake.config(folder), disk)) {
      writeAgain(store);
      disk.failsToSync(true);
      assertThatThrownBy(() -> TestLake.write(store, traces.checkout()))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("Input/output error; free disk space or check the disk");
      disk.failsToSync(false);
      TestLake.assertHolds(store, acknowledged);
    }
    try (LakeStore store = TestLake.open(folder)) {
      TestLake.assertHolds(store, acknowledged);
    }
  }

  @Test
  void write_noNewSegmentCanBeMade_isTakenInTheOneBefore() {
    FaultyDisk disk = new FaultyDisk();
    try (LogCapture log = LogCapture.of(LakeStore.class);
        LakeStore store = LakeStore.open(TestLake.config(folder), disk)) {
      writeAgain(store);
      disk.failsToOpen(true);
      assertThatThrownBy(() -> store.seal(Duration.ofMillis(200)))
          .isInstanceOf(StoreUnavailableException.class);
      await().untilAsserted(() -> assertThat(log.at(Level.ERROR)).isNotEmpty());
      writeAgain(store);
      TestLake.assertHolds(store, acknowledged);
      disk.failsToOpen(false);
      store.seal(TestLake.LIMIT);
      assertThat(store.status().partSpanCount()).isEqualTo(14);
      writeAgain(store);
      TestLake.assertHolds(store, acknowledged);
    }
  }

  @Test
  void store_fullDisk_keepsWhatItHasAndSealsWhenThereIsRoom() throws IOException {
    try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 8);
        LogCapture log = LogCapture.of(LakeStore.class)) {
      FaultyDisk seam = new FaultyDisk();
      try (LakeStore store = LakeStore.open(TestLake.config(disk.folder()), seam)) {
        writeAgain(store);
        store.seal(TestLake.LIMIT);
        Path filler = disk.folder().resolve("filler");
        if (disk.isMounted()) {
          writeAgain(store);
          filler = disk.fill();
        } else {
          seam.room(20_000);
        }
        writeUntilRefused(store, disk.folder());
        assertThatThrownBy(() -> store.seal(Duration.ofMillis(500)))
            .isInstanceOf(StoreUnavailableException.class);
        if (disk.isMounted()) {
          await()
              .untilAsserted(
                  () ->
                      assertThat(log.at(Level.ERROR))
                          .anyMatch(
                              each ->
                                  each.startsWith("work on parts failed")
                                      || each.startsWith("no new log segment")));
        }
        TestLake.assertHolds(store, acknowledged);

        Files.deleteIfExists(filler);
        seam.room(Long.MAX_VALUE);
        writeAgain(store);
        store.seal(TestLake.LIMIT);
        assertThat(store.status().liveSpanCount()).isZero();
        TestLake.assertHolds(store, acknowledged);
      }
      try (LakeStore store = TestLake.open(disk.folder())) {
        TestLake.assertHolds(store, acknowledged);
        assertThat(store.status().corruptedPartCount()).isZero();
      }
    }
  }

  @Test
  void open_fullDisk_servesOrSaysWhatToDo() throws IOException {
    try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 8);
        LogCapture _ = LogCapture.of(LakeStore.class)) {
      try (LakeStore store = TestLake.open(disk.folder())) {
        writeAgain(store);
        store.seal(TestLake.LIMIT);
        writeAgain(store);
      }
      if (disk.isMounted()) {
        disk.fill();
      }
      try (LakeStore store = TestLake.open(disk.folder())) {
        TestLake.assertHolds(store, acknowledged);
      } catch (StoreUnavailableException e) {
        assertThat(e)
            .hasMessageContainingAll("cannot open store " + disk.folder(), "free disk space");
      }
      Files.deleteIfExists(disk.folder().resolve("filler"));
      try (LakeStore store = TestLake.open(disk.folder())) {
        TestLake.assertHolds(store, acknowledged);
      }
    }
  }
}
