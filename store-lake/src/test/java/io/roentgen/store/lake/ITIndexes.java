// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.StoreCorruptedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
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
    for (int share : new int[] {1, 3, 5_000}) {
      long[] mixes =
          random
              .longs(2_000)
              .flatMap(
                  each ->
                      LongStream.of(each, index.at(Math.floorMod(each, share) * 7 % index.count())))
              .sorted()
              .toArray();
      BitSet expected = new BitSet();
      for (int i = 0; i < mixes.length; i++) {
        int at = i;
        if (IntStream.range(0, index.count()).anyMatch(each -> index.at(each) == mixes[at])) {
          expected.set(i);
        }
      }
      assertThat(index.holding(mixes)).isEqualTo(expected);
    }
    assertThat(index.holding(new long[] {Long.MIN_VALUE, index.at(0), Long.MAX_VALUE}))
        .isEqualTo(BitSet.valueOf(new long[] {2}));
    assertThat(index.holding(new long[0])).isEqualTo(new BitSet());
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

  private static Value value(Random random, int range) {
    return switch (random.nextInt(8)) {
      case 0 -> Value.of(random.nextInt(range));
      case 1 -> Value.of((random.nextInt(range) - 3) / 4.0);
      case 2 -> Value.of(random.nextBoolean());
      case 3 -> Value.of(-0.0);
      case 4 -> new Value.ArrayValue(List.of(Value.of("v1")));
      case 5 -> Value.of("" + random.nextInt(range));
      default -> Value.of("v" + random.nextInt(range));
    };
  }

  private Path valueIndex(String name, List<Map<String, Value>> spans) throws IOException {
    SpanBatch.Builder spansOf = SpanBatch.builder();
    for (Map<String, Value> attributes : spans) {
      Span.Builder span = Span.builder(new TraceId(1, 2), new SpanId(3));
      attributes.forEach(span::attribute);
      spansOf.add(span.build());
    }
    SpanBatch batch = spansOf.build();
    ValueIndex.Builder builder = new ValueIndex.Builder();
    SpanBatch.Cursor cursor = batch.cursor();
    while (cursor.next()) {
      for (int tag = cursor.nextField(); tag != SpanBatch.FIELD_NONE; tag = cursor.nextField()) {
        if (tag == SpanBatch.FIELD_ATTRIBUTE) {
          builder.key(batch.key(cursor.keyIndex())).add(batch, cursor);
        }
      }
    }
    Path file = folder.resolve(name);
    builder.write(file);
    return file;
  }

  private static void assertFindsAllThatMatches(
      ValueIndex index, List<Map<String, Value>> spans, List<String> texts) {
    int inVain = 0;
    for (String key : List.of("a", "b", "none")) {
      for (String text : texts) {
        boolean matches =
            spans.stream()
                .map(each -> each.get(key))
                .anyMatch(value -> value != null && SpanCondition.matches(value, text));
        boolean may = index.mayMatch(key, text);
        assertThat(may || !matches).as(key + " = " + text).isTrue();
        inVain += may && !matches ? 1 : 0;
      }
    }
    assertThat(inVain).as("searches in vain").isZero();
  }

  @Test
  void valueIndex_anyValues_findsAllThatMatchesAndNextToNothingElse() throws IOException {
    Random random = new Random(6);
    List<Map<String, Value>> one = new ArrayList<>();
    List<Map<String, Value>> other = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      one.add(Map.of("a", value(random, 200), "b", value(random, 9)));
      other.add(Map.of("a", value(random, 400)));
    }
    List<String> texts =
        new ArrayList<>(List.of("0", "-0.0", "0e3", "true", "false", "NaN", "1.0", "2.50", ""));
    for (int i = -5; i < 450; i++) {
      texts.addAll(List.of("v" + i, "" + i, i + ".0", "" + i / 4.0));
    }

    ValueIndex first = ValueIndex.open(valueIndex("one", one));
    assertFindsAllThatMatches(first, one, texts);
    ValueIndex.Builder both = new ValueIndex.Builder();
    both.addAll(first);
    both.addAll(ValueIndex.open(valueIndex("other", other)));
    both.write(folder.resolve("both"));
    List<Map<String, Value>> all = new ArrayList<>(one);
    all.addAll(other);
    assertFindsAllThatMatches(ValueIndex.open(folder.resolve("both")), all, texts);
  }

  @Test
  void valueIndex_beyondItsLimits_saysMaybe() throws IOException {
    List<Map<String, Value>> spans = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      spans.add(Map.of("id", Value.of("v" + i), "key" + i, Value.of("x"), "same", Value.of("x")));
    }
    Path file = valueIndex("many", spans);
    ValueIndex index = ValueIndex.open(file);

    assertThat(Files.size(file)).isLessThan(400_000);
    assertThat(index.mayMatch("id", "v4999")).isTrue();
    assertThat(index.mayMatch("id", "nothing")).isTrue();
    assertThat(index.mayMatch("same", "x")).isTrue();
    assertThat(index.mayMatch("same", "y")).isFalse();
    // Keys beyond the limit are not told from those that are not there.
    assertThat(index.mayMatch("key4999", "x")).isTrue();
    assertThat(index.mayMatch("none", "x")).isTrue();
    ValueIndex.Builder merged = new ValueIndex.Builder();
    merged.addAll(index);
    merged.write(folder.resolve("merged"));
    assertThat(Files.readAllBytes(folder.resolve("merged"))).isEqualTo(Files.readAllBytes(file));
  }

  private ValueIndex indexOfServices(String name, String... services) throws IOException {
    ValueIndex.Builder builder = new ValueIndex.Builder();
    for (String service : services) {
      byte[] utf8 = service.getBytes(StandardCharsets.UTF_8);
      builder.column(Column.SERVICE).addText(utf8, 0, utf8.length);
    }
    builder.write(folder.resolve(name));
    return ValueIndex.open(folder.resolve(name));
  }

  @Test
  void valueIndex_textsOfAColumn_areFoundAlsoWhenMerged() throws IOException {
    ValueIndex some = indexOfServices("some", "cart", "größe");
    ValueIndex nameless = indexOfServices("nameless", "");
    ValueIndex.Builder merged = new ValueIndex.Builder();
    merged.addAll(some);
    merged.addAll(nameless);
    merged.write(folder.resolve("merged"));
    ValueIndex both = ValueIndex.open(folder.resolve("merged"));

    assertThat(some.mayHold(Column.SERVICE, "größe")).isTrue();
    assertThat(some.mayHold(Column.SERVICE, "pay")).isFalse();
    assertThat(some.mayHold(Column.SERVICE, "")).isFalse();
    assertThat(some.mayHold(Column.PEER_NAME, "cart")).isFalse();
    assertThat(some.mayHold(Column.PEER_NAME, "")).isTrue();
    assertThat(both.mayHold(Column.SERVICE, "cart")).isTrue();
    assertThat(both.mayHold(Column.SERVICE, "")).isTrue();
    assertThat(both.mayHold(Column.SERVICE, "pay")).isFalse();
    // An attribute may have the column's name.
    assertThat(both.mayHold(Column.SERVICE.column())).isFalse();
  }

  @Test
  void valueIndex_ofBeforeThereWereColumns_saysMaybeAlsoWhenMerged() throws IOException {
    ByteBuffer old = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    old.put("RVIX".getBytes(StandardCharsets.US_ASCII)).putInt(0).putInt(0).putInt(1);
    ValueIndex index = ValueIndex.open(Files.write(folder.resolve("old"), old.array()));
    ValueIndex.Builder merged = new ValueIndex.Builder();
    merged.addAll(indexOfServices("new", "cart"));
    merged.addAll(index);
    merged.write(folder.resolve("merged"));

    assertThat(index.mayHold("any")).isFalse();
    assertThat(index.mayHold(Column.SERVICE, "pay")).isTrue();
    assertThat(ValueIndex.open(folder.resolve("merged")).mayHold(Column.SERVICE, "pay")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "RVIX", "RVIX\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0001"})
  void valueIndex_damaged_isRefusedWithItsName(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("index"), content);

    assertThatThrownBy(() -> ValueIndex.open(file))
        .isInstanceOf(StoreCorruptedException.class)
        .hasMessageContaining(file.toString());
  }
}
