// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.TraceId;
import io.roentgen.store.StoreCorruptedException;
import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** An open part: immutable files in a folder, and what of them is kept at hand. */
final class Part {
  private final PartInfo info;
  private final Path folder;
  private final PartIndex index;
  private final ValueIndex values;
  private final PartChecks checks;

  @GuardedBy("this")
  private @Nullable Map<Long, ResourceScope> scopes;

  /** What the footer says takes some 50 kB; with a thousand parts that is only kept while there is room. */
  @GuardedBy("this")
  private SoftReference<TraceRows> traceRows = new SoftReference<>(null);

  /** Some hundred sums in most parts. */
  @GuardedBy("this")
  private SoftReference<List<Graph.Row>> graphTotals = new SoftReference<>(null);

  private Part(PartInfo info, Path folder, PartIndex index, ValueIndex values) {
    this.info = info;
    this.folder = folder;
    this.index = index;
    this.values = values;
    checks = new PartChecks(info, folder);
  }

  /**
   * Opens a part.
   *
   * @throws StoreCorruptedException if one of its indexes cannot be read
   */
  static Part open(PartInfo info, Path parts) {
    Path folder = parts.resolve(info.folder());
    return new Part(
        info,
        folder,
        PartIndex.open(folder.resolve(PartInfo.TRACE_INDEX)),
        ValueIndex.open(folder.resolve(PartInfo.VALUE_INDEX)));
  }

  PartInfo info() {
    return info;
  }

  Path folder() {
    return folder;
  }

  PartIndex index() {
    checks.file(PartInfo.TRACE_INDEX);
    return index;
  }

  ValueIndex values() {
    checks.file(PartInfo.VALUE_INDEX);
    return values;
  }

  /** Returns one of the part's files as an SQL literal. */
  String file(String name) {
    return Engine.literal(folder.resolve(name).toString());
  }

  /** Returns what compares the files with their checksums. */
  PartChecks checks() {
    return checks;
  }

  /** Returns all spans of these traces. */
  List<WrittenSpan> find(Collection<TraceId> traceIds) {
    return traceRows().find(traceIds, scopes(), checks);
  }

  private synchronized TraceRows traceRows() {
    TraceRows rows = traceRows.get();
    if (rows == null) {
      ParquetFile spans = ParquetFile.open(folder.resolve(PartInfo.SPANS));
      checks.footer(spans);
      rows = new TraceRows(spans, info.attributeColumns());
      traceRows = new SoftReference<>(rows);
    }
    return rows;
  }

  /** Returns the sums of all its minutes; see {@link Graph#totals}. */
  synchronized List<Graph.Row> graphTotals() {
    List<Graph.Row> totals = graphTotals.get();
    if (totals == null) {
      checks.file(PartInfo.GRAPH);
      totals = Graph.totals(ParquetFile.open(folder.resolve(PartInfo.GRAPH)));
      graphTotals = new SoftReference<>(totals);
    }
    return totals;
  }

  /** Returns the part's resource scopes by number. */
  synchronized Map<Long, ResourceScope> scopes() {
    if (scopes == null) {
      checks.file(PartInfo.SCOPES);
      Map<Long, ResourceScope> read = new HashMap<>();
      ParquetFile file = ParquetFile.open(folder.resolve(PartInfo.SCOPES));
      try (ColumnReader reader = new ColumnReader(file)) {
        for (int group = 0; group < file.rowGroups().size(); group++) {
          int[] rows = IntStream.range(0, file.rowGroups().get(group).rowCount()).toArray();
          ColumnReader.Values ids = reader.read(group, file.number("scope_id"), rows);
          ColumnReader.Values resources = reader.read(group, file.number("resource"), rows);
          ColumnReader.Values ofScopes = reader.read(group, file.number("scope"), rows);
          for (int i = 0; i < rows.length; i++) {
            read.put(
                ids.number(i), ValueJson.resourceScope(resources.text(i), ofScopes.text(i)));
          }
        }
      }
      scopes = read;
    }
    return scopes;
  }
}
