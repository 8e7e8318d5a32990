// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TraceId;
import io.roentgen.store.Operation;
import io.roentgen.store.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes parts: from a live chunk, or from small parts of one day. What it writes is not in the catalog yet. */
final class PartWriter {
  static final int ROW_GROUP_SIZE = 40_960;

  private static final Logger LOG = LoggerFactory.getLogger(PartWriter.class);
  private static final int LEAST_ROW_GROUP_SIZE = 4_096;
  private static final int SMALL_ROW_GROUP_SIZE = 122_880;

  /** Of sums by minute, of which a question wants those at both ends of its range. */
  private static final int GRAPH_ROW_GROUP_SIZE = 8_192;

  private static final int MAX_ATTRIBUTE_COLUMNS = 300;
  private static final int MAX_KNOWN_COLUMNS = 4_096;
  private static final int MAX_DAYS = 16;

  /** How many parts one call makes at the most. */
  static final int MAX_PARTS = MAX_DAYS + 1;
  private static final long DAY_NANOS = 86_400_000_000_000L;

  /** Comes after all days. */
  private static final long NO_DAY = Long.MAX_VALUE;

  private static final Table<ScopeIds.Entry> SCOPES =
      new Table<ScopeIds.Entry>()
          .number("scope_id", ScopeIds.Entry::id)
          .text("resource", ScopeIds.Entry::resource)
          .text("scope", ScopeIds.Entry::scope);

  private final Engine engine;
  private final Path parts;
  private final Runnable requireOpen;

  /**
   * @param requireOpen throws once the store is being closed: a chunk takes seconds to write, and what is not finished is
   *     in the log
   */
  PartWriter(Engine engine, Path parts, Runnable requireOpen) {
    this.engine = engine;
    this.parts = parts;
    this.requireOpen = requireOpen;
  }

  /** Parts that were written, and the catalog with their numbers and columns taken. */
  record Written(Catalog catalog, List<PartInfo> parts) {}

  /**
   * Writes a frozen chunk: a part for each day on which its spans started, or for the rarest of many days one together.
   */
  Written write(LiveChunk chunk, Catalog catalog, ChunkCalls.Earlier earlier)
      throws IOException, SQLException {
    List<SpanBatch> batches = chunk.batches();
    TraceIndex index = chunk.read((_, each) -> each);
    List<AttributeColumn> columns = attributeColumns(batches, index.rowCount(), catalog);
    List<Day> days = rowsByDay(batches, index);
    ChunkCalls.Earlier earlierWhileOpen =
        traces -> {
          requireOpen.run();
          return earlier.find(traces);
        };
    List<Graph.Row> graph = chunk.calls().rows(earlierWhileOpen);
    OutlineReader outlines = new OutlineReader();
    long timeShift = chunk.calls().timeShift(earlierWhileOpen);
    Set<TraceId> continued = new HashSet<>(chunk.calls().continued(earlierWhileOpen));
    if (days.size() > 1) {
      BitSet split = tracesOnSeveralDays(days, index);
      timeShift = Math.max(timeShift, timeShift(split, batches, index, outlines));
      split.stream().forEach(trace -> continued.add(traceId(index, trace)));
    }
    List<List<Graph.Row>> graphs = graphsOf(days, graph);
    Catalog next = catalog.withColumns(columns).takeNumbers(days.size());
    List<PartInfo> written = new ArrayList<>();
    for (int day = 0; day < days.size(); day++) {
      Content content =
          new Content(
              catalog.nextPart() + day,
              batches,
              index,
              days.get(day).rows,
              columns,
              outlines,
              continued);
      written.add(write(content, graphs.get(day), timeShift, next));
    }
    return new Written(next, written);
  }

  // The rows are handed on, never compared.
  @SuppressWarnings("ArrayRecordComponent")
  private record Content(
      long number,
      List<SpanBatch> batches,
      TraceIndex index,
      int[] rows,
      List<AttributeColumn> columns,
      OutlineReader outlines,
      Set<TraceId> continued) {}

  /** Rows of spans that started on one day, or with {@link #NO_DAY} those of several days. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Day(long number, int[] rows) {}

  /** Gives each day the sums that lie on it, and the last one what is left. */
  private static List<List<Graph.Row>> graphsOf(List<Day> days, List<Graph.Row> graph) {
    if (days.size() == 1) {
      return List.of(graph);
    }
    Map<Long, List<Graph.Row>> byDay = new HashMap<>();
    List<List<Graph.Row>> graphs = new ArrayList<>();
    for (Day day : days) {
      List<Graph.Row> rows = new ArrayList<>();
      graphs.add(rows);
      byDay.put(day.number, rows);
    }
    for (Graph.Row row : graph) {
      byDay.getOrDefault(day(row.key().start()), graphs.getLast()).add(row);
    }
    return graphs;
  }

  /** Returns the traces that are on several days, as these come to be in several parts. */
  private static BitSet tracesOnSeveralDays(List<Day> days, TraceIndex index) {
    int[] lastDay = new int[index.traceCount()];
    BitSet split = new BitSet();
    for (int day = 0; day < days.size(); day++) {
      for (int row : days.get(day).rows) {
        int trace = index.traceOf(row);
        if (lastDay[trace] != 0 && lastDay[trace] != day + 1) {
          split.set(trace);
        }
        lastDay[trace] = day + 1;
      }
    }
    return split;
  }

  private static TraceId traceId(TraceIndex index, int trace) {
    return new TraceId(index.traceHigh(trace), index.traceLow(trace));
  }

  private static long timeShift(
      BitSet split, List<SpanBatch> batches, TraceIndex index, OutlineReader outlines) {
    return split.stream()
        .mapToLong(
            trace ->
                SpanOutline.timeShift(outlines.trace(batches, index, trace, index.rowCount())))
        .max()
        .orElse(0);
  }

  private static long day(long epochNanos) {
    return Math.floorDiv(epochNanos, DAY_NANOS);
  }

  /** Returns the rows of each day sorted by trace id, then in the order in which they were written. */
  private static List<Day> rowsByDay(List<SpanBatch> batches, TraceIndex index) {
    long[] days = new long[index.rowCount()];
    Map<Long, int[]> counts = new HashMap<>();
    int[] count = new int[1];
    long last = NO_DAY;
    int row = 0;
    for (SpanBatch batch : batches) {
      SpanBatch.Cursor cursor = batch.cursor();
      while (cursor.next()) {
        long day = day(cursor.startEpochNanos());
        if (day != last) {
          last = day;
          count = counts.computeIfAbsent(day, _ -> new int[1]);
        }
        days[row++] = day;
        count[0]++;
      }
    }
    Set<Long> common =
        counts.entrySet().stream()
            .sorted(Comparator.comparing((Map.Entry<Long, int[]> each) -> -each.getValue()[0]))
            .limit(MAX_DAYS)
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    Map<Long, RowList> lists = new TreeMap<>();
    RowList list = new RowList();
    last = NO_DAY;
    for (int trace : sortedTraces(index)) {
      for (int each = index.firstRow(trace); each >= 0; each = index.nextRow(each)) {
        if (days[each] != last) {
          last = days[each];
          list =
              lists.computeIfAbsent(common.contains(last) ? last : NO_DAY, _ -> new RowList());
        }
        list.add(each);
      }
    }
    return lists.entrySet().stream()
        .map(each -> new Day(each.getKey(), each.getValue().toArray()))
        .toList();
  }

  private static int[] sortedTraces(TraceIndex index) {
    Integer[] traces = new Integer[index.traceCount()];
    Arrays.setAll(traces, Integer::valueOf);
    Arrays.sort(
        traces,
        (one, other) -> {
          int byHigh = Long.compare(index.traceHigh(one), index.traceHigh(other));
          return byHigh != 0 ? byHigh : Long.compare(index.traceLow(one), index.traceLow(other));
        });
    int[] sorted = new int[traces.length];
    Arrays.setAll(sorted, i -> traces[i]);
    return sorted;
  }

  private static final class RowList {
    private int[] rows = new int[1024];
    private int size;

    private void add(int row) {
      if (size == rows.length) {
        rows = Arrays.copyOf(rows, size * 2);
      }
      rows[size++] = row;
    }

    private int[] toArray() {
      return Arrays.copyOf(rows, size);
    }
  }

  /**
   * Returns the attributes that get a column: the most frequent ones, and of rare ones in a large chunk none, so that
   * made-up keys do not become columns.
   */
  private static List<AttributeColumn> attributeColumns(
      List<SpanBatch> batches, int rowCount, Catalog catalog) {
    Map<AttributeColumn, Long> counts = new LinkedHashMap<>();
    AttributeColumn.Type[] types = AttributeColumn.Type.values();
    for (SpanBatch batch : batches) {
      long[] found = new long[batch.keyCount() * types.length];
      SpanBatch.Cursor cursor = batch.cursor();
      while (cursor.next()) {
        for (int tag = cursor.nextField(); tag != SpanBatch.FIELD_NONE; tag = cursor.nextField()) {
          if (tag == SpanBatch.FIELD_ATTRIBUTE) {
            AttributeColumn.Type type = AttributeColumn.Type.ofValue(cursor.valueType());
            if (type != null) {
              found[cursor.keyIndex() * types.length + type.ordinal()]++;
            }
          }
        }
      }
      for (int i = 0; i < found.length; i++) {
        String key = batch.key(i / types.length);
        if (found[i] > 0 && AttributeColumn.mayHaveColumn(key)) {
          counts.merge(
              new AttributeColumn(key, types[i % types.length]), found[i], Long::sum);
        }
      }
    }
    long least = rowCount / 5_000;
    int known = catalog.fieldIds().size();
    List<AttributeColumn> columns = new ArrayList<>();
    List<AttributeColumn> frequent = new ArrayList<>(counts.keySet());
    frequent.sort(Comparator.comparing((AttributeColumn each) -> -counts.getOrDefault(each, 0L)));
    for (AttributeColumn each : frequent) {
      boolean hasId = catalog.fieldIds().containsKey(each.name());
      if (columns.size() < MAX_ATTRIBUTE_COLUMNS
          && counts.getOrDefault(each, 0L) >= least
          && (hasId || known < MAX_KNOWN_COLUMNS)) {
        columns.add(each);
        known += hasId ? 0 : 1;
      }
    }
    columns.sort(Comparator.comparing(AttributeColumn::name));
    return columns;
  }

  private PartInfo write(Content content, List<Graph.Row> graph, long timeShift, Catalog catalog)
      throws IOException, SQLException {
    Path folder = freshFolder(content.number);
    Summary summary = Summary.of(content);
    ScopeIds scopes = new ScopeIds();
    writeSpans(content, summary.parents, folder, scopes, catalog);
    write(SCOPES, List.copyOf(scopes.used().values()), folder.resolve(PartInfo.SCOPES));
    writeTraces(summary.traces, folder);
    writeOperations(summary.operations, folder);
    write(Graph.TABLE, graph, folder.resolve(PartInfo.GRAPH), GRAPH_ROW_GROUP_SIZE);
    PartIndex.write(folder.resolve(PartInfo.TRACE_INDEX), summary.mixes());
    return finish(
        content.number,
        folder,
        content.rows.length,
        summary.traces,
        summary.extent(graph),
        timeShift,
        content.columns.stream().map(AttributeColumn::name).toList());
  }

  /**
   * Writes the spans. How much memory that takes grows with the number of columns and the size of row groups, so if the
   * engine has too little it is done again with smaller ones.
   */
  private void writeSpans(
      Content content, Parents parents, Path folder, ScopeIds scopes, Catalog catalog)
      throws IOException, SQLException {
    String ids = fieldIds(content.columns.stream().map(AttributeColumn::name).toList(), catalog);
    for (int size = ROW_GROUP_SIZE; ; size /= 2) {
      try (SpanColumns columns =
          new SpanColumns(
              engine.allocator(),
              content.batches,
              content.index,
              content.rows,
              parents,
              scopes,
              content.columns,
              requireOpen)) {
        engine.write(columns, folder.resolve(PartInfo.SPANS), size, ids);
        columns.values().write(folder.resolve(PartInfo.VALUE_INDEX));
        return;
      } catch (SQLException e) {
        if (size <= LEAST_ROW_GROUP_SIZE || !Engine.isOutOfMemory(e)) {
          throw e;
        }
        LOG.warn(
            "the query engine has too little memory for row groups of {}, smaller ones are written", size);
      }
    }
  }

  /** What is said of a part's spans beside themselves. */
  private static final class Summary {
    private final Parents parents;
    private final List<TraceRow> traces = new ArrayList<>();
    private final Map<OperationRow.Key, long[]> operations = new HashMap<>();
    private long minStart = Long.MAX_VALUE;
    private long maxStart = Long.MIN_VALUE;
    private long maxEnd = Long.MIN_VALUE;
    private long firstSequence = Long.MAX_VALUE;
    private long lastSequence;

    private Summary(int rowCount) {
      parents = new Parents(rowCount);
    }

    private static Summary of(Content content) {
      Summary summary = new Summary(content.rows.length);
      TraceIndex index = content.index;
      List<SpanOutline> spans = new ArrayList<>();
      for (int i = 0; i < content.rows.length; i++) {
        int row = content.rows[i];
        SpanOutline span = content.outlines.row(content.batches, index, row);
        spans.add(span);
        summary.add(span);
        int trace = index.traceOf(row);
        if (i + 1 == content.rows.length || index.traceOf(content.rows[i + 1]) != trace) {
          TraceId traceId = traceId(index, trace);
          List<SpanOutline> counting = SpanOutline.counting(spans);
          summary.parents.add(spans, counting);
          summary.traces.add(
              new TraceRow(
                  SpanOutline.summary(traceId, counting),
                  counting.size() != spans.size(),
                  content.continued.contains(traceId)));
          spans.clear();
        }
      }
      return summary;
    }

    private void add(SpanOutline span) {
      long start = span.startEpochNanos();
      minStart = Math.min(minStart, start);
      maxStart = Math.max(maxStart, start);
      maxEnd = Math.max(maxEnd, Math.max(start, span.endEpochNanos()));
      firstSequence = Math.min(firstSequence, span.sequence());
      lastSequence = Math.max(lastSequence, span.sequence());
      operations
          .computeIfAbsent(
              new OperationRow.Key(
                  span.service(), span.name(), SpanKind.ofNumber(span.kind())),
              _ -> new long[1])[0]++;
    }

    private long[] mixes() {
      return traces.stream()
          .map(row -> row.summary().traceId())
          .mapToLong(id -> PartIndex.mix(id.high(), id.low()))
          .toArray();
    }

    private Extent extent(List<Graph.Row> graph) {
      return new Extent(
          minStart,
          maxStart,
          maxEnd,
          firstSequence,
          lastSequence,
          Extent.firstMinute(graph),
          Extent.lastMinute(graph));
    }
  }

  private void writeTraces(List<TraceRow> traces, Path folder) throws SQLException {
    traces.sort(Comparator.comparingLong(row -> row.summary().startEpochNanos()));
    write(TraceRow.TABLE, traces, folder.resolve(PartInfo.TRACES));
  }

  private void writeOperations(Map<OperationRow.Key, long[]> operations, Path folder)
      throws SQLException {
    List<OperationRow> rows = new ArrayList<>();
    operations.forEach(
        (key, count) ->
            rows.add(
                new OperationRow(key.service(), new Operation(key.name(), key.kind()), count[0])));
    rows.sort(Comparator.comparing(OperationRow::service).thenComparing(OperationRow::operation));
    write(OperationRow.TABLE, rows, folder.resolve(PartInfo.OPERATIONS));
  }

  private <T> void write(Table<T> table, List<T> rows, Path file) throws SQLException {
    write(table, rows, file, SMALL_ROW_GROUP_SIZE);
  }

  private <T> void write(Table<T> table, List<T> rows, Path file, int rowGroupSize)
      throws SQLException {
    try (var reader = table.reader(engine.allocator(), rows)) {
      engine.write(reader, file, rowGroupSize, table.fieldIds());
    } catch (IOException e) {
      throw new IllegalStateException("closing a reader of memory failed", e);
    }
  }

  private static String fieldIds(List<String> attributeColumns, Catalog catalog) {
    List<String> ids = new ArrayList<>();
    for (Column column : Column.values()) {
      ids.add(
          column == Column.ATTRIBUTES
              ? column.column()
                  + ": {__duckdb_field_id: "
                  + column.fieldId()
                  + ", key: "
                  + Column.ATTRIBUTES_KEY_ID
                  + ", value: "
                  + Column.ATTRIBUTES_VALUE_ID
                  + "}"
              : column.column() + ": " + column.fieldId());
    }
    for (String name : attributeColumns) {
      ids.add(Engine.quoted(name) + ": " + catalog.fieldIds().get(name));
    }
    return String.join(", ", ids);
  }

  private Path freshFolder(long number) throws IOException {
    Path folder = parts.resolve(PartInfo.folder(number));
    Durable.deleteFolder(folder);
    return Files.createDirectories(folder);
  }

  /** First and last of what a part holds. */
  private record Extent(
      long minStart,
      long maxStart,
      long maxEnd,
      long firstSequence,
      long lastSequence,
      long firstMinute,
      long lastMinute) {
    private static long firstMinute(List<Graph.Row> graph) {
      return minutes(graph).min().orElse(Long.MAX_VALUE);
    }

    private static long lastMinute(List<Graph.Row> graph) {
      return minutes(graph).max().orElse(Long.MIN_VALUE);
    }

    private static LongStream minutes(List<Graph.Row> graph) {
      return graph.stream()
          .map(Graph.Row::key)
          .filter(key -> key.length() == Graph.MINUTE)
          .mapToLong(Graph.Key::start);
    }

    private static Extent of(List<Part> parts, List<Graph.Row> graph) {
      return new Extent(
          parts.stream().mapToLong(part -> part.info().minStart()).min().orElseThrow(),
          parts.stream().mapToLong(part -> part.info().maxStart()).max().orElseThrow(),
          parts.stream().mapToLong(part -> part.info().maxEnd()).max().orElseThrow(),
          parts.stream().mapToLong(part -> part.info().firstSequence()).min().orElseThrow(),
          parts.stream().mapToLong(part -> part.info().lastSequence()).max().orElseThrow(),
          firstMinute(graph),
          lastMinute(graph));
    }
  }

  private PartInfo finish(
      long number,
      Path folder,
      long spanCount,
      List<TraceRow> traces,
      Extent extent,
      long timeShift,
      List<String> columns)
      throws IOException {
    Map<String, Integer> checksums = new LinkedHashMap<>();
    long bytes = 0;
    for (String name :
        List.of(
            PartInfo.SPANS,
            PartInfo.TRACES,
            PartInfo.GRAPH,
            PartInfo.OPERATIONS,
            PartInfo.SCOPES,
            PartInfo.TRACE_INDEX,
            PartInfo.VALUE_INDEX)) {
      Path file = folder.resolve(name);
      Durable.syncFile(file);
      checksums.put(name, PartChecks.checksum(file));
      bytes += Files.size(file);
    }
    Durable.syncFolder(folder);
    Durable.syncFolder(parts);
    return new PartInfo(
        number,
        spanCount,
        traces.size(),
        traces.stream().filter(TraceRow::continued).count(),
        extent.firstSequence,
        extent.lastSequence,
        extent.minStart,
        extent.maxStart,
        extent.maxEnd,
        extent.firstMinute,
        extent.lastMinute,
        timeShift,
        bytes,
        columns,
        checksums,
        PartChecks.spanChecksums(folder.resolve(PartInfo.SPANS)));
  }

  /** Writes one part with the spans of several. */
  Written merge(List<Part> sources, Catalog catalog) throws IOException, SQLException {
    long number = catalog.nextPart();
    Path folder = freshFolder(number);
    List<String> columns =
        sources.stream()
            .flatMap(part -> part.info().attributeColumns().stream())
            .distinct()
            .sorted()
            .toList();
    Map<TraceId, List<TraceRow>> rows = traceRows(sources);
    engine.write(
        mergedSpans(sources, columns, rows.values().stream().anyMatch(each -> each.size() > 1)),
        folder.resolve(PartInfo.SPANS),
        ROW_GROUP_SIZE,
        fieldIds(columns, catalog));
    engine.write(
        "SELECT DISTINCT scope_id, resource, scope FROM " + from(sources, PartInfo.SCOPES),
        folder.resolve(PartInfo.SCOPES),
        SMALL_ROW_GROUP_SIZE,
        SCOPES.fieldIds());
    engine.write(
        "SELECT service, name, kind, sum(span_count)::BIGINT AS span_count FROM "
            + from(sources, PartInfo.OPERATIONS)
            + " GROUP BY ALL ORDER BY ALL",
        folder.resolve(PartInfo.OPERATIONS),
        SMALL_ROW_GROUP_SIZE,
        OperationRow.TABLE.fieldIds());
    List<TraceRow> traces = mergedTraces(rows, folder);
    writeTraces(traces, folder);
    Graph graph = new Graph();
    engine.scanToWrite(
        "SELECT * FROM "
            + from(sources, PartInfo.GRAPH)
            + " WHERE length_nanos = "
            + Graph.MINUTE,
        row -> graph.add(row, LongUnaryOperator.identity()));
    List<Graph.Row> calls = graph.rows();
    write(Graph.TABLE, calls, folder.resolve(PartInfo.GRAPH), GRAPH_ROW_GROUP_SIZE);
    long[] mixes =
        sources.stream()
            .flatMapToLong(
                part ->
                    IntStream.range(0, part.index().count()).mapToLong(part.index()::at))
            .distinct()
            .toArray();
    PartIndex.write(folder.resolve(PartInfo.TRACE_INDEX), mixes);
    ValueIndex.Builder values = new ValueIndex.Builder();
    sources.forEach(part -> values.addAll(part.values()));
    values.write(folder.resolve(PartInfo.VALUE_INDEX));
    long spanCount = sources.stream().mapToLong(part -> part.info().spanCount()).sum();
    long timeShift = sources.stream().mapToLong(part -> part.info().timeShift()).max().orElse(0);
    PartInfo info =
        finish(
            number, folder, spanCount, traces, Extent.of(sources, calls), timeShift, columns);
    return new Written(catalog.takeNumbers(1), List.of(info));
  }

  private Map<TraceId, List<TraceRow>> traceRows(List<Part> sources) {
    Map<TraceId, List<TraceRow>> rows = new LinkedHashMap<>();
    engine
        .queryToWrite(
            "SELECT * FROM " + from(sources, PartInfo.TRACES), List.of(), TraceRow::read)
        .forEach(
            row ->
                rows.computeIfAbsent(row.summary().traceId(), _ -> new ArrayList<>()).add(row));
    return rows;
  }

  /**
   * Returns the spans of several parts as an SQL query. Where a trace is in more than one of them, a span may find its
   * parent only now, or another one that counts in its place.
   */
  private static String mergedSpans(
      List<Part> sources, List<String> attributeColumns, boolean split) {
    String spans = from(sources, PartInfo.SPANS);
    StringBuilder sql = new StringBuilder("SELECT ");
    for (String column : Column.ofSpan()) {
      sql.append("s.").append(column).append(", ");
    }
    List<String> ofParent = new ArrayList<>();
    for (Column column : Column.values()) {
      Column copied = column.copied();
      if (copied != null) {
        ofParent.add(
            split
                ? "CASE WHEN p.span_id IS NULL THEN s."
                    + column.column()
                    + " ELSE p."
                    + copied.column()
                    + " END AS "
                    + column.column()
                : "s." + column.column());
      }
    }
    sql.append(String.join(", ", ofParent));
    attributeColumns.forEach(column -> sql.append(", s.").append(Engine.quoted(column)));
    sql.append(" FROM ").append(spans).append(" s");
    if (split) {
      sql.append(" LEFT JOIN (").append(counting(spans, from(sources, PartInfo.TRACES)));
      sql.append(") p ON p.trace_id_high = s.trace_id_high");
      sql.append(" AND p.trace_id_low = s.trace_id_low AND p.span_id = s.parent_span_id");
    }
    return sql.append(" ORDER BY s.trace_id_high, s.trace_id_low, s.sequence").toString();
  }

  /** Returns the spans that count of traces that have several rows, see {@link SpanOutline#counting}, as an SQL query. */
  private static String counting(String spans, String traces) {
    return "SELECT * FROM (SELECT "
        + SpanRows.OUTLINE_COLUMNS
        + ", row_number() OVER (PARTITION BY trace_id_high, trace_id_low, span_id"
        + " ORDER BY in_progress, sequence DESC) AS place FROM "
        + spans
        + " SEMI JOIN (SELECT trace_id_high, trace_id_low FROM "
        + traces
        + " GROUP BY ALL HAVING count(*) > 1) USING (trace_id_high, trace_id_low)) WHERE place = 1";
  }

  /** Takes over the rows of traces that one source has alone and sums up anew those that are in several. */
  private List<TraceRow> mergedTraces(Map<TraceId, List<TraceRow>> rows, Path folder) {
    List<TraceRow> merged = new ArrayList<>();
    boolean split = false;
    for (List<TraceRow> each : rows.values()) {
      if (each.size() == 1) {
        merged.add(each.getFirst());
      } else {
        split = true;
      }
    }
    if (!split) {
      return merged;
    }
    Map<TraceId, List<WrittenSpan>> spans = new LinkedHashMap<>();
    engine
        .queryToWrite(
            "SELECT "
                + SpanRows.OUTLINE_COLUMNS
                + " FROM read_parquet("
                + Engine.literal(folder.resolve(PartInfo.SPANS).toString())
                + ")",
            List.of(),
            SpanRows::outline)
        .forEach(
            span -> {
              TraceId traceId = span.span().traceId();
              if (rows.getOrDefault(traceId, Collections.emptyList()).size() > 1) {
                spans.computeIfAbsent(traceId, _ -> new ArrayList<>()).add(span);
              }
            });
    for (List<WrittenSpan> each : spans.values()) {
      var summary = Trace.ofWritten(WrittenSpan.inOrder(each)).summary();
      // Those that are all continued leave the first one in another part.
      boolean continued =
          rows.getOrDefault(summary.traceId(), List.of()).stream().allMatch(TraceRow::continued);
      merged.add(new TraceRow(summary, summary.spanCount() != each.size(), continued));
    }
    return merged;
  }

  /** Returns one of the files of several parts as an SQL table. */
  static String from(List<Part> parts, String name) {
    return "read_parquet(["
        + String.join(", ", parts.stream().map(part -> part.file(name)).toList())
        + "], union_by_name = true)";
  }
}
