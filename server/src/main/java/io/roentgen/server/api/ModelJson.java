// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.model.CallStatistics;
import io.roentgen.model.LatencySketch;
import io.roentgen.model.NodeId;
import io.roentgen.model.Outcome;
import io.roentgen.model.Resource;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Scope;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.Span;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanLink;
import io.roentgen.model.Value;
import io.roentgen.query.TraceTree;
import io.roentgen.store.TraceSummary;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the model as the API shows it.
 *
 * <p>One style throughout: names in camel case with the unit at the end; 64-bit numbers (everything
 * that ends in {@code Nanos}, and long attributes) as strings of decimal digits, since many JSON
 * readers keep only 53 bits; enums in lower case; texts that are empty, and counts of what a sender
 * left out that are zero, are not written.
 */
final class ModelJson {
  private final JsonGenerator json;

  ModelJson(JsonGenerator json) {
    this.json = json;
  }

  void nanos(String name, long value) throws IOException {
    json.writeStringField(name, Long.toString(value));
  }

  /**
   * Writes a summary.
   *
   * @param grpcStatus the name of the status that the request ended with, or null
   * @param fields of each field that was asked for, its values with the filters that find them;
   *     null if none was
   */
  void summary(
      TraceSummary summary,
      @Nullable String grpcStatus,
      @Nullable Map<String, Map<String, String>> fields)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("traceId", summary.traceId().toHex());
    json.writeStringField("xrayTraceId", summary.traceId().toXRay());
    nanos("startEpochNanos", summary.startEpochNanos());
    nanos("endEpochNanos", summary.endEpochNanos());
    nanos("durationNanos", Math.max(0, summary.endEpochNanos() - summary.startEpochNanos()));
    TraceSummary.Root root = summary.root();
    json.writeObjectFieldStart("root");
    json.writeStringField("spanId", root.spanId().toHex());
    json.writeStringField("service", root.service());
    json.writeStringField("name", root.name());
    nanos("durationNanos", root.durationNanos());
    outcome(root.outcome());
    if (grpcStatus != null) {
      json.writeStringField("grpcStatus", grpcStatus);
    }
    json.writeEndObject();
    json.writeNumberField("spanCount", summary.spanCount());
    outcome(summary.outcome());
    json.writeBooleanField("inProgress", summary.inProgress());
    services(summary);
    if (fields != null) {
      json.writeObjectFieldStart("fields");
      for (Map.Entry<String, Map<String, String>> field : fields.entrySet()) {
        json.writeArrayFieldStart(field.getKey());
        for (Map.Entry<String, String> value : field.getValue().entrySet()) {
          json.writeStartObject();
          json.writeStringField("value", value.getKey());
          json.writeStringField("clause", value.getValue());
          json.writeEndObject();
        }
        json.writeEndArray();
      }
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  void trace(TraceTree tree, TraceSummary summary) throws IOException {
    json.writeStartObject();
    json.writeStringField("traceId", tree.traceId().toHex());
    json.writeStringField("xrayTraceId", tree.traceId().toXRay());
    nanos("startEpochNanos", tree.startEpochNanos());
    nanos("endEpochNanos", tree.endEpochNanos());
    nanos("durationNanos", tree.endEpochNanos() - tree.startEpochNanos());
    json.writeNumberField("spanCount", tree.nodes().size());
    outcome(summary.outcome());
    json.writeBooleanField("inProgress", summary.inProgress());
    services(summary);
    Map<ResourceScope, Integer> scopes = new LinkedHashMap<>();
    json.writeArrayFieldStart("spans");
    for (TraceTree.Node node : tree.nodes()) {
      Integer known = scopes.putIfAbsent(node.span().resourceScope(), scopes.size());
      node(node, known == null ? scopes.size() - 1 : known);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("resourceScopes");
    for (ResourceScope scope : scopes.keySet()) {
      resourceScope(scope);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** Writes a span by itself, with its resource and scope. */
  void span(TraceTree.Node node) throws IOException {
    json.writeStartObject();
    json.writeFieldName("span");
    node(node, 0);
    json.writeFieldName("resourceScope");
    resourceScope(node.span().resourceScope());
    json.writeEndObject();
  }

  private void services(TraceSummary summary) throws IOException {
    json.writeArrayFieldStart("services");
    for (String service : summary.services()) {
      json.writeString(service);
    }
    json.writeEndArray();
  }

  private void node(TraceTree.Node node, int resourceScope) throws IOException {
    Span span = node.span();
    json.writeStartObject();
    json.writeStringField("spanId", span.spanId().toHex());
    SpanId parent = span.parentSpanId();
    if (parent != null) {
      json.writeStringField("parentSpanId", parent.toHex());
    }
    json.writeStringField("placement", lower(node.placement()));
    if (node.parentIndex() >= 0) {
      json.writeNumberField("parentIndex", node.parentIndex());
    }
    json.writeNumberField("depth", node.depth());
    json.writeNumberField("childCount", node.childCount());
    json.writeStringField("service", node.service());
    text("serviceType", span.serviceType());
    json.writeStringField("name", span.name());
    json.writeStringField("kind", lower(span.kind()));
    json.writeBooleanField("segment", span.segment());
    nanos("startEpochNanos", span.startEpochNanos());
    json.writeBooleanField("inProgress", span.inProgress());
    if (!span.inProgress()) {
      nanos("endEpochNanos", span.endEpochNanos());
      nanos("durationNanos", span.durationNanos());
    }
    nanos("clockSkewNanos", node.clockSkewNanos());
    outcome(span.outcome());
    json.writeStringField("statusCode", lower(span.statusCode()));
    text("statusMessage", span.statusMessage());
    text("peerName", span.peerName());
    text("peerType", span.peerType());
    json.writeNumberField("flags", Integer.toUnsignedLong(span.flags()));
    text("traceState", span.traceState());
    attributes(span.attributes(), span.droppedAttributesCount());
    json.writeArrayFieldStart("events");
    for (SpanEvent event : span.events()) {
      json.writeStartObject();
      nanos("epochNanos", event.epochNanos());
      json.writeStringField("name", event.name());
      attributes(event.attributes(), event.droppedAttributesCount());
      json.writeEndObject();
    }
    json.writeEndArray();
    dropped("droppedEventsCount", span.droppedEventsCount());
    json.writeArrayFieldStart("links");
    for (SpanLink link : span.links()) {
      json.writeStartObject();
      json.writeStringField("traceId", link.traceId().toHex());
      json.writeStringField("spanId", link.spanId().toHex());
      text("traceState", link.traceState());
      json.writeNumberField("flags", Integer.toUnsignedLong(link.flags()));
      attributes(link.attributes(), link.droppedAttributesCount());
      json.writeEndObject();
    }
    json.writeEndArray();
    dropped("droppedLinksCount", span.droppedLinksCount());
    json.writeNumberField("resourceScope", resourceScope);
    json.writeStringField("format", lower(span.format()));
    text("document", span.document());
    if (!span.raw().isEmpty()) {
      json.writeBinaryField("raw", span.raw().bytes());
    }
    json.writeEndObject();
  }

  private void resourceScope(ResourceScope resourceScope) throws IOException {
    Resource resource = resourceScope.resource();
    Scope scope = resourceScope.scope();
    json.writeStartObject();
    json.writeObjectFieldStart("resource");
    attributes(resource.attributes(), resource.droppedAttributesCount());
    text("schemaUrl", resource.schemaUrl());
    json.writeEndObject();
    json.writeObjectFieldStart("scope");
    text("name", scope.name());
    text("version", scope.version());
    attributes(scope.attributes(), scope.droppedAttributesCount());
    text("schemaUrl", scope.schemaUrl());
    json.writeEndObject();
    json.writeEndObject();
  }

  private void attributes(Map<String, Value> attributes, int droppedCount) throws IOException {
    json.writeFieldName("attributes");
    values(attributes);
    dropped("droppedAttributesCount", droppedCount);
  }

  private void values(Map<String, Value> values) throws IOException {
    json.writeStartObject();
    for (Map.Entry<String, Value> entry : values.entrySet()) {
      json.writeFieldName(entry.getKey());
      value(entry.getValue());
    }
    json.writeEndObject();
  }

  private void value(Value value) throws IOException {
    json.writeStartObject();
    switch (value) {
      case Value.StringValue string -> {
        json.writeStringField("type", "string");
        json.writeStringField("value", string.value());
      }
      case Value.LongValue number -> {
        json.writeStringField("type", "long");
        json.writeStringField("value", Long.toString(number.value()));
      }
      case Value.DoubleValue number -> {
        json.writeStringField("type", "double");
        if (Double.isFinite(number.value())) {
          json.writeNumberField("value", number.value());
        } else {
          json.writeStringField("value", Double.toString(number.value()));
        }
      }
      case Value.BooleanValue flag -> {
        json.writeStringField("type", "boolean");
        json.writeBooleanField("value", flag.value());
      }
      case Value.BytesValue bytes -> {
        json.writeStringField("type", "bytes");
        json.writeBinaryField("value", bytes.value());
      }
      case Value.ArrayValue array -> {
        json.writeStringField("type", "array");
        json.writeArrayFieldStart("value");
        for (Value each : array.values()) {
          value(each);
        }
        json.writeEndArray();
      }
      case Value.MapValue map -> {
        json.writeStringField("type", "map");
        json.writeFieldName("value");
        values(map.values());
      }
      case Value.EmptyValue _ -> json.writeStringField("type", "empty");
    }
    json.writeEndObject();
  }

  void graph(ServiceGraph graph) throws IOException {
    json.writeArrayFieldStart("nodes");
    for (ServiceGraph.Node node : graph.nodes()) {
      json.writeStartObject();
      json.writeStringField("name", node.id().name());
      json.writeStringField("type", node.id().type());
      statistics(node.statistics());
      if (!node.durations().equals(node.statistics().latency())) {
        quantiles("durations", node.durations());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("edges");
    for (ServiceGraph.Edge edge : graph.edges()) {
      json.writeStartObject();
      nodeId("caller", edge.caller());
      nodeId("callee", edge.callee());
      if (edge.isLink()) {
        json.writeBooleanField("link", true);
      }
      statistics(edge.statistics());
      quantiles("ages", edge.ages());
      if (!edge.aliases().isEmpty()) {
        json.writeArrayFieldStart("aliases");
        for (NodeId alias : edge.aliases()) {
          json.writeStartObject();
          nodeId(alias);
          json.writeEndObject();
        }
        json.writeEndArray();
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void nodeId(String name, NodeId id) throws IOException {
    json.writeObjectFieldStart(name);
    nodeId(id);
    json.writeEndObject();
  }

  private void nodeId(NodeId id) throws IOException {
    json.writeStringField("name", id.name());
    json.writeStringField("type", id.type());
  }

  void statistics(CallStatistics statistics) throws IOException {
    json.writeObjectFieldStart("statistics");
    json.writeNumberField("totalCount", statistics.totalCount());
    json.writeNumberField("okCount", statistics.okCount());
    json.writeNumberField("errorCount", statistics.errorCount());
    json.writeNumberField("throttleCount", statistics.throttleCount());
    json.writeNumberField("faultCount", statistics.faultCount());
    nanos("totalDurationNanos", statistics.totalDurationNanos());
    quantiles("latency", statistics.latency());
    json.writeEndObject();
  }

  void quantiles(String name, LatencySketch sketch) throws IOException {
    if (sketch.count() > 0) {
      json.writeObjectFieldStart(name);
      nanos("p50Nanos", Math.round(sketch.quantile(0.5)));
      nanos("p90Nanos", Math.round(sketch.quantile(0.9)));
      nanos("p95Nanos", Math.round(sketch.quantile(0.95)));
      nanos("p99Nanos", Math.round(sketch.quantile(0.99)));
      json.writeEndObject();
    }
  }

  void outcome(Outcome outcome) throws IOException {
    json.writeBooleanField("error", outcome.error());
    json.writeBooleanField("fault", outcome.fault());
    json.writeBooleanField("throttle", outcome.throttle());
  }

  private void text(String name, String value) throws IOException {
    if (!value.isEmpty()) {
      json.writeStringField(name, value);
    }
  }

  private void dropped(String name, int count) throws IOException {
    if (count != 0) {
      json.writeNumberField(name, Integer.toUnsignedLong(count));
    }
  }

  static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
