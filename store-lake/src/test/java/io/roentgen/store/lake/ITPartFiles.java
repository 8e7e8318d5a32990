// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.roentgen.model.Span;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.testkit.TestTraces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads part files with nothing but DuckDB, and holds docs/storage.md against them. */
final class ITPartFiles {
  private static final Path DOCUMENT = Path.of("..", "docs", "storage.md");
  private static final Pattern ROW =
      Pattern.compile("\\| (\\d+) \\| ([a-z_]+) \\| ([A-Z(), ]+) \\|.*");
  private static final Pattern SQL = Pattern.compile("```sql\\n(.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  private List<Span> trace = List.of();
  private Path part = Path.of("");

  /** A column as the document and the file describe it. */
  private record Described(int id, String name, String type) {}

  @BeforeEach
  void writePart() throws IOException {
    TestTraces traces = new TestTraces();
    trace = new ArrayList<>(traces.checkout());
    trace.add(
        traces
            .span(trace.getFirst().traceId(), "shop")
            .parentSpanId(trace.getFirst().spanId())
            .attribute("userId", Value.of("u1"))
            .attribute("userid", Value.of(7))
            .attribute("share", Value.of(0.5))
            .attribute("vip", Value.of(true))
            .attribute("vip:long", Value.of(3))
            .attribute("http.response.status_code", Value.of("none"))
            .build());
    try (LakeStore store = TestLake.open(folder)) {
      TestLake.writePart(store, trace);
    }
    part = TestLake.parts(folder).getFirst();
  }

  private interface Reader<T> {
    T read(ResultSet row) throws SQLException;
  }

  /**
   * Runs statements on a DuckDB that has never heard of a store and returns the rows of the last.
   */
  private static <T> List<T> query(String sql, Reader<T> reader) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      List<T> rows = new ArrayList<>();
      String[] all = sql.split(";\\s*");
      for (int i = 0; i < all.length - 1; i++) {
        statement.execute(all[i]);
      }
      try (ResultSet result = statement.executeQuery(all[all.length - 1])) {
        while (result.next()) {
          rows.add(reader.read(result));
        }
      }
      return rows;
    }
  }

  private static List<Described> documented(String file) throws IOException {
    List<Described> columns = new ArrayList<>();
    boolean here = false;
    for (String line : Files.readAllLines(DOCUMENT)) {
      if (line.startsWith("#")) {
        here = line.equals("### " + file);
      }
      Matcher row = ROW.matcher(line);
      if (here && row.matches()) {
        columns.add(new Described(Integer.parseInt(row.group(1)), row.group(2), row.group(3)));
      }
    }
    return columns;
  }

  private List<Described> columnsOf(String file) throws SQLException {
    String path = Engine.literal(part.resolve(file).toString());
    Map<String, Integer> ids = new TreeMap<>();
    List<Described> withIds =
        query(
            "SELECT field_id, name FROM parquet_schema(" + path + ") WHERE field_id IS NOT NULL",
            row -> new Described(row.getInt(1), row.getString(2), ""));
    withIds.forEach(column -> ids.put(column.name(), column.id()));
    return query(
        "DESCRIBE SELECT * FROM " + path,
        row -> new Described(ids.get(row.getString(1)), row.getString(1), row.getString(2)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        PartInfo.SPANS,
        PartInfo.SCOPES,
        PartInfo.TRACES,
        PartInfo.GRAPH,
        PartInfo.OPERATIONS
      })
  void columns_ofEachFile_areThoseOfTheDocument(String file) throws Exception {
    List<Described> columns = columnsOf(file);
    columns.removeIf(column -> column.name().startsWith("attr."));

    assertThat(documented(file)).isNotEmpty().isEqualTo(columns);
  }

  @Test
  void columns_ofAttributes_areNamedByKeyAndType() throws Exception {
    List<Described> columns = columnsOf(PartInfo.SPANS);
    columns.removeIf(column -> !column.name().startsWith("attr."));

    assertThat(columns)
        .extracting(Described::name, Described::type)
        .containsExactlyInAnyOrder(
            tuple("attr.amount:double", "DOUBLE"),
            tuple("attr.db.query.text", "VARCHAR"),
            tuple("attr.http.response.status_code", "VARCHAR"),
            tuple("attr.http.response.status_code:long", "BIGINT"),
            tuple("attr.share:double", "DOUBLE"),
            tuple("attr.user^id", "VARCHAR"),
            tuple("attr.userid:long", "BIGINT"),
            tuple("attr.vip:boolean", "BOOLEAN"));
    assertThat(columns)
        .extracting(Described::id)
        .doesNotHaveDuplicates()
        .allMatch(id -> id >= 1000);
    assertThat(
            query(
                "SELECT attributes['vip:long'] FROM "
                    + Engine.literal(part.resolve(PartInfo.SPANS).toString())
                    + " WHERE attributes IS NOT NULL",
                row -> row.getString(1)))
        .containsExactly("{\"intValue\":\"3\"}");
  }

  @Test
  void map_keysAndValues_haveTheDocumentedIds() throws Exception {
    assertThat(
            query(
                "SELECT name || field_id FROM parquet_schema("
                    + Engine.literal(part.resolve(PartInfo.SPANS).toString())
                    + ") WHERE field_id IN (31, 32) ORDER BY field_id",
                row -> row.getString(1)))
        .containsExactly("key31", "value32");
  }

  private List<String> documentedQueries() throws IOException {
    List<String> queries = new ArrayList<>();
    TraceId traceId = trace.getFirst().traceId();
    Matcher sql = SQL.matcher(Files.readString(DOCUMENT));
    while (sql.find()) {
      queries.add(
          sql.group(1)
              .replace("'data/", "'" + folder + "/")
              .replace("69a42a40efe49da965ad3780e9f97898", traceId.toHex()));
    }
    return queries;
  }

  @Test
  void queries_ofTheDocument_answerWhatTheySay() throws Exception {
    List<String> queries = documentedQueries();
    assertThat(queries).hasSize(3);

    assertThat(query(queries.get(0), row -> row.getString(1)))
        .containsExactlyInAnyOrderElementsOf(
            trace.stream().map(span -> span.spanId().toHex()).toList());
    assertThat(query(queries.get(1), row -> row.getString(1)))
        .containsExactly(trace.getFirst().traceId().toHex());
    assertThat(
            query(
                queries.get(2),
                row -> row.getString(1) + " " + row.getString(2) + " " + row.getDouble(4)))
        .contains("shop POST /checkout 100.0", "payment SELECT 25.0")
        .hasSize(8);
  }

  @Test
  void half_ofTheFirstQuery_readsAnyId() throws Exception {
    String macro = documentedQueries().getFirst();
    macro = macro.substring(0, macro.indexOf(';') + 1);
    for (long half : new long[] {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 0x8fffffffffffffffL}) {
      assertThat(query(macro + " SELECT half('%016x')".formatted(half), row -> row.getLong(1)))
          .containsExactly(half);
    }
  }
}
