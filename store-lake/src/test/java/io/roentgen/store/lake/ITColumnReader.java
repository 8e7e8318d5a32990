// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.store.StoreCorruptedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read by column is what the query engine reads, whatever the columns hold. */
final class ITColumnReader {
  /** Few and many different values, with and without nulls, alone and in runs, in every type that parts have. */
  private static final List<String> COLUMNS =
      List.of(
          "i::BIGINT AS ascending",
          "hash(i)::BIT::BIGINT AS random_number",
          "(i // 10)::BIGINT AS runs",
          "7::BIGINT AS same",
          "NULL::BIGINT AS none",
          "CASE WHEN hash(i) % 9 = 0 THEN (hash(i + 1) % 40)::BIGINT END AS few_of_few",
          "CASE WHEN i % 1000 < 600 THEN (hash(i) % 300)::BIGINT END AS stretches",
          "CASE WHEN hash(i) % 2 = 0 THEN hash(i + 2)::BIT::BIGINT END AS half",
          "(hash(i) % 6)::TINYINT AS tiny",
          "CASE WHEN i % 3 = 0 THEN (hash(i))::BIT::BIGINT % 1000000 END::INTEGER AS whole",
          "(hash(i) % 3 = 0) AS flag",
          "CASE WHEN hash(i) % 4 = 0 THEN i % 2 = 0 END AS some_flag",
          "CASE WHEN hash(i) % 5 <> 0 THEN hash(i) / 7.0 END::DOUBLE AS fraction",
          "'v' || (hash(i) % 90) AS few_texts",
          "CASE WHEN hash(i) % 3 = 0 THEN repeat('ü' || i, (hash(i) % 4)::INTEGER) END AS texts",
          "CASE WHEN hash(i) % 700 = 0 THEN '' END AS empty_text",
          "NULL::VARCHAR AS no_text",
          "CASE WHEN hash(i) % 2 = 0 THEN encode('b' || hash(i)) END AS bytes");

  @TempDir Path folder;

  private Path write(Engine engine, String columns, int rows, int rowGroupSize)
      throws SQLException {
    Path file = folder.resolve(rows + "-" + rowGroupSize + ".parquet");
    engine.write(
        "SELECT " + columns + " FROM range(" + rows + ") r(i) ORDER BY i", file, rowGroupSize, "");
    return file;
  }

  private static int[] someRows(Random random, int count, int share) {
    TreeSet<Integer> rows = new TreeSet<>();
    for (int row = 0; row < count; row++) {
      if (random.nextInt(share) == 0) {
        rows.add(row);
      }
    }
    rows.add(random.nextInt(count));
    return rows.stream().mapToInt(Integer::intValue).toArray();
  }

  @ParameterizedTest
  @CsvSource({"1, 40960", "3000, 40960", "100000, 40960", "30000, 4096"})
  void read_anyColumn_isWhatTheEngineReads(int count, int rowGroupSize) throws SQLException {
    try (Engine engine = Engine.open(folder.resolve("tmp"), 512 << 20)) {
      Path path = write(engine, String.join(", ", COLUMNS), count, rowGroupSize);
      ParquetFile file = ParquetFile.open(path);
      Random random = new Random(count);
      try (ColumnReader reader = new ColumnReader(file)) {
        for (String column : COLUMNS) {
          String name = column.substring(column.lastIndexOf(' ') + 1);
          int leaf = file.number(name);
          boolean text = file.leaf(leaf).type() == ParquetFile.BYTE_ARRAY;
          List<Object> expected =
              engine.query(
                  "SELECT "
                      + (text ? "hex(" + name + ")" : name)
                      + " FROM read_parquet("
                      + Engine.literal(path.toString())
                      + ") ORDER BY ascending",
                  List.of(),
                  row -> row.getObject(1) == null ? "null" : row.getObject(1));
          int first = 0;
          for (int group = 0; group < file.rowGroups().size(); group++) {
            int size = file.rowGroups().get(group).rowCount();
            for (int share : new int[] {1, 7, 3_000}) {
              int[] rows = someRows(random, size, share);
              ColumnReader.Values values = reader.read(group, leaf, rows);
              for (int i = 0; i < rows.length; i++) {
                Object wanted = expected.get(first + rows[i]);
                assertSame(name, wanted, values, i, file.leaf(leaf).type());
              }
            }
            first += size;
          }
          assertThat(first).isEqualTo(count);
        }
      }
    }
  }

  private static void assertSame(
      String name, Object wanted, ColumnReader.Values values, int at, int type) {
    if (wanted.equals("null")) {
      assertThat(values.isNull(at)).as(name).isTrue();
      assertThat(values.number(at)).as(name).isZero();
      assertThat(values.bytes(at)).as(name).isNull();
      return;
    }
    assertThat(values.isNull(at)).as(name).isFalse();
    Object found =
        switch (type) {
          case ParquetFile.BYTE_ARRAY -> hex(values.bytes(at));
          case ParquetFile.BOOLEAN -> values.number(at) != 0;
          case ParquetFile.DOUBLE -> Double.longBitsToDouble(values.number(at));
          default -> values.number(at);
        };
    Object expected =
        wanted instanceof Number number && type != ParquetFile.DOUBLE
            ? (Object) number.longValue()
            : wanted;
    assertThat(found).as(name).isEqualTo(expected);
  }

  private static String hex(byte[] bytes) {
    StringBuilder hex = new StringBuilder();
    for (byte each : bytes) {
      hex.append(String.format("%02X", each));
    }
    return hex.toString();
  }

  @Test
  void readAll_numbersWithoutNulls_areWhatTheEngineReads() throws SQLException {
    try (Engine engine = Engine.open(folder.resolve("tmp"), 512 << 20)) {
      Path path =
          write(engine, "i::BIGINT AS plain, (hash(i // 10) % 50)::BIGINT AS few", 9_000, 4_096);
      ParquetFile file = ParquetFile.open(path);
      List<Long> few =
          engine.query(
              "SELECT few FROM read_parquet("
                  + Engine.literal(path.toString())
                  + ") ORDER BY plain",
              List.of(),
              row -> row.getLong(1));
      try (ColumnReader reader = new ColumnReader(file)) {
        int row = 0;
        for (int group = 0; group < file.rowGroups().size(); group++) {
          long[] plain = reader.readAll(group, file.number("plain"));
          long[] numbers = reader.readAll(group, file.number("few"));
          ParquetFile.Chunk chunk =
              file.rowGroups().get(group).chunks().get(file.number("plain"));
          assertThat(chunk.min()).isEqualTo(plain[0]);
          assertThat(chunk.max()).isEqualTo(plain[plain.length - 1]);
          for (int i = 0; i < plain.length; i++) {
            assertThat(plain[i]).isEqualTo(row);
            assertThat(numbers[i]).isEqualTo(few.get(row));
            row++;
          }
        }
        assertThat(row).isEqualTo(9_000);
      }
    }
  }

  @Test
  void readRepeated_maps_areWhatTheEngineReads() throws SQLException {
    try (Engine engine = Engine.open(folder.resolve("tmp"), 512 << 20)) {
      String map =
          "CASE WHEN hash(i) % 5 > 2 THEN map_from_entries(list_transform("
              + "range((hash(i) % 4)::BIGINT), lambda k: {'k': 'k' || k, 'v': CASE WHEN (i + k) % 6 > 0"
              + " THEN 'v' || (hash(i + k) % 100) END})) END AS m";
      Path path = write(engine, "i::BIGINT AS i, " + map, 20_000, 8_192);
      ParquetFile file = ParquetFile.open(path);
      List<String> expected =
          engine.query(
              "SELECT to_json(map_entries(m))::VARCHAR FROM read_parquet("
                  + Engine.literal(path.toString())
                  + ") ORDER BY i",
              List.of(),
              row -> row.getString(1) == null ? "[]" : row.getString(1));
      Random random = new Random(1);
      try (ColumnReader reader = new ColumnReader(file)) {
        int first = 0;
        for (int group = 0; group < file.rowGroups().size(); group++) {
          int size = file.rowGroups().get(group).rowCount();
          int[] rows = someRows(random, size, 3);
          var keys = reader.readRepeated(group, file.number("m/key_value/key"), rows);
          var values = reader.readRepeated(group, file.number("m/key_value/value"), rows);
          for (int i = 0; i < rows.length; i++) {
            List<String> entries = new ArrayList<>();
            for (int k = 0; k < keys.get(i).size(); k++) {
              entries.add(
                  "{\"key\":" + json(keys.get(i).get(k)) + ",\"value\":" + json(values.get(i).get(k)) + "}");
            }
            assertThat("[" + String.join(",", entries) + "]")
                .isEqualTo(expected.get(first + rows[i]));
          }
          first += size;
        }
        assertThat(first).isEqualTo(20_000);
      }
    }
  }

  private static String json(byte[] text) {
    return text == null ? "null" : '"' + new String(text, StandardCharsets.UTF_8) + '"';
  }

  @Test
  void read_damagedFile_isReportedWithItsName() throws SQLException, IOException {
    try (Engine engine = Engine.open(folder.resolve("tmp"), 512 << 20)) {
      Path path = write(engine, "i::BIGINT AS i, 'v' || hash(i) AS text", 5_000, 40_960);
      byte[] sound = Files.readAllBytes(path);
      Random random = new Random(5);
      int[] rows = {0, 17, 4_999};
      for (int round = 0; round < 500; round++) {
        byte[] damaged = sound.clone();
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
        Files.write(path, damaged);
        // A flipped bit in a value goes unnoticed here, the checksum is compared elsewhere; all else is told.
        try (ColumnReader reader = new ColumnReader(ParquetFile.open(path))) {
          reader.read(0, 0, rows);
          reader.read(0, 1, rows);
        } catch (StoreCorruptedException e) {
          assertThat(e).hasMessageContaining(path.toString());
        }
      }
      Files.write(path, new byte[] {1, 2, 3});
      assertThatThrownBy(() -> ParquetFile.open(path))
          .isInstanceOf(StoreCorruptedException.class)
          .hasMessageContaining(path.toString());
    }
  }
}
