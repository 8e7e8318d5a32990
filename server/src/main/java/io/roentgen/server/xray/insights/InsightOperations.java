// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.insights;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.model.NodeId;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import io.roentgen.query.insight.Insight;
import io.roentgen.query.insight.Insight.Impact;
import io.roentgen.server.intake.Deadline;
import io.roentgen.server.xray.graph.Graphs;
import io.roentgen.server.xray.groups.Filters;
import io.roentgen.server.xray.groups.Group;
import io.roentgen.server.xray.groups.Groups;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.OperationTable;
import io.roentgen.server.xray.protocol.PageToken;
import io.roentgen.server.xray.protocol.Times;
import io.roentgen.server.xray.protocol.XRayException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The four operations about insights. */
public final class InsightOperations {
  private static final String SUMMARIES = "GetInsightSummaries";
  private static final String EVENTS = "GetInsightEvents";
  private static final int MAX_SUMMARIES = 100;
  private static final int MAX_EVENTS = 50;
  private static final int ID_LENGTH = 36;
  private static final Duration MAX_GRAPH_RANGE = Duration.ofHours(6);

  private final InsightDocuments documents;
  private final Groups groups;
  private final Filters filters;
  private final Graphs graphs;

  private InsightOperations(
      InsightDocuments documents, Groups groups, Filters filters, Graphs graphs) {
    this.documents = documents;
    this.groups = groups;
    this.filters = filters;
    this.graphs = graphs;
  }

  /** Adds them. */
  public static void addTo(
      OperationTable table,
      InsightDocuments documents,
      Groups groups,
      Filters filters,
      Graphs graphs) {
    var operations = new InsightOperations(documents, groups, filters, graphs);
    table.add("GetInsight", "/Insight", operations::getInsight);
    table.add(EVENTS, "/InsightEvents", operations::getInsightEvents);
    table.add(SUMMARIES, "/InsightSummaries", operations::getInsightSummaries);
    table.addSearch(
        "GetInsightImpactGraph", "/InsightImpactGraph", operations::getInsightImpactGraph);
  }

  private GroupInsight required(Members request) {
    String id = request.requiredText("InsightId", 1, ID_LENGTH);
    try {
      return documents.find(UUID.fromString(id)).orElseThrow(() -> unknown(request, id));
    } catch (IllegalArgumentException notAnId) {
      throw unknown(request, id);
    }
  }

  private static XRayException unknown(Members request, String id) {
    return request.invalid("InsightId", id, "the id of an insight that is there");
  }

  private void getInsight(Members request, JsonGenerator json) throws IOException {
    GroupInsight found = required(request);
    json.writeObjectFieldStart("Insight");
    insight(json, found);
    json.writeEndObject();
  }

  private void getInsightSummaries(Members request, JsonGenerator json) throws IOException {
    TimeRange range = request.requiredRange();
    Group group = groups.named(request);
    if (group == null) {
      throw XRayException.invalid("GroupName: missing (expected: GroupName or GroupARN)");
    }
    Set<Insight.State> states = states(request);
    List<GroupInsight> all =
        documents.all().stream()
            .filter(each -> each.groupName().equals(group.name()))
            .filter(each -> states.contains(each.insight().state()))
            .filter(each -> overlaps(each.insight(), range))
            .toList();
    Page page = page(request, SUMMARIES, all.size(), MAX_SUMMARIES);
    json.writeArrayFieldStart("InsightSummaries");
    for (GroupInsight each : all.subList(page.from, page.to)) {
      json.writeStartObject();
      insight(json, each);
      Times.writeNanos(json, "LastUpdateTime", each.insight().updatedEpochNanos());
      json.writeEndObject();
    }
    json.writeEndArray();
    page.next(json);
  }

  private static Set<Insight.State> states(Members request) {
    if (!request.has("States")) {
      return Set.of(Insight.State.values());
    }
    Set<Insight.State> states = new HashSet<>();
    for (String state : request.requiredTexts("States", 0, 1, "ACTIVE".length())) {
      switch (state) {
        case "ACTIVE" -> states.add(Insight.State.ACTIVE);
        case "CLOSED" -> states.add(Insight.State.CLOSED);
        default -> throw request.invalid("States", state, "ACTIVE or CLOSED");
      }
    }
    return states.isEmpty() ? Set.of(Insight.State.values()) : states;
  }

  private static boolean overlaps(Insight insight, TimeRange range) {
    Long end = insight.endEpochNanos();
    return insight.startEpochNanos() < range.endEpochNanos()
        && (end == null || end > range.startEpochNanos());
  }

  private void getInsightEvents(Members request, JsonGenerator json) throws IOException {
    Insight insight = required(request).insight();
    List<Insight.Event> newestFirst = insight.events().reversed();
    Page page = page(request, EVENTS, newestFirst.size(), MAX_EVENTS);
    json.writeArrayFieldStart("InsightEvents");
    for (Insight.Event event : newestFirst.subList(page.from, page.to)) {
      json.writeStartObject();
      json.writeStringField("Summary", event.summary());
      Times.writeNanos(json, "EventTime", event.epochNanos());
      impacts(json, event.clientImpact(), event.rootCauseImpact(), event.anomalous());
      json.writeEndObject();
    }
    json.writeEndArray();
    page.next(json);
  }

  private void getInsightImpactGraph(Members request, JsonGenerator json) throws IOException {
    GroupInsight found = required(request);
    Insight insight = found.insight();
    TimeRange range = request.requiredRange();
    if (range.endEpochNanos() - range.startEpochNanos() > MAX_GRAPH_RANGE.toNanos()) {
      throw XRayException.invalid(
          "EndTime: more than 6 hours after StartTime (expected: at most that)");
    }
    PageToken.refuseAny(request);
    Group group = groups.find(found.groupName());
    ServiceGraph graph = graphs.graph(range, filters.of(group), Deadline.ofRequest());
    Set<NodeId> affected = affected(insight, graph);
    Map<NodeId, Integer> numbers = new HashMap<>();
    affected.forEach(node -> numbers.put(node, numbers.size()));
    json.writeStringField("InsightId", insight.id().toString());
    Times.writeNanos(json, "StartTime", range.startEpochNanos());
    Times.writeNanos(json, "EndTime", range.endEpochNanos());
    Times.writeNanos(json, "ServiceGraphStartTime", range.startEpochNanos());
    Times.writeNanos(json, "ServiceGraphEndTime", range.endEpochNanos());
    json.writeArrayFieldStart("Services");
    for (NodeId node : affected) {
      json.writeStartObject();
      json.writeNumberField("ReferenceId", Objects.requireNonNull(numbers.get(node)));
      serviceId(json, node);
      json.writeArrayFieldStart("Edges");
      for (ServiceGraph.Edge edge : graph.edges()) {
        if (edge.caller().equals(node) && affected.contains(edge.callee())) {
          json.writeStartObject();
          json.writeNumberField("ReferenceId", Objects.requireNonNull(numbers.get(edge.callee())));
          json.writeEndObject();
        }
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Returns the unusual nodes of the graph, and clients that call them. */
  private static Set<NodeId> affected(Insight insight, ServiceGraph graph) {
    Set<NodeId> affected = new TreeSet<>();
    for (ServiceGraph.Node node : graph.nodes()) {
      if (insight.anomalous().contains(node.id())) {
        affected.add(node.id());
      }
    }
    for (ServiceGraph.Edge edge : graph.edges()) {
      if (edge.caller().type().equals(NodeId.CLIENT) && affected.contains(edge.callee())) {
        affected.add(edge.caller());
      }
    }
    return affected;
  }

  private void insight(JsonGenerator json, GroupInsight found) throws IOException {
    Insight insight = found.insight();
    json.writeStringField("InsightId", insight.id().toString());
    Group group = groups.find(found.groupName());
    if (group != null) {
      json.writeStringField("GroupARN", groups.arn(group));
    }
    json.writeStringField("GroupName", found.groupName());
    json.writeObjectFieldStart("RootCauseServiceId");
    serviceId(json, insight.rootCause());
    json.writeEndObject();
    json.writeArrayFieldStart("Categories");
    for (Insight.Category category : insight.categories()) {
      json.writeString(category.name());
    }
    json.writeEndArray();
    json.writeStringField("State", insight.state().name());
    Times.writeNanos(json, "StartTime", insight.startEpochNanos());
    Long end = insight.endEpochNanos();
    if (end != null) {
      Times.writeNanos(json, "EndTime", end);
    }
    json.writeStringField("Summary", insight.summary());
    impacts(json, insight.clientImpact(), insight.rootCauseImpact(), insight.anomalous());
  }

  private static void impacts(
      JsonGenerator json, Impact client, Impact rootCause, List<NodeId> anomalous)
      throws IOException {
    impact(json, "ClientRequestImpactStatistics", client);
    impact(json, "RootCauseServiceRequestImpactStatistics", rootCause);
    json.writeArrayFieldStart("TopAnomalousServices");
    for (NodeId node : anomalous) {
      json.writeStartObject();
      json.writeObjectFieldStart("ServiceId");
      serviceId(json, node);
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void impact(JsonGenerator json, String name, Impact impact) throws IOException {
    json.writeObjectFieldStart(name);
    json.writeNumberField("FaultCount", impact.faultCount());
    json.writeNumberField("OkCount", impact.okCount());
    json.writeNumberField("TotalCount", impact.totalCount());
    json.writeEndObject();
  }

  private static void serviceId(JsonGenerator json, NodeId node) throws IOException {
    json.writeStringField("Name", node.name());
    json.writeArrayFieldStart("Names");
    json.writeString(node.name());
    json.writeEndArray();
    if (!node.type().isEmpty()) {
      json.writeStringField("Type", node.type());
    }
  }

  /** A stretch of a list. */
  private record Page(int from, int to, @Nullable String token) {
    void next(JsonGenerator json) throws IOException {
      if (token != null) {
        json.writeStringField("NextToken", token);
      }
    }
  }

  private static Page page(Members request, String operation, int count, int max) {
    Integer limit = request.integer("MaxResults", 1, max);
    String token = request.text("NextToken", 1, 2_000);
    int from = 0;
    if (token != null) {
      try {
        from = Integer.parseInt(PageToken.decode(operation, request, token));
      } catch (NumberFormatException notOurs) {
        throw PageToken.refused();
      }
      if (from < 0) {
        throw PageToken.refused();
      }
    }
    // The list may have become shorter.
    from = Math.min(from, count);
    int to = Math.min(count, from + (limit == null ? max : limit));
    return new Page(
        from, to, to == count ? null : PageToken.encode(operation, request, Integer.toString(to)));
  }
}
