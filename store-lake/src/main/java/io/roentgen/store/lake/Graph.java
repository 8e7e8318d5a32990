// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.CallStatistics;
import io.roentgen.model.LatencySketch;
import io.roentgen.model.NodeId;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import io.roentgen.store.CallCounter;
import io.roentgen.store.CallSpan;
import io.roentgen.store.GraphReader;
import io.roentgen.store.GraphSums;
import io.roentgen.store.StoreCorruptedException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Calls added up by minute: partial sums that add to the whole, however the spans were split. A part's sums are what its
 * spans add to those of earlier parts, so they may be negative: a call that looked like one to an unknown host until the
 * callee's segment arrived is taken away there and counted anew. Not safe for use by several threads.
 */
final class Graph {
  static final long MINUTE = GraphReader.RESOLUTION_NANOS;
  static final long HOUR = 60 * MINUTE;

  static final Table<Row> TABLE =
      new Table<Row>()
          .number("start_epoch_nanos", row -> row.key.start)
          .number("length_nanos", row -> row.key.length)
          .text("caller_name", row -> row.key.caller == null ? null : row.key.caller.name())
          .text("caller_type", row -> row.key.caller == null ? null : row.key.caller.type())
          .text("name", row -> row.key.callee.name())
          .text("type", row -> row.key.callee.type())
          .number("ok_count", row -> row.calls.okCount())
          .number("error_count", row -> row.calls.errorCount())
          .number("throttle_count", row -> row.calls.throttleCount())
          .number("fault_count", row -> row.calls.faultCount())
          .number("total_duration_nanos", row -> row.calls.totalDurationNanos())
          .text("latency", row -> json(row.calls.latency()))
          .text("alias_name", row -> row.key.alias == null ? null : row.key.alias.name())
          .text("alias_type", row -> row.key.alias == null ? null : row.key.alias.type())
          .text("age", row -> row.key.caller == null ? null : jsonOrNull(row.other))
          .text("duration_change", row -> row.key.caller == null ? jsonOrNull(row.other) : null);

  private static final LatencySketch NOTHING = new LatencySketch();

  private static final Comparator<@Nullable NodeId> NODES =
      Comparator.nullsFirst(Comparator.naturalOrder());

  /**
   * What a sum is of.
   *
   * @param start first nanosecond of the minute or hour
   * @param length {@link #MINUTE} or {@link #HOUR}
   * @param caller who called, or null for the requests to a node whoever they came from
   * @param callee who was called
   * @param alias the other name under which the caller knew the callee, or null
   */
  record Key(
      long start, long length, @Nullable NodeId caller, NodeId callee, @Nullable NodeId alias)
      implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byLength = Long.compare(length, other.length);
      if (byLength != 0) {
        return byLength;
      }
      int byStart = Long.compare(start, other.start);
      if (byStart != 0) {
        return byStart;
      }
      int byCaller = NODES.compare(caller, other.caller);
      if (byCaller != 0) {
        return byCaller;
      }
      int byCallee = callee.compareTo(other.callee);
      return byCallee != 0 ? byCallee : NODES.compare(alias, other.alias);
    }
  }

  /**
   * One sum.
   *
   * @param other of requests, what makes the distribution of durations with the work after the answer out of {@code
   *     calls.latency()}; of messages from a queue, how old they were
   */
  record Row(Key key, CallStatistics calls, LatencySketch other) {}

  private static final class Sum {
    final CallStatistics.Builder calls = new CallStatistics.Builder();
    @Nullable LatencySketch other;

    void add(CallStatistics moreCalls, LatencySketch more) {
      calls.add(moreCalls);
      if (more.bucketCount() > 0) {
        other().add(more);
      }
    }

    LatencySketch other() {
      LatencySketch known = other;
      if (known == null) {
        known = new LatencySketch();
        other = known;
      }
      return known;
    }

    LatencySketch otherOrNothing() {
      LatencySketch known = other;
      return known == null ? NOTHING : known;
    }

    Row row(Key key) {
      LatencySketch copy = new LatencySketch();
      copy.add(otherOrNothing());
      return new Row(key, calls.build(), copy);
    }
  }

  private final Map<Key, Sum> sums = new HashMap<>();

  /** Adds the calls of one trace, or with {@code sign} -1 takes them away. */
  void count(Collection<CallSpan> trace, int sign) {
    CallCounter.count(
        trace,
        new CallCounter.Sink() {
          @Override
          public void request(NodeId node, CallSpan measured, long workNanos) {
            Sum sum = add(null, node, null, measured, sign);
            int bucket = LatencySketch.bucketOf(measured.durationNanos());
            int workBucket =
                workNanos == measured.durationNanos() ? bucket : LatencySketch.bucketOf(workNanos);
            if (workBucket != bucket) {
              sum.other().addBucket(bucket, -sign);
              sum.other().addBucket(workBucket, sign);
            }
          }

          @Override
          public void call(
              NodeId caller, NodeId callee, @Nullable NodeId alias, CallSpan measured) {
            add(caller, callee, alias, measured, sign);
          }

          @Override
          public void receipt(NodeId queue, NodeId consumer, CallSpan measured, long ageNanos) {
            Sum sum = add(queue, consumer, null, measured, sign);
            if (ageNanos != CallCounter.NO_AGE) {
              sum.other().addBucket(LatencySketch.bucketOf(ageNanos), sign);
            }
          }
        });
  }

  private Sum add(
      @Nullable NodeId caller,
      NodeId callee,
      @Nullable NodeId alias,
      CallSpan measured,
      int sign) {
    long start = Math.floorDiv(measured.endEpochNanos(), MINUTE) * MINUTE;
    Sum sum = sum(new Key(start, MINUTE, caller, callee, alias));
    sum.calls.add(measured.outcomeBits(), measured.durationNanos(), sign);
    return sum;
  }

  private Sum sum(Key key) {
    return sums.computeIfAbsent(key, _ -> new Sum());
  }

  /** Adds a sum. */
  void add(Row row) {
    sum(row.key).add(row.calls, row.other);
  }

  /** Adds all sums that lie in a range. */
  void addAll(Graph other, TimeRange range) {
    for (Map.Entry<Key, Sum> each : other.sums.entrySet()) {
      if (range.contains(each.getKey().start)) {
        sum(each.getKey()).add(each.getValue().calls.build(), each.getValue().otherOrNothing());
      }
    }
  }

  /** Returns all sums that are not zero, with sums by hour added. */
  List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    Map<Key, Sum> hours = new HashMap<>();
    for (Map.Entry<Key, Sum> each : sums.entrySet()) {
      Key key = each.getKey();
      if (key.length != MINUTE) {
        continue;
      }
      Row row = each.getValue().row(key);
      if (!isZero(row)) {
        rows.add(row);
        Key hour =
            new Key(
                Math.floorDiv(key.start, HOUR) * HOUR, HOUR, key.caller, key.callee, key.alias);
        hours.computeIfAbsent(hour, _ -> new Sum()).add(row.calls, row.other);
      }
    }
    hours.forEach(
        (key, sum) -> {
          Row row = sum.row(key);
          if (!isZero(row)) {
            rows.add(row);
          }
        });
    rows.sort(Comparator.comparing(Row::key));
    return rows;
  }

  private static boolean isZero(Row row) {
    CallStatistics calls = row.calls;
    return isZero(calls.latency())
        && isZero(row.other)
        && calls.okCount() == 0
        && calls.errorCount() == 0
        && calls.throttleCount() == 0
        && calls.faultCount() == 0
        && calls.totalDurationNanos() == 0;
  }

  private static boolean isZero(LatencySketch sketch) {
    for (int i = 0; i < sketch.bucketCount(); i++) {
      if (sketch.countAt(i) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns the sums by minute as graphs of whole periods, oldest first. */
  List<GraphReader.Period> toPeriods(long periodNanos) {
    TreeMap<Long, GraphSums> periods = new TreeMap<>();
    sums.forEach(
        (key, sum) ->
            addTo(
                periods.computeIfAbsent(
                    Math.floorDiv(key.start, periodNanos) * periodNanos, _ -> new GraphSums()),
                key,
                sum));
    return GraphSums.build(periods);
  }

  /** Returns nodes and edges, minutes and hours added up. */
  ServiceGraph toServiceGraph() {
    GraphSums all = new GraphSums();
    sums.forEach((key, sum) -> addTo(all, key, sum));
    return all.build();
  }

  private static void addTo(GraphSums all, Key key, Sum sum) {
    NodeId caller = key.caller;
    if (caller == null) {
      all.addRequests(key.callee, sum.calls.build(), sum.otherOrNothing());
    } else {
      all.addCalls(caller, key.callee, key.alias, sum.calls.build(), sum.otherOrNothing());
    }
  }

  private static @Nullable String jsonOrNull(LatencySketch sketch) {
    return isZero(sketch) ? null : json(sketch);
  }

  private static String json(LatencySketch sketch) {
    StringBuilder json = new StringBuilder("{");
    for (int i = 0; i < sketch.bucketCount(); i++) {
      if (sketch.countAt(i) != 0) {
        json.append(json.length() > 1 ? "," : "");
        json.append('"').append(sketch.bucket(i)).append("\":").append(sketch.countAt(i));
      }
    }
    return json.append('}').toString();
  }

  /**
   * Adds a row as {@link #TABLE} has it.
   *
   * @param toStart from the start of the row's minute or hour to that of the sum that it goes into
   */
  void add(ResultSet row, LongUnaryOperator toStart) throws SQLException {
    NodeId caller = nodeOrNull(row, 3);
    Sum sum =
        sum(
            new Key(
                toStart.applyAsLong(row.getLong(1)),
                row.getLong(2),
                caller,
                new NodeId(row.getString(5), row.getString(6)),
                nodeOrNull(row, 13)));
    sum.calls.addCounts(
        row.getLong(7), row.getLong(8), row.getLong(9), row.getLong(10), row.getLong(11));
    CallStatistics.Builder calls = sum.calls;
    addCounts(row.getString(12), calls::addBucket);
    String other = row.getString(caller == null ? 16 : 15);
    if (other != null) {
      addCounts(other, sum.other()::addBucket);
    }
  }

  /**
   * Returns the sums of all of a part's minutes, one for each node, edge and alias; their keys have the start 0.
   *
   * @param file what {@link #TABLE} was written to
   */
  static List<Row> totals(ParquetFile file) {
    Graph totals = new Graph();
    try (ColumnReader reader = new ColumnReader(file)) {
      for (int group = 0; group < file.rowGroups().size(); group++) {
        long[] lengths = reader.readAll(group, file.number("length_nanos"));
        int[] hours =
            IntStream.range(0, lengths.length).filter(row -> lengths[row] == HOUR).toArray();
        if (hours.length > 0) {
          totals.add(new Columns(reader, file, group, hours), hours.length);
        }
      }
    }
    List<Row> rows = new ArrayList<>();
    totals.sums.forEach(
        (key, sum) -> {
          Row row = sum.row(key);
          if (!isZero(row)) {
            rows.add(row);
          }
        });
    return rows;
  }

  private void add(Columns columns, int count) {
    ColumnReader.Values ok = columns.get("ok_count");
    ColumnReader.Values errors = columns.get("error_count");
    ColumnReader.Values throttles = columns.get("throttle_count");
    ColumnReader.Values faults = columns.get("fault_count");
    ColumnReader.Values durations = columns.get("total_duration_nanos");
    ColumnReader.Values latencies = columns.get("latency");
    ColumnReader.Values ages = columns.get("age");
    ColumnReader.Values changes = columns.get("duration_change");
    IntFunction<@Nullable NodeId> callers = columns.nodes("caller_name", "caller_type");
    IntFunction<@Nullable NodeId> callees = columns.nodes("name", "type");
    IntFunction<@Nullable NodeId> aliases = columns.nodes("alias_name", "alias_type");
    for (int i = 0; i < count; i++) {
      NodeId caller = callers.apply(i);
      NodeId callee = callees.apply(i);
      if (callee == null) {
        throw new StoreCorruptedException("stored call without a callee");
      }
      Sum sum = sum(new Key(0, HOUR, caller, callee, aliases.apply(i)));
      sum.calls.addCounts(
          ok.number(i), errors.number(i), throttles.number(i), faults.number(i), durations.number(i));
      CallStatistics.Builder calls = sum.calls;
      addCounts(latencies.text(i), calls::addBucket);
      ColumnReader.Values other = caller == null ? changes : ages;
      if (!other.isNull(i)) {
        addCounts(other.text(i), sum.other()::addBucket);
      }
    }
  }

  /** Columns of some rows of a row group. */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Columns(ColumnReader reader, ParquetFile file, int group, int[] rows) {
    ColumnReader.Values get(String name) {
      return reader.read(group, file.number(name), rows);
    }

    IntFunction<@Nullable NodeId> nodes(String name, String type) {
      ColumnReader.Values names = get(name);
      ColumnReader.Values types = get(type);
      return row ->
          names.isNull(row) || types.isNull(row)
              ? null
              : new NodeId(names.text(row), types.text(row));
    }
  }

  private static @Nullable NodeId nodeOrNull(ResultSet row, int column) throws SQLException {
    String name = row.getString(column);
    String type = name == null ? null : row.getString(column + 1);
    return name == null || type == null ? null : new NodeId(name, type);
  }

  /** Takes the count of one bucket. */
  interface Counts {
    void add(int bucket, long count);
  }

  /** Reads what {@link #json} writes, which is so plain that a general reader takes several times as long. */
  static void addCounts(String json, Counts counts) {
    byte[] text = json.getBytes(StandardCharsets.ISO_8859_1);
    int at = 1;
    boolean sound = text.length >= 2 && text[0] == '{' && text[text.length - 1] == '}';
    while (sound && at < text.length - 1) {
      int bucket = 0;
      int digits = at + 1;
      sound = text[at] == '"';
      for (at = digits; isDigit(text[at]); at++) {
        bucket = 10 * bucket + text[at] - '0';
      }
      sound &= at > digits && at - digits < 10 && text[at] == '"' && text[at + 1] == ':';
      boolean negative = sound && text[at + 2] == '-';
      digits = at + (negative ? 3 : 2);
      long count = 0;
      for (at = Math.min(digits, text.length - 1); isDigit(text[at]); at++) {
        count = 10 * count + text[at] - '0';
      }
      // The closing brace is the last byte, so nothing runs beyond the end.
      sound &= at > digits && (at == text.length - 1 || text[at] == ',');
      at++;
      if (sound) {
        counts.add(bucket, negative ? -count : count);
      }
    }
    if (!sound) {
      throw new StoreCorruptedException("stored latency: " + json);
    }
  }

  private static boolean isDigit(byte each) {
    return each >= '0' && each <= '9';
  }
}
