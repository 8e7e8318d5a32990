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
import java.util.function.LongUnaryOperator;
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
          .text("latency", row -> latency(row.calls.latency()));

  private static final Comparator<@Nullable NodeId> CALLERS =
      Comparator.nullsFirst(Comparator.naturalOrder());

  /**
   * What a sum is of.
   *
   * @param start first nanosecond of the minute or hour
   * @param length {@link #MINUTE} or {@link #HOUR}
   * @param caller who called, or null for the requests to a node whoever they came from
   * @param callee who was called
   */
  record Key(long start, long length, @Nullable NodeId caller, NodeId callee)
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
      int byCaller = CALLERS.compare(caller, other.caller);
      return byCaller != 0 ? byCaller : callee.compareTo(other.callee);
    }
  }

  /** One sum. */
  record Row(Key key, CallStatistics calls) {}

  private final Map<Key, CallStatistics.Builder> sums = new HashMap<>();

  /** Adds the calls of one trace, or with {@code sign} -1 takes them away. */
  void count(Collection<CallSpan> trace, int sign) {
    CallCounter.count(
        trace,
        new CallCounter.Sink() {
          @Override
          public void request(NodeId node, CallSpan measured) {
            add(null, node, measured, sign);
          }

          @Override
          public void call(NodeId caller, NodeId callee, CallSpan measured) {
            add(caller, callee, measured, sign);
          }
        });
  }

  private void add(@Nullable NodeId caller, NodeId callee, CallSpan measured, int sign) {
    long start = Math.floorDiv(measured.endEpochNanos(), MINUTE) * MINUTE;
    sum(new Key(start, MINUTE, caller, callee))
        .add(measured.outcomeBits(), measured.durationNanos(), sign);
  }

  private CallStatistics.Builder sum(Key key) {
    return sums.computeIfAbsent(key, _ -> new CallStatistics.Builder());
  }

  /** Adds a sum. */
  void add(Row row) {
    sum(row.key).add(row.calls);
  }

  /** Adds all sums that lie in a range. */
  void addAll(Graph other, TimeRange range) {
    for (Map.Entry<Key, CallStatistics.Builder> each : other.sums.entrySet()) {
      if (range.contains(each.getKey().start)) {
        sum(each.getKey()).add(each.getValue().build());
      }
    }
  }

  /** Returns all sums that are not zero, with sums by hour added. */
  List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    Map<Key, CallStatistics.Builder> hours = new HashMap<>();
    for (Map.Entry<Key, CallStatistics.Builder> each : sums.entrySet()) {
      Key key = each.getKey();
      if (key.length != MINUTE) {
        continue;
      }
      CallStatistics calls = each.getValue().build();
      if (!isZero(calls)) {
        rows.add(new Row(key, calls));
        Key hour =
            new Key(Math.floorDiv(key.start, HOUR) * HOUR, HOUR, key.caller, key.callee);
        hours.computeIfAbsent(hour, _ -> new CallStatistics.Builder()).add(calls);
      }
    }
    hours.forEach(
        (key, builder) -> {
          CallStatistics calls = builder.build();
          if (!isZero(calls)) {
            rows.add(new Row(key, calls));
          }
        });
    rows.sort(Comparator.comparing(Row::key));
    return rows;
  }

  private static boolean isZero(CallStatistics calls) {
    LatencySketch latency = calls.latency();
    for (int i = 0; i < latency.bucketCount(); i++) {
      if (latency.countAt(i) != 0) {
        return false;
      }
    }
    return calls.okCount() == 0
        && calls.errorCount() == 0
        && calls.throttleCount() == 0
        && calls.faultCount() == 0
        && calls.totalDurationNanos() == 0;
  }

  /** Returns the sums by minute as graphs of whole periods, oldest first. */
  List<GraphReader.Period> toPeriods(long periodNanos) {
    TreeMap<Long, Graph> periods = new TreeMap<>();
    sums.forEach(
        (key, sum) ->
            periods
                .computeIfAbsent(Math.floorDiv(key.start, periodNanos), _ -> new Graph())
                .sums
                .put(key, sum));
    List<GraphReader.Period> result = new ArrayList<>();
    periods.forEach(
        (period, graph) -> {
          ServiceGraph calls = graph.toServiceGraph();
          // What later parts take away again leaves sums of zero.
          if (!calls.nodes().isEmpty()) {
            result.add(new GraphReader.Period(period * periodNanos, calls));
          }
        });
    return result;
  }

  /** Returns nodes and edges, minutes and hours added up. */
  ServiceGraph toServiceGraph() {
    TreeMap<NodeId, CallStatistics.Builder> nodes = new TreeMap<>();
    TreeMap<Key, CallStatistics.Builder> edges = new TreeMap<>();
    for (Map.Entry<Key, CallStatistics.Builder> each : sums.entrySet()) {
      Key key = each.getKey();
      CallStatistics calls = each.getValue().build();
      if (key.caller == null) {
        nodes.computeIfAbsent(key.callee, _ -> new CallStatistics.Builder()).add(calls);
      } else {
        edges
            .computeIfAbsent(
                new Key(0, 0, key.caller, key.callee), _ -> new CallStatistics.Builder())
            .add(calls);
      }
    }
    List<ServiceGraph.Edge> edgeList = new ArrayList<>();
    TreeMap<NodeId, CallStatistics> nodeStatistics = new TreeMap<>();
    edges.forEach(
        (key, builder) -> {
          CallStatistics calls = builder.build();
          NodeId caller = key.caller;
          if (calls.totalCount() > 0 && caller != null) {
            edgeList.add(new ServiceGraph.Edge(caller, key.callee, calls));
            nodeStatistics.put(caller, new CallStatistics.Builder().build());
            nodeStatistics.put(key.callee, new CallStatistics.Builder().build());
          }
        });
    nodes.forEach(
        (id, builder) -> {
          CallStatistics calls = builder.build();
          if (calls.totalCount() > 0) {
            nodeStatistics.put(id, calls);
          }
        });
    List<ServiceGraph.Node> nodeList = new ArrayList<>();
    nodeStatistics.forEach((id, calls) -> nodeList.add(new ServiceGraph.Node(id, calls)));
    return new ServiceGraph(nodeList, edgeList);
  }

  private static @Nullable String latency(LatencySketch sketch) {
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
    String callerName = row.getString(3);
    String callerType = row.getString(4);
    NodeId caller =
        callerName == null || callerType == null ? null : new NodeId(callerName, callerType);
    CallStatistics.Builder sum =
        sum(
            new Key(
                toStart.applyAsLong(row.getLong(1)),
                row.getLong(2),
                caller,
                new NodeId(row.getString(5), row.getString(6))));
    sum.addCounts(
        row.getLong(7), row.getLong(8), row.getLong(9), row.getLong(10), row.getLong(11));
    addLatency(row.getString(12), sum);
  }

  /** Reads what {@link #latency} writes, which is so plain that a general reader takes several times as long. */
  static void addLatency(String json, CallStatistics.Builder sum) {
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
        sum.addBucket(bucket, negative ? -count : count);
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
