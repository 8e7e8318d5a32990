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
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.query.TraceTree;
import io.roentgen.server.intake.Deadline;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceStore;
import io.roentgen.store.TraceSummary;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One trace: as a skeleton that stays small however many spans there are, and span by span. */
final class TraceRoutes {
  static final List<String> RANK = List.of("period");
  static final List<String> RAW = List.of("form");

  private static final Map<String, Boolean> FORMS =
      new TreeMap<>(Map.of("xray", true, "otlp", false));
  private static final long DEFAULT_PERIOD_NANOS = 3_600_000_000_000L;
  private static final long MAX_PERIOD_NANOS = 7 * 24 * DEFAULT_PERIOD_NANOS;

  /** How long spans may be told of from a trace that was read before. */
  private static final long KEEP_MILLIS = 30_000;

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
    new SkeletonJson(tree, summary).write(summary, json);
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

  /** Answers with the whole trace in the form of one of the protocols. */
  void rawTrace(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    boolean xray = !Boolean.FALSE.equals(parameters.choice("form", FORMS));
    List<Span> spans = load(traceId(context)).spans();
    json.writeStartObject();
    json.writeNumberField("spanCount", spans.size());
    json.writeArrayFieldStart("documents");
    if (xray) {
      for (SegmentDocument document : SegmentWriter.documents(spans)) {
        json.writeString(document.document());
      }
    } else {
      json.writeString(OtlpEncoder.encodeJson(spans));
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** Answers how long a span took beside others of its operation, before it ended. */
  void rank(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    Long given = parameters.duration("period");
    long period = given == null ? DEFAULT_PERIOD_NANOS : given;
    if (period < 1 || period > MAX_PERIOD_NANOS) {
      throw ApiException.invalid(
          "period", String.valueOf(parameters.text("period")), "more than 0 and at most 168h");
    }
    Span span = node(context).span();
    // Its trace began no later than it, so that it would have been counted.
    long end = span.startEpochNanos() + span.durationNanos() + 1;
    TimeRange range = new TimeRange(Math.max(0, end - period), end);
    SpanRank.of(store.reader(), traceId(context), span, range, Deadline.of(context)).write(json);
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

  /** Returns the status of a call by its name in gRPC, or HTTP's number; null if there is none. */
  static @Nullable String status(Span span) {
    String grpc = text(span, "rpc.response.status_code", "rpc.grpc.status_code");
    if (grpc != null) {
      int code = GrpcStatus.ofText(grpc);
      return code >= 0 && code < GrpcStatus.names().size() ? GrpcStatus.names().get(code) : grpc;
    }
    // Of an attempt, which the kit tells by name.
    return text(span, "http.response.status_code", "http.status_code", "grpc.status");
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
}
