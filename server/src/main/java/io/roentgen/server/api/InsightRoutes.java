// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.model.NodeId;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.query.insight.Insight;
import io.roentgen.query.insight.Insight.Impact;
import io.roentgen.server.xray.insights.GroupInsight;
import io.roentgen.server.xray.insights.InsightDocuments;
import io.roentgen.server.xray.insights.InsightExample;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What was unusual, when, and which traces show it. */
final class InsightRoutes {
  static final List<String> SEARCH = List.of("start", "end", "group", "state");

  private static final Map<String, Insight.State> STATES = new LinkedHashMap<>();

  static {
    for (Insight.State state : Insight.State.values()) {
      STATES.put(ModelJson.lower(state), state);
    }
  }

  private final InsightDocuments documents;

  InsightRoutes(InsightDocuments documents) {
    this.documents = documents;
  }

  void list(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    TimeRange range = parameters.range();
    String group = parameters.text("group");
    Insight.State state = parameters.choice("state", STATES);
    json.writeStartObject();
    json.writeArrayFieldStart("insights");
    for (GroupInsight each : documents.all()) {
      if ((group == null || group.equals(each.groupName()))
          && (state == null || state == each.insight().state())
          && overlaps(each.insight(), range)) {
        write(each, json);
      }
    }
    json.writeEndArray();
    ApiRoutes.range(new ModelJson(json), range);
    json.writeEndObject();
  }

  private static boolean overlaps(Insight insight, TimeRange range) {
    Long end = insight.endEpochNanos();
    return insight.startEpochNanos() < range.endEpochNanos()
        && (end == null || end > range.startEpochNanos());
  }

  void one(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    String text = Objects.requireNonNull(context.pathParam("id"), "id");
    write(
        documents
            .find(id(text))
            .orElseThrow(
                () ->
                    new ApiException(
                        HttpStatus.NOT_FOUND,
                        "insight_not_found",
                        "id",
                        "insight " + text + ": not found; insights are kept for 30 days")),
        json);
  }

  private static UUID id(String text) {
    try {
      UUID id = UUID.fromString(text);
      if (id.toString().equalsIgnoreCase(text)) {
        return id;
      }
    } catch (IllegalArgumentException notAnId) {
      throw badId(text);
    }
    throw badId(text);
  }

  private static ApiException badId(String text) {
    return ApiException.invalid("id", text, "the id of an insight, a UUID of 36 characters");
  }

  private static void write(GroupInsight found, JsonGenerator json) throws IOException {
    Insight insight = found.insight();
    ModelJson model = new ModelJson(json);
    json.writeStartObject();
    json.writeStringField("id", insight.id().toString());
    json.writeStringField("group", found.groupName());
    json.writeStringField("state", ModelJson.lower(insight.state()));
    json.writeArrayFieldStart("categories");
    for (Insight.Category category : insight.categories()) {
      json.writeString(ModelJson.lower(category));
    }
    json.writeEndArray();
    json.writeStringField("summary", insight.summary());
    model.nanos("startEpochNanos", insight.startEpochNanos());
    Long end = insight.endEpochNanos();
    if (end != null) {
      model.nanos("endEpochNanos", end);
    }
    model.nanos("updatedEpochNanos", insight.updatedEpochNanos());
    json.writeFieldName("rootCause");
    node(insight.rootCause(), json);
    numbers(insight.clientImpact(), insight.rootCauseImpact(), insight.anomalous(), json);
    Long slow = insight.slowNanos();
    if (slow != null) {
      model.nanos("slowNanos", slow);
    }
    json.writeArrayFieldStart("exampleTraces");
    for (InsightExample example : found.examples()) {
      json.writeStartObject();
      @Nullable TraceId id = TraceId.parseOrNull(example.traceId());
      json.writeStringField("traceId", example.traceId());
      json.writeStringField("xrayTraceId", id == null ? example.traceId() : id.toXRay());
      json.writeStringField("category", ModelJson.lower(example.category()));
      model.nanos("startEpochNanos", example.startEpochNanos());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("events");
    for (Insight.Event event : insight.events()) {
      json.writeStartObject();
      model.nanos("epochNanos", event.epochNanos());
      json.writeStringField("summary", event.summary());
      numbers(event.clientImpact(), event.rootCauseImpact(), event.anomalous(), json);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void numbers(
      Impact client, Impact rootCause, Collection<NodeId> anomalous, JsonGenerator json)
      throws IOException {
    impact("clientImpact", client, json);
    impact("rootCauseImpact", rootCause, json);
    json.writeArrayFieldStart("anomalous");
    for (NodeId node : anomalous) {
      node(node, json);
    }
    json.writeEndArray();
  }

  private static void impact(String name, Impact impact, JsonGenerator json) throws IOException {
    json.writeObjectFieldStart(name);
    json.writeNumberField("totalCount", impact.totalCount());
    json.writeNumberField("faultCount", impact.faultCount());
    json.writeNumberField("okCount", impact.okCount());
    json.writeEndObject();
  }

  private static void node(NodeId node, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", node.name());
    json.writeStringField("type", node.type());
    json.writeEndObject();
  }
}
