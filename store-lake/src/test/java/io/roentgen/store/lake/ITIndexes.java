// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.TraceId;
import io.roentgen.store.StoreCorruptedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index of a live chunk and that of a part. */
final class ITIndexes {
  @TempDir Path folder;

  private static TraceId id(Random random, int range) {
    // Halves from a small range, so that many ids share one of them.
    return new TraceId(random.nextInt(range), 1 + random.nextInt(range));
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 40, 1_000_000})
  void traceIndex_anyRows_isLikeAHashMap(int range) {
    Random random = new Random(range);
    TraceIndex index = new TraceIndex();
    Map<TraceId, List<Integer>> expected = new LinkedHashMap<>();
    Map<TraceId, Long> lastStarts = new LinkedHashMap<>();
    int rows = 30_000;
    for (int row = 0; row < rows; row++) {
      TraceId id = id(random, range);
      long start = random.nextLong();
      index.add(id.high(), id.low(), row / 7, row * 3, 1_000L + row, start);
      expected.computeIfAbsent(id, _ -> new ArrayList<>()).add(row);
      lastStarts.merge(id, start, Math::max);
    }

    assertThat(index.rowCount()).isEqualTo(rows);
    assertThat(index.traceCount()).isEqualTo(expected.size());
    expected.forEach(
        (id, wanted) -> {
          int trace = index.find(id.high(), id.low());
          List<Integer> found = new ArrayList<>();
          for (int row = index.firstRow(trace); row >= 0; row = index.nextRow(row)) {
            found.add(row);
            if (index.traceOf(row) != trace
                || index.batchOf(row) != row / 7
                || index.positionOf(row) != row * 3
                || index.sequenceOf(row) != 1_000L + row) {
              throw new AssertionError("row " + row);
            }
          }
          assertThat(found).isEqualTo(wanted);
          assertThat(index.traceHigh(trace)).isEqualTo(id.high());
          assertThat(index.traceLow(trace)).isEqualTo(id.low());
          assertThat(index.lastStart(trace)).isEqualTo(lastStarts.get(id));
        });
    for (int i = 0; i < 1_000; i++) {
      assertThat(index.find(-1 - i, i)).isEqualTo(-1);
    }
  }

  @Test
  void partIndex_anyIds_holdsAllOfThemAndNextToNoOther() throws IOException {
    Random random = new Random(4);
    Set<TraceId> ids = new HashSet<>();
    while (ids.size() < 20_000) {
      ids.add(
          random.nextBoolean()
              ? id(random, 1_000)
              : new TraceId(random.nextLong(), random.nextLong()));
    }
    Path file = folder.resolve("index");
    PartIndex.write(
        file, ids.stream().mapToLong(id -> PartIndex.mix(id.high(), id.low())).toArray());
    PartIndex index = PartIndex.open(file);

    assertThat(index.count()).isEqualTo(ids.size());
    assertThat(ids).allMatch(id -> index.contains(id.high(), id.low()));
    int inVain = 0;
    for (int i = 0; i < 100_000; i++) {
      TraceId other =
          i % 2 == 0 ? id(random, 1_000) : new TraceId(random.nextLong(), random.nextLong());
      inVain += !ids.contains(other) && index.contains(other.high(), other.low()) ? 1 : 0;
    }
    assertThat(inVain).as("look-ups in vain").isZero();
  }

  @Test
  void partIndex_empty_holdsNothing() throws IOException {
    Path file = folder.resolve("index");
    PartIndex.write(file, new long[0]);

    assertThat(PartIndex.open(file).contains(1, 2)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "RTIX", "RTIX\u0001\u0000\u0000\u0000", "XXXX\u0000\u0000\u0000\u0000"})
  void partIndex_damaged_isRefusedWithItsName(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("index"), content);

    assertThatThrownBy(() -> PartIndex.open(file))
        .isInstanceOf(StoreCorruptedException.class)
        .hasMessageContaining(file.toString());
  }
}
