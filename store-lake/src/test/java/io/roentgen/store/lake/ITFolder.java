// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.roentgen.model.Span;
import io.roentgen.store.StoreUnavailableException;
import io.roentgen.store.testkit.TestTraces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that a store must keep out of, or cannot use. */
final class ITFolder {
  @TempDir Path folder;

  @Test
  void open_secondStoreOfThisProcess_namesTheProcessAndTakesNothingFromTheFirst()
      throws IOException {
    long pid = ProcessHandle.current().pid();
    try (LakeStore _ = TestLake.open(folder)) {
      Path otherSpelling = folder.resolve("parts").resolve("..");
      for (Path spelling : List.of(folder, otherSpelling)) {
        assertThatThrownBy(() -> TestLake.open(spelling))
            .isInstanceOf(StoreUnavailableException.class)
            .hasMessage(
                "cannot open store %s: in use by this process %d; stop it or name another data"
                    + " folder",
                spelling, pid);
      }
      // The refused attempt must not have given up the lock that keeps other processes out.
      assertThat(ChildProcess.open(folder))
          .isEqualTo(
              "StoreUnavailableException: cannot open store %s: in use by process %d; stop it or"
                      .formatted(folder, pid)
                  + " name another data folder");
    }
    assertThat(ChildProcess.open(folder)).isEqualTo("opened 0");
  }

  @Test
  void open_afterAFailedOpen_works() throws IOException {
    Path catalog = folder.resolve("catalog.json");
    Files.writeString(catalog, "{");
    assertThatThrownBy(() -> TestLake.open(folder)).hasMessageContaining("catalog.json");
    Files.delete(catalog);
    TestLake.open(folder).close();
  }

  @Test
  void close_whileAChunkIsSealed_losesNothing() throws Exception {
    TestTraces traces = new TestTraces();
    List<List<Span>> written = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      try (ExecutorService sealing = Executors.newSingleThreadExecutor();
          LakeStore store = TestLake.open(folder)) {
        TestLake.assertHolds(store, written);
        for (int i = 0; i < 1_000; i++) {
          List<Span> trace = traces.checkout();
          TestLake.write(store, trace);
          written.add(trace);
        }
        int before = TestLake.parts(folder).size();
        Future<?> seal = sealing.submit(() -> store.seal(TestLake.LIMIT));
        await().until(() -> seal.isDone() || TestLake.parts(folder).size() > before);
      }
    }
    try (LakeStore store = TestLake.open(folder)) {
      TestLake.assertHolds(store, written);
    }
  }

  @Test
  void open_folderIsAFile_saysSo() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));

    assertThatThrownBy(() -> TestLake.open(file))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContainingAll("cannot open store " + file, "name another data folder");
  }

  @Test
  void open_readOnlyFolder_saysWhatToDo() throws IOException {
    List<Span> trace = new TestTraces().checkout();
    try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 16)) {
      try (LakeStore store = TestLake.open(disk.folder())) {
        TestLake.writePart(store, trace);
      }
      disk.setReadOnly(true);
      assertThatThrownBy(() -> TestLake.open(disk.folder()))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContainingAll(
              "cannot open store " + disk.folder(), "make the folder writable for this user");
      disk.setReadOnly(false);
      try (LakeStore store = TestLake.open(disk.folder())) {
        TestLake.assertHolds(store, List.of(trace));
      }
    }
  }

  @Test
  void open_folderWithSignsThatPatternsUse_isReadLikeAnyOther() {
    List<Span> trace = new TestTraces().checkout();
    Path odd = folder.resolve("it's \"a\" [data] *folder*? {x} %20 ü😀");
    try (LakeStore store = TestLake.open(odd)) {
      TestLake.writePart(store, trace);
      TestLake.assertHolds(store, List.of(trace));
    }
    try (LakeStore store = TestLake.open(odd)) {
      TestLake.assertHolds(store, List.of(trace));
    }
  }
}
