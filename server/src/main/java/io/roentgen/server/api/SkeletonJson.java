// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.model.Span;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.SpanId;
import io.roentgen.model.Value;
import io.roentgen.query.CriticalPath;
import io.roentgen.query.TraceTree;
import io.roentgen.store.TraceSummary;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a trace as columns. Numbers are small where they can be: starts count from the parent's,
 * parents are told by how far above they are, and spans of one service, name and kind share a
 * shape.
 */
final class SkeletonJson {
  static final int ERROR = 1;
  static final int FAULT = 2;
  static final int THROTTLE = 4;
  static final int IN_PROGRESS = 8;
  static final int ORPHAN = 16;
  static final int CYCLE = 32;
  static final int SEGMENT = 64;
  static final int SKEWED = 128;
  static final int EXCEPTION = 256;
  static final int LINKED = 512;
  static final int HEDGE = 1024;
  static final int TRANSPARENT_RETRY = 2048;

  /** Messages of one span that are told of, and of all: the others are in the span's events. */
  private static final int MAX_TICKS = 64;

  private static final int MAX_ALL_TICKS = 20_000;

  private static final String MESSAGE = "message";

  private final TraceTree tree;
  private final List<TraceTree.Node> nodes;
  private final int root;

  private final Texts services = new Texts();
  private final Texts names = new Texts();
  private final Texts statuses = new Texts();
  private final Map<Shape, Integer> shapes = new HashMap<>();
  private final Ints shapeServices = new Ints();
  private final Ints shapeNames = new Ints();
  private final Ints shapeKinds = new Ints();
  private final Ints deadlineSpans = new Ints();
  private final Longs deadlines = new Longs();
  private final Ints attemptSpans = new Ints();
  private final Longs attempts = new Longs();
  private final Ints tickSpans = new Ints();
  private final Ints tickCounts = new Ints();
  private final Longs ticks = new Longs();

  private record Shape(String service, String name, int kind) {}

  SkeletonJson(TraceTree tree, TraceSummary summary) {
    this.tree = tree;
    this.nodes = tree.nodes();
    this.root = rootOf(nodes, summary.root().spanId());
  }

  void write(TraceSummary summary, JsonGenerator json) throws IOException {
    int count = nodes.size();
    byte[] ids = new byte[count * 16];
    int[] above = new int[count];
    long[] starts = new long[count];
    long[] durations = new long[count];
    int[] shape = new int[count];
    int[] flags = new int[count];
    int[] status = new int[count];
    Shape last = null;
    int lastNumber = -1;
    for (int i = 0; i < count; i++) {
      TraceTree.Node node = nodes.get(i);
      Span span = node.span();
      hex(span.spanId().value(), ids, i * 16);
      int parent = node.parentIndex();
      above[i] = parent < 0 ? 0 : i - parent;
      starts[i] =
          node.startEpochNanos()
              - (parent < 0 ? tree.startEpochNanos() : nodes.get(parent).startEpochNanos());
      durations[i] = span.durationNanos();
      Shape own = new Shape(node.service(), span.name(), span.kind().number());
      if (!own.equals(last)) {
        last = own;
        lastNumber = number(own);
      }
      shape[i] = lastNumber;
      GrpcMetadata metadata = GrpcMetadata.of(span);
      String label = TraceRoutes.status(span);
      label = label == null ? metadata.status() : label;
      status[i] = label == null ? -1 : statuses.of(label);
      flags[i] = flags(node) | grpc(i, span, metadata);
    }

    json.writeStartObject();
    json.writeStringField("traceId", tree.traceId().toHex());
    json.writeStringField("xrayTraceId", tree.traceId().toXRay());
    ModelJson model = new ModelJson(json);
    model.nanos("startEpochNanos", tree.startEpochNanos());
    model.nanos("durationNanos", tree.endEpochNanos() - tree.startEpochNanos());
    model.outcome(summary.outcome());
    json.writeBooleanField("inProgress", summary.inProgress());
    json.writeNumberField("root", root);
    json.writeFieldName("spanIds");
    json.writeRawUTF8String(ids, 0, ids.length);
    ints(json, "above", above, count);
    longs(json, "offsetNanos", starts, count);
    longs(json, "lengthNanos", durations, count);
    ints(json, "shapes", shape, count);
    ints(json, "flags", flags, count);
    ints(json, "statuses", status, count);
    shapeServices.write(json, "shapeServices");
    shapeNames.write(json, "shapeNames");
    shapeKinds.write(json, "shapeKinds");
    services.write(json, "serviceTexts");
    names.write(json, "nameTexts");
    statuses.write(json, "statusTexts");
    criticalPath(json);
    deadlineSpans.write(json, "deadlineSpans");
    deadlines.write(json, "deadlineMillis");
    attemptSpans.write(json, "attemptSpans");
    attempts.write(json, "attemptNumbers");
    tickSpans.write(json, "tickSpans");
    tickCounts.write(json, "tickCounts");
    ticks.write(json, "tickNanos");
    json.writeEndObject();
  }

  private void criticalPath(JsonGenerator json) throws IOException {
    List<CriticalPath.Stretch> path = CriticalPath.of(tree, root);
    Ints spans = new Ints();
    Longs lengths = new Longs();
    for (CriticalPath.Stretch stretch : path) {
      spans.add(stretch.node());
      lengths.add(stretch.endEpochNanos() - stretch.startEpochNanos());
    }
    spans.write(json, "pathSpans");
    lengths.write(json, "pathNanos");
    ModelJson model = new ModelJson(json);
    model.nanos(
        "pathStartNanos",
        path.isEmpty() ? 0 : path.getFirst().startEpochNanos() - tree.startEpochNanos());
  }

  private int number(Shape shape) {
    Integer known = shapes.get(shape);
    if (known != null) {
      return known;
    }
    int number = shapes.size();
    shapes.put(shape, number);
    shapeServices.add(services.of(shape.service()));
    shapeNames.add(names.of(shape.name()));
    shapeKinds.add(shape.kind());
    return number;
  }

  /** Returns the place of the span that stands for the request. */
  static int rootOf(List<TraceTree.Node> nodes, SpanId id) {
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).span().spanId().equals(id)) {
        return i;
      }
    }
    return 0;
  }

  private static int flags(TraceTree.Node node) {
    Span span = node.span();
    int flags =
        (span.outcome().error() ? ERROR : 0)
            | (span.outcome().fault() ? FAULT : 0)
            | (span.outcome().throttle() ? THROTTLE : 0)
            | (span.inProgress() ? IN_PROGRESS : 0)
            | (node.placement() == TraceTree.Placement.ORPHAN ? ORPHAN : 0)
            | (node.placement() == TraceTree.Placement.CYCLE ? CYCLE : 0)
            | (span.segment() ? SEGMENT : 0)
            | (node.clockSkewNanos() != 0 ? SKEWED : 0)
            | (span.links().isEmpty() ? 0 : LINKED);
    return hasException(span) ? flags | EXCEPTION : flags;
  }

  private static boolean hasException(Span span) {
    for (SpanEvent event : span.events()) {
      if (event.name().equals("exception")) {
        return true;
      }
    }
    return span.document().contains("\"exceptions\"");
  }

  /** Notes what the kit says of a gRPC call and of its attempts; returns the flags of these. */
  private int grpc(int index, Span span, GrpcMetadata metadata) {
    Map<String, Value> attributes = span.attributes();
    if (attributes.get("grpc.deadline_ms") instanceof Value.LongValue(long millis) && millis >= 0) {
      deadlineSpans.add(index);
      deadlines.add(millis);
    }
    int flags = 0;
    if (attributes.get("grpc.previous_attempts") instanceof Value.LongValue(long previous)
        && previous >= 0) {
      attemptSpans.add(index);
      attempts.add(previous);
      flags =
          (isTrue(attributes.get("grpc.hedge")) ? HEDGE : 0)
              | (isTrue(attributes.get("grpc.transparent_retry")) ? TRANSPARENT_RETRY : 0);
    }
    int told = 0;
    for (SpanEvent event : span.events()) {
      if (event.name().equals(MESSAGE)
          && told < MAX_TICKS
          && ticks.size() < MAX_ALL_TICKS
          && event.attributes().get("rpc.message.type") instanceof Value.StringValue(String type)) {
        long after = Math.max(0, event.epochNanos() - span.startEpochNanos());
        ticks.add(type.equals("RECEIVED") ? Math.min(-1, -after) : after);
        told++;
      }
    }
    for (GrpcMetadata.Message message : metadata.messages()) {
      if (told < MAX_TICKS && ticks.size() < MAX_ALL_TICKS) {
        ticks.add(message.received() ? Math.min(-1, -message.nanos()) : message.nanos());
        told++;
      }
    }
    if (told > 0) {
      tickSpans.add(index);
      tickCounts.add(told);
    }
    return flags;
  }

  private static boolean isTrue(@Nullable Value value) {
    return value instanceof Value.BooleanValue(boolean on) && on;
  }

  private static void hex(long value, byte[] target, int at) {
    for (int i = 15; i >= 0; i--) {
      int digit = (int) (value & 15);
      target[at + i] = (byte) (digit < 10 ? '0' + digit : 'a' + digit - 10);
      value >>>= 4;
    }
  }

  private static void ints(JsonGenerator json, String name, int[] values, int count)
      throws IOException {
    json.writeFieldName(name);
    json.writeArray(values, 0, count);
  }

  private static void longs(JsonGenerator json, String name, long[] values, int count)
      throws IOException {
    json.writeFieldName(name);
    json.writeArray(values, 0, count);
  }

  /** A column that grows. */
  private static final class Ints {
    private int[] values = new int[16];
    private int size;

    void add(int value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
      }
      values[size++] = value;
    }

    void write(JsonGenerator json, String name) throws IOException {
      ints(json, name, values, size);
    }
  }

  /** A column that grows. */
  private static final class Longs {
    private long[] values = new long[16];
    private int size;

    void add(long value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
      }
      values[size++] = value;
    }

    int size() {
      return size;
    }

    void write(JsonGenerator json, String name) throws IOException {
      longs(json, name, values, size);
    }
  }

  /** Texts by number, each once. */
  private static final class Texts {
    private final Map<String, Integer> numbers = new LinkedHashMap<>();

    int of(String text) {
      Integer known = numbers.putIfAbsent(text, numbers.size());
      return known == null ? numbers.size() - 1 : known;
    }

    void write(JsonGenerator json, String name) throws IOException {
      json.writeArrayFieldStart(name);
      for (String text : numbers.keySet()) {
        json.writeString(text);
      }
      json.writeEndArray();
    }
  }
}
