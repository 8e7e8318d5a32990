// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.model.LatencySketch;
import io.roentgen.model.Outcome;
import io.roentgen.model.TimeRange;
import io.roentgen.store.TraceSummary;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * How long traces took and how they went. Durations are counted in buckets, eight to each power of
 * ten, as they range over orders of magnitude. Not safe for use by several threads.
 */
final class TraceStatistics {
  private static final int PER_DECADE = 8;
  private static final int OUTCOMES = 4;

  /** More columns than a chart has room for would be of no use. */
  static final int MAX_COLUMNS = 240;

  private final TimeRange range;

  /** Of the heatmap; 0 for none. */
  private final int columns;

  private final long columnNanos;

  /** By column, then by bucket: traces, and those of them that went badly. */
  private final Map<Integer, Map<Integer, long[]>> cells = new TreeMap<>();

  private final Map<Integer, long[]> buckets = new TreeMap<>();
  private final LatencySketch durations = new LatencySketch();
  private long count;

  TraceStatistics(TimeRange range, int columns) {
    this.range = range;
    this.columns = columns;
    // Both ends may be far from now, so that their difference does not fit.
    double length = (double) range.endEpochNanos() - (double) range.startEpochNanos();
    columnNanos = Math.max(1, (long) Math.ceil(length / Math.max(1, columns)));
  }

  void add(TraceSummary summary) {
    long nanos = Math.max(0, summary.endEpochNanos() - summary.startEpochNanos());
    int bucket = bucketOf(nanos);
    int rank = rank(summary.outcome());
    buckets.computeIfAbsent(bucket, _ -> new long[OUTCOMES])[rank]++;
    if (columns > 0) {
      double offset = (double) summary.startEpochNanos() - (double) range.startEpochNanos();
      int column = (int) Math.min(columns - 1, Math.max(0, offset / columnNanos));
      long[] cell =
          cells
              .computeIfAbsent(column, _ -> new TreeMap<>())
              .computeIfAbsent(bucket, _ -> new long[2]);
      cell[0]++;
      cell[1] += rank > 0 ? 1 : 0;
    }
    durations.add(nanos);
    count++;
  }

  /** Each trace is in one of four: fault before throttle before error before ok. */
  private static int rank(Outcome outcome) {
    return outcome.fault() ? 3 : outcome.throttle() ? 2 : outcome.error() ? 1 : 0;
  }

  private static int bucketOf(long nanos) {
    int guess = (int) Math.floor(Math.log10((double) Math.max(1, nanos)) * PER_DECADE);
    // The logarithm may be off by a hair where a bucket begins.
    if (nanos >= from(guess + 1)) {
      return guess + 1;
    }
    return nanos < from(guess) ? guess - 1 : guess;
  }

  private static long from(int bucket) {
    return bucket <= 0 ? 0 : Math.round(Math.pow(10, (double) bucket / PER_DECADE));
  }

  void write(ModelJson model, JsonGenerator json) throws IOException {
    json.writeNumberField("traceCount", count);
    model.quantiles("durations", durations);
    json.writeArrayFieldStart("buckets");
    for (Map.Entry<Integer, long[]> bucket : buckets.entrySet()) {
      long[] counts = bucket.getValue();
      json.writeStartObject();
      model.nanos("fromNanos", from(bucket.getKey()));
      model.nanos("toNanos", from(bucket.getKey() + 1));
      json.writeNumberField("okCount", counts[0]);
      json.writeNumberField("errorCount", counts[1]);
      json.writeNumberField("throttleCount", counts[2]);
      json.writeNumberField("faultCount", counts[3]);
      json.writeEndObject();
    }
    json.writeEndArray();
    if (columns > 0) {
      heatmap(model, json);
    }
  }

  private void heatmap(ModelJson model, JsonGenerator json) throws IOException {
    List<Integer> rows = List.copyOf(buckets.keySet());
    Map<Integer, Integer> rowOf = new HashMap<>();
    rows.forEach(bucket -> rowOf.put(bucket, rowOf.size()));
    json.writeObjectFieldStart("heatmap");
    model.nanos("startEpochNanos", range.startEpochNanos());
    model.nanos("columnNanos", columnNanos);
    json.writeNumberField("columnCount", columns);
    column("columns", json, (column, _, _) -> json.writeNumber(column));
    column(
        "buckets",
        json,
        (_, bucket, _) -> json.writeNumber(Objects.requireNonNull(rowOf.get(bucket), "row")));
    column("counts", json, (_, _, cell) -> json.writeNumber(cell[0]));
    column("badCounts", json, (_, _, cell) -> json.writeNumber(cell[1]));
    json.writeEndObject();
  }

  /** Writes something of a cell. */
  private interface CellWriter {
    void write(int column, int bucket, long[] cell) throws IOException;
  }

  private void column(String name, JsonGenerator json, CellWriter writer) throws IOException {
    json.writeArrayFieldStart(name);
    for (Map.Entry<Integer, Map<Integer, long[]>> column : cells.entrySet()) {
      for (Map.Entry<Integer, long[]> cell : column.getValue().entrySet()) {
        writer.write(column.getKey(), cell.getKey(), cell.getValue());
      }
    }
    json.writeEndArray();
  }
}
