// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.roentgen.model.Span;
import io.roentgen.model.TimeRange;
import io.roentgen.store.StoreCorruptedException;
import io.roentgen.store.testkit.TestTraces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Part files and catalogs that are not what was written. */
final class ITDamagedFiles {
  @TempDir Path folder;

  private final LogCapture log = LogCapture.of(LakeStore.class);
  private final TestTraces traces = new TestTraces();

  @AfterEach
  void stopCapture() {
    log.close();
  }

  /** Writes two parts; returns the trace that each has. */
  private List<List<Span>> writeTwoParts() {
    List<Span> first = traces.checkout();
    List<Span> second = traces.checkout();
    try (LakeStore store = TestLake.open(folder)) {
      TestLake.writePart(store, first);
      TestLake.writePart(store, second);
    }
    return List.of(first, second);
  }

  private Path firstPart() throws IOException {
    return TestLake.parts(folder).getFirst();
  }

  /**
   * Asserts that the second part is served, the first is not, and one message says which file is to
   * blame.
   */
  private void assertFirstPartIsSetAside(List<List<Span>> written, String file) throws IOException {
    log.clear();
    try (LakeStore store = TestLake.open(folder)) {
      TestLake.assertHolds(store, written.subList(1, 2));
      assertThat(store.reader().find(written.getFirst().getFirst().traceId())).isEmpty();
      assertThat(store.reader().services(TimeRange.ALL))
          .containsExactly("payment", "shop", "stock");
      assertThat(store.graph().graph(TimeRange.ALL).edges()).isNotEmpty();
      assertThat(store.status().corruptedPartCount()).isEqualTo(1);
      assertThat(store.status().partCount()).isEqualTo(1);
      assertThat(store.status().partSpanCount()).isEqualTo(7);
      assertThat(log.at(Level.ERROR))
          .singleElement()
          .asString()
          .contains("part=1", firstPart().resolve(file).toString());
    }
    assertThat(firstPart()).as("kept for repair").isDirectory();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        PartInfo.SPANS,
        PartInfo.TRACES,
        PartInfo.GRAPH,
        PartInfo.OPERATIONS,
        PartInfo.SCOPES,
        PartInfo.TRACE_INDEX,
        PartInfo.VALUE_INDEX
      })
  void open_partFileDamaged_servesTheRestAndNamesTheFile(String name) throws IOException {
    List<List<Span>> written = writeTwoParts();
    Path file = firstPart().resolve(name);
    byte[] whole = Files.readAllBytes(file);

    for (int at : new int[] {0, whole.length / 2, whole.length - 1}) {
      TestLake.flip(file, at);
      assertFirstPartIsSetAside(written, name);
      Files.write(file, whole);
    }
    for (int length : new int[] {0, 3, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertFirstPartIsSetAside(written, name);
    }
    Files.delete(file);
    assertFirstPartIsSetAside(written, name);

    List<Span> later = traces.checkout();
    try (LakeStore store = TestLake.open(folder)) {
      TestLake.writePart(store, later);
      TestLake.assertHolds(store, List.of(written.get(1), later));
    }
    Files.write(file, whole);
    try (LakeStore store = TestLake.open(folder)) {
      TestLake.assertHolds(store, List.of(written.get(0), written.get(1), later));
      assertThat(store.status().corruptedPartCount()).isZero();
    }
  }

  @Test
  void open_partFolderMissing_servesTheRest() throws IOException {
    List<List<Span>> written = writeTwoParts();
    Path part = firstPart();
    Durable.deleteFolder(part);

    try (LakeStore store = TestLake.open(folder)) {
      TestLake.assertHolds(store, written.subList(1, 2));
      assertThat(store.status().corruptedPartCount()).isEqualTo(1);
      assertThat(log.at(Level.ERROR)).singleElement().asString().contains(part.toString());
    }
  }

  @Test
  void open_partDamagedAndTooOld_deletesItLikeAnyOther() throws IOException {
    writeTwoParts();
    Path part = firstPart();
    TestLake.flip(part.resolve(PartInfo.TRACE_INDEX), 0);

    LakeConfig.Keep keep = new LakeConfig.Keep(Duration.ofDays(1), Long.MAX_VALUE);
    LakeConfig config = TestLake.config(folder).withKeep(keep);
    try (LakeStore store = LakeStore.open(config)) {
      await().untilAsserted(() -> assertThat(part).doesNotExist());
      assertThat(store.status().deletedSpanCount()).isEqualTo(14);
    }
  }

  private Path catalog() {
    return folder.resolve("catalog.json");
  }

  private void assertRefusedAndNothingDeleted(String message) throws IOException {
    List<Path> parts = TestLake.parts(folder);
    assertThatThrownBy(() -> TestLake.open(folder))
        .isInstanceOf(StoreCorruptedException.class)
        .hasMessageContainingAll(
            catalog().toString(), "put back a copy of it, or move the folder away to start empty")
        .hasMessageContaining(message);
    assertThat(TestLake.parts(folder)).isEqualTo(parts).hasSize(2);
  }

  @Test
  void open_anyByteOfTheCatalogChanged_refusesAndDeletesNothing() throws IOException {
    List<List<Span>> written = writeTwoParts();
    byte[] whole = Files.readAllBytes(catalog());
    for (int at = 0; at < whole.length; at += 7) {
      byte[] changed = whole.clone();
      changed[at] ^= 1;
      Files.write(catalog(), changed);
      assertRefusedAndNothingDeleted("damaged");
    }
    Files.write(catalog(), whole);
    try (LakeStore store = TestLake.open(folder)) {
      TestLake.assertHolds(store, written);
    }
  }

  @Test
  void open_catalogCut_refusesAndDeletesNothing() throws IOException {
    writeTwoParts();
    byte[] whole = Files.readAllBytes(catalog());
    for (int length = 0; length < whole.length; length += 23) {
      Files.write(catalog(), Arrays.copyOf(whole, length));
      assertRefusedAndNothingDeleted("damaged");
    }
    Files.write(catalog(), "{}".getBytes(StandardCharsets.US_ASCII));
    assertRefusedAndNothingDeleted("checksum differs");
  }

  @Test
  void open_catalogMissing_refusesAndDeletesNothing() throws IOException {
    writeTwoParts();
    Files.delete(catalog());
    assertRefusedAndNothingDeleted("there is none, but there are parts");
  }

  @Test
  void open_catalogOfANewerVersion_saysSo() throws IOException {
    writeTwoParts();
    String text = Files.readString(catalog()).replace("\"version\":4", "\"version\":1");
    byte[] start =
        text.substring(0, text.lastIndexOf(",\"checksum\"")).getBytes(StandardCharsets.UTF_8);
    CRC32C crc = new CRC32C();
    crc.update(start);
    Files.writeString(
        catalog(),
        new String(start, StandardCharsets.UTF_8)
            + ",\"checksum\":\"%08x\"}".formatted((int) crc.getValue()));

    assertRefusedAndNothingDeleted("version 1 (expected: 4); it was written by another version");
  }

  @Test
  void open_leftOvers_areRemoved() throws IOException {
    List<List<Span>> written = writeTwoParts();
    Path fresh = folder.resolve("catalog.json.new");
    Files.writeString(fresh, "{\"version\":4,");
    Path unlisted = folder.resolve("parts").resolve("000000000099");
    Files.createDirectories(unlisted);
    Files.writeString(unlisted.resolve(PartInfo.SPANS), "PAR1");
    Path temporary = folder.resolve("tmp").resolve("spill.tmp");
    Files.createDirectories(temporary.getParent());
    Files.writeString(temporary, "x");

    try (LakeStore store = TestLake.open(folder)) {
      TestLake.assertHolds(store, written);
      assertThat(fresh).doesNotExist();
      assertThat(unlisted).doesNotExist();
      assertThat(temporary).doesNotExist();
    }
  }

  @Test
  void open_segmentOfSpansThatAreInPartsAlready_countsThemOnce() throws IOException {
    List<Span> trace = traces.checkout();
    byte[] log;
    Path segment;
    try (LakeStore store = TestLake.open(folder)) {
      TestLake.write(store, trace);
      segment = TestLake.segments(folder).getLast();
      log = Files.readAllBytes(segment);
      store.seal(TestLake.LIMIT);
    }
    // As after a crash between the catalog entry and the deletion of the segment.
    assertThat(segment).doesNotExist();
    Files.write(segment, log);

    try (LakeStore store = TestLake.open(folder)) {
      assertThat(store.status().liveSpanCount()).isZero();
      assertThat(store.status().partSpanCount()).isEqualTo(7);
      TestLake.assertHolds(store, List.of(trace));
      assertThat(segment).doesNotExist();
    }
  }
}
