// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.codec.otlp.OtlpEncoder;
import io.roentgen.codec.xray.SegmentDocument;
import io.roentgen.codec.xray.SegmentWriter;
import io.roentgen.model.GrpcStatus;
import io.roentgen.model.Hex;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.query.CriticalPath;
import io.roentgen.query.TraceTree;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceStore;
import io.roentgen.store.TraceSummary;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** One trace: as a skeleton that stays small however many spans there are, and span by span. */
final class TraceRoutes {
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

  /** How long spans may be told of from a trace that was read before. */
  private static final long KEEP_MILLIS = 30_000;

  private static final long MICROS = 1_000;

  private final TraceStore store;
  private final InstantSource clock;

  /** The last trace that someone looked at, as they look at its spans next. */
  private volatile Recent recent = new Recent(0, new SoftReference<>(null));

  private record Recent(long untilMillis, SoftReference<TraceTree> tree) {}

  TraceRoutes(TraceStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  /** Answers with the whole trace. */
  void trace(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    Trace trace = load(traceId(context));
    new ModelJson(json).trace(TraceTree.assemble(trace), trace.summary());
  }

  /** Answers with columns: a member of the same index in each of them belongs to one span. */
  void skeleton(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    Trace trace = load(traceId(context));
    TraceTree tree = TraceTree.assemble(trace);
    keep(tree);
    TraceSummary summary = trace.summary();
    List<TraceTree.Node> nodes = tree.nodes();
    int root = rootOf(tree, summary);
    Texts services = new Texts();
    Texts names = new Texts();
    Texts statuses = new Texts();
    int[] status = new int[nodes.size()];
    StringBuilder ids = new StringBuilder(nodes.size() * 16);
    for (int i = 0; i < nodes.size(); i++) {
      Span span = nodes.get(i).span();
      ids.append(span.spanId().toHex());
      String label = status(span);
      status[i] = label == null ? -1 : statuses.of(label);
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
    json.writeStringField("spanIds", ids.toString());
    ints(json, "parents", nodes, TraceTree.Node::parentIndex);
    json.writeArrayFieldStart("startMicros");
    for (TraceTree.Node node : nodes) {
      micros(json, node.startEpochNanos() - tree.startEpochNanos());
    }
    json.writeEndArray();
    json.writeArrayFieldStart("durationMicros");
    for (TraceTree.Node node : nodes) {
      micros(json, node.span().durationNanos());
    }
    json.writeEndArray();
    ints(json, "services", nodes, node -> services.of(node.service()));
    ints(json, "names", nodes, node -> names.of(node.span().name()));
    ints(json, "kinds", nodes, node -> node.span().kind().number());
    ints(json, "flags", nodes, TraceRoutes::flags);
    json.writeFieldName("statuses");
    json.writeArray(status, 0, status.length);
    services.write(json, "serviceTexts");
    names.write(json, "nameTexts");
    statuses.write(json, "statusTexts");
    json.writeArrayFieldStart("criticalPath");
    for (CriticalPath.Stretch stretch : CriticalPath.of(tree, root)) {
      json.writeStartObject();
      json.writeNumberField("span", stretch.node());
      json.writeFieldName("startMicros");
      micros(json, stretch.startEpochNanos() - tree.startEpochNanos());
      json.writeFieldName("durationMicros");
      micros(json, stretch.endEpochNanos() - stretch.startEpochNanos());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** Answers with all that is known of one span. */
  void span(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    new ModelJson(json).span(node(context));
  }

  /** Answers with one span in the form of each protocol. */
  void raw(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    List<Span> alone = List.of(node(context).span());
    json.writeStartObject();
    json.writeArrayFieldStart("xray");
    for (SegmentDocument document : SegmentWriter.documents(alone)) {
      json.writeString(document.document());
    }
    json.writeEndArray();
    json.writeStringField("otlp", OtlpEncoder.encodeJson(alone));
    json.writeEndObject();
  }

  private TraceTree.Node node(ServiceRequestContext context) {
    TraceId traceId = traceId(context);
    String text = Objects.requireNonNull(context.pathParam("spanId"), "spanId");
    TraceTree tree = kept(traceId);
    TraceTree.Node node = tree == null ? null : find(tree, text);
    if (node == null) {
      tree = TraceTree.assemble(load(traceId));
      keep(tree);
      node = find(tree, text);
    }
    if (node == null) {
      throw new ApiException(
          HttpStatus.NOT_FOUND,
          "span_not_found",
          "spanId",
          "spanId: '"
              + Hex.quote(text)
              + "' (expected: the id of a span of trace "
              + traceId.toXRay()
              + ")");
    }
    return node;
  }

  private static TraceTree.@Nullable Node find(TraceTree tree, String spanId) {
    for (TraceTree.Node node : tree.nodes()) {
      if (node.span().spanId().toHex().equals(spanId)) {
        return node;
      }
    }
    return null;
  }

  private void keep(TraceTree tree) {
    recent = new Recent(clock.millis() + KEEP_MILLIS, new SoftReference<>(tree));
  }

  private @Nullable TraceTree kept(TraceId traceId) {
    Recent last = recent;
    TraceTree tree = last.tree().get();
    return tree != null && tree.traceId().equals(traceId) && clock.millis() < last.untilMillis()
        ? tree
        : null;
  }

  private static TraceId traceId(ServiceRequestContext context) {
    String text = Objects.requireNonNull(context.pathParam("id"), "id");
    TraceId traceId = TraceId.parseOrNull(text);
    if (traceId == null) {
      throw ApiException.invalid("id", text, "1-8hex-24hex, or 32 or 16 hex digits, not all zero");
    }
    return traceId;
  }

  private Trace load(TraceId traceId) {
    return store
        .reader()
        .find(traceId)
        .orElseThrow(
            () ->
                new ApiException(
                    HttpStatus.NOT_FOUND,
                    "trace_not_found",
                    "id",
                    "trace "
                        + traceId.toXRay()
                        + ": not found; it may be still on its way, past retention, or was"
                        + " never sampled"));
  }

  /** Returns the place of the span that stands for the request. */
  static int rootOf(TraceTree tree, TraceSummary summary) {
    SpanId id = summary.root().spanId();
    List<TraceTree.Node> nodes = tree.nodes();
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
    boolean exception =
        span.events().stream().anyMatch(event -> event.name().equals("exception"))
            || span.document().contains("\"exceptions\"");
    return exception ? flags | EXCEPTION : flags;
  }

  /** Returns the status of a call by its name in gRPC, or HTTP's number; null if there is none. */
  static @Nullable String status(Span span) {
    String grpc = text(span, "rpc.response.status_code", "rpc.grpc.status_code");
    if (grpc != null) {
      int code = GrpcStatus.ofText(grpc);
      return code >= 0 && code < GrpcStatus.names().size() ? GrpcStatus.names().get(code) : grpc;
    }
    return text(span, "http.response.status_code", "http.status_code");
  }

  /**
   * Returns the name of the gRPC status that a span ended with, or null if it is of no gRPC call.
   */
  static @Nullable String grpcStatus(Span span) {
    return text(span, "rpc.response.status_code", "rpc.grpc.status_code") == null
        ? null
        : status(span);
  }

  private static @Nullable String text(Span span, String... keys) {
    for (String key : keys) {
      switch (span.attributes().get(key)) {
        case Value.LongValue(long number) -> {
          return Long.toString(number);
        }
        case Value.StringValue(String string) -> {
          return string;
        }
        case null, default -> {}
      }
    }
    return null;
  }

  private static void ints(
      JsonGenerator json,
      String name,
      List<TraceTree.Node> nodes,
      ToIntFunction<TraceTree.Node> value)
      throws IOException {
    json.writeFieldName(name);
    json.writeArray(nodes.stream().mapToInt(value).toArray(), 0, nodes.size());
  }

  /** Writes nanoseconds as microseconds, exactly. */
  private static void micros(JsonGenerator json, long nanos) throws IOException {
    long part = Math.floorMod(nanos, MICROS);
    if (part == 0) {
      json.writeNumber(nanos / MICROS);
    } else {
      json.writeNumber(BigDecimal.valueOf(nanos, 3));
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
