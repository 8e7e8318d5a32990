// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.sums;

import io.roentgen.model.CallStatistics;
import io.roentgen.model.LatencySketch;
import io.roentgen.model.NodeId;
import io.roentgen.store.CallCounter;
import io.roentgen.store.CallSpan;
import io.roentgen.store.GraphSums;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Calls of a stretch of time added up, with nodes as the spans have them: which of them are one is
 * for {@link GraphSums} to say, as it depends on all that is asked for. Not safe for use by several
 * threads.
 */
final class CallSums implements CallCounter.Sink {
  private final Map<NodeId, Sum> requests = new HashMap<>();
  private final Map<EdgeId, Sum> calls = new HashMap<>();

  private record EdgeId(NodeId caller, NodeId callee, @Nullable NodeId alias) {}

  /** Calls, and the distribution that goes with them; see {@link GraphSums}. */
  private static final class Sum {
    final CallStatistics.Builder calls = new CallStatistics.Builder();
    final LatencySketch other = new LatencySketch();

    void add(CallSpan measured) {
      calls.add(measured.outcomeBits(), measured.durationNanos(), 1);
    }
  }

  @Override
  public void request(NodeId node, CallSpan measured, long workNanos) {
    Sum sum = requests.computeIfAbsent(node, _ -> new Sum());
    sum.add(measured);
    sum.other.addBucket(LatencySketch.bucketOf(measured.durationNanos()), -1);
    sum.other.addBucket(LatencySketch.bucketOf(workNanos), 1);
  }

  @Override
  public void call(NodeId caller, NodeId callee, @Nullable NodeId alias, CallSpan measured) {
    calls.computeIfAbsent(new EdgeId(caller, callee, alias), _ -> new Sum()).add(measured);
  }

  @Override
  public void receipt(NodeId queue, NodeId consumer, CallSpan measured, long ageNanos) {
    Sum sum = calls.computeIfAbsent(new EdgeId(queue, consumer, null), _ -> new Sum());
    sum.add(measured);
    if (ageNanos != CallCounter.NO_AGE) {
      sum.other.add(ageNanos);
    }
  }

  boolean isEmpty() {
    return requests.isEmpty() && calls.isEmpty();
  }

  void addTo(GraphSums graph) {
    requests.forEach((node, sum) -> graph.addRequests(node, sum.calls.build(), sum.other));
    calls.forEach(
        (edge, sum) ->
            graph.addCalls(edge.caller, edge.callee, edge.alias, sum.calls.build(), sum.other));
  }

  /** Returns them as bytes, which {@link #addTo(GraphSums, byte[])} reads. */
  byte[] toBytes() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(new DeflaterOutputStream(bytes))) {
      out.writeInt(requests.size());
      for (Map.Entry<NodeId, Sum> each : requests.entrySet()) {
        write(out, each.getKey());
        write(out, each.getValue());
      }
      out.writeInt(calls.size());
      for (Map.Entry<EdgeId, Sum> each : calls.entrySet()) {
        EdgeId edge = each.getKey();
        write(out, edge.caller);
        write(out, edge.callee);
        out.writeBoolean(edge.alias != null);
        if (edge.alias != null) {
          write(out, edge.alias);
        }
        write(out, each.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to memory", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Adds what {@link #toBytes} returned.
   *
   * @throws IOException if the bytes are others; some may have been added then
   */
  static void addTo(GraphSums graph, byte[] bytes) throws IOException {
    try (var in = new DataInputStream(new InflaterInputStream(new ByteArrayInputStream(bytes)))) {
      for (int left = in.readInt(); left > 0; left--) {
        NodeId node = readNode(in);
        CallStatistics statistics = readStatistics(in);
        graph.addRequests(node, statistics, readSketch(in));
      }
      for (int left = in.readInt(); left > 0; left--) {
        NodeId caller = readNode(in);
        NodeId callee = readNode(in);
        NodeId alias = in.readBoolean() ? readNode(in) : null;
        CallStatistics statistics = readStatistics(in);
        graph.addCalls(caller, callee, alias, statistics, readSketch(in));
      }
    }
  }

  private static void write(DataOutputStream out, NodeId node) throws IOException {
    write(out, node.name());
    write(out, node.type());
  }

  private static NodeId readNode(DataInputStream in) throws IOException {
    return new NodeId(readText(in), readText(in));
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }

  private static String readText(DataInputStream in) throws IOException {
    int length = in.readInt();
    byte[] utf8 = in.readNBytes(length);
    if (utf8.length < length) {
      throw new IOException("text: " + utf8.length + " bytes (expected: " + length + ")");
    }
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private static void write(DataOutputStream out, Sum sum) throws IOException {
    CallStatistics statistics = sum.calls.build();
    out.writeLong(statistics.okCount());
    out.writeLong(statistics.errorCount());
    out.writeLong(statistics.throttleCount());
    out.writeLong(statistics.faultCount());
    out.writeLong(statistics.totalDurationNanos());
    write(out, statistics.latency());
    write(out, sum.other);
  }

  private static CallStatistics readStatistics(DataInputStream in) throws IOException {
    return new CallStatistics(
        in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readLong(), readSketch(in));
  }

  private static void write(DataOutputStream out, LatencySketch sketch) throws IOException {
    out.writeInt(sketch.bucketCount());
    for (int i = 0; i < sketch.bucketCount(); i++) {
      out.writeShort(sketch.bucket(i));
      out.writeLong(sketch.countAt(i));
    }
  }

  private static LatencySketch readSketch(DataInputStream in) throws IOException {
    LatencySketch sketch = new LatencySketch();
    for (int left = in.readInt(); left > 0; left--) {
      int bucket = in.readShort();
      sketch.addBucket(bucket, in.readLong());
    }
    return sketch;
  }
}
