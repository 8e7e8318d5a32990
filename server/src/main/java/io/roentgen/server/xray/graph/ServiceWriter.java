// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.graph;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.model.CallStatistics;
import io.roentgen.model.NodeId;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import io.roentgen.server.xray.protocol.Times;
import io.roentgen.store.GraphCounter;
import io.roentgen.store.Trace;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes a graph as a list of {@code Service}, nodes by number, each with the edges that go out of
 * it.
 */
public final class ServiceWriter {
  private static final int NANO_DIGITS = 9;

  /** Types of what is only known from its callers. */
  private static final Set<String> SILENT_TYPES = Set.of(NodeId.CLIENT, NodeId.REMOTE, "");

  private final ServiceGraph graph;
  private final TimeRange range;
  private final Map<NodeId, Integer> numbers = new HashMap<>();
  private final Map<NodeId, List<ServiceGraph.Edge>> calls;
  private final Set<NodeId> roots = new HashSet<>();

  /** Makes one for a graph of calls that ended in {@code range}. */
  public ServiceWriter(ServiceGraph graph, TimeRange range) {
    this.graph = graph;
    this.range = range;
    for (ServiceGraph.Node node : graph.nodes()) {
      numbers.put(node.id(), numbers.size());
    }
    calls = graph.edges().stream().collect(Collectors.groupingBy(ServiceGraph.Edge::caller));
    for (ServiceGraph.Edge edge : graph.edges()) {
      if (edge.caller().type().equals(NodeId.CLIENT)) {
        roots.add(edge.callee());
      }
    }
  }

  /** Makes one for all calls of some traces, each of which is looked at once. */
  public static ServiceWriter of(Iterable<Trace> traces) {
    GraphCounter counter = GraphCounter.of(TimeRange.ALL);
    long start = Long.MAX_VALUE;
    long end = 0;
    for (Trace trace : traces) {
      counter.add(trace);
      start = Math.min(start, trace.summary().startEpochNanos());
      end = Math.max(end, trace.summary().endEpochNanos());
    }
    TimeRange range =
        start == Long.MAX_VALUE ? TimeRange.ALL : new TimeRange(start, Math.max(end, start + 1));
    return new ServiceWriter(counter.graph(), range);
  }

  /** Writes a member with all services. */
  public void write(JsonGenerator json, String name) throws IOException {
    json.writeArrayFieldStart(name);
    for (ServiceGraph.Node node : graph.nodes()) {
      service(json, node);
    }
    json.writeEndArray();
  }

  /** Writes a member with a {@code RetrievedService} for each service. */
  public void writeRetrieved(JsonGenerator json, String name) throws IOException {
    json.writeArrayFieldStart(name);
    for (ServiceGraph.Node node : graph.nodes()) {
      json.writeStartObject();
      json.writeFieldName("Service");
      service(json, node);
      json.writeArrayFieldStart("Links");
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void service(JsonGenerator json, ServiceGraph.Node node) throws IOException {
    NodeId id = node.id();
    CallStatistics statistics = node.statistics();
    json.writeStartObject();
    json.writeNumberField("ReferenceId", number(id));
    json.writeStringField("Name", id.name());
    json.writeArrayFieldStart("Names");
    json.writeString(id.name());
    json.writeEndArray();
    json.writeBooleanField("Root", roots.contains(id));
    if (!id.type().isEmpty()) {
      json.writeStringField("Type", id.type());
    }
    json.writeStringField("State", isActive(node) ? "active" : "unknown");
    times(json);
    json.writeArrayFieldStart("Edges");
    for (ServiceGraph.Edge edge : calls.getOrDefault(id, List.of())) {
      edge(json, edge);
    }
    json.writeEndArray();
    if (statistics.totalCount() > 0) {
      statistics(json, "SummaryStatistics", statistics);
      Histogram.write(json, "DurationHistogram", node.durations());
      Histogram.write(json, "ResponseTimeHistogram", statistics.latency());
    }
    json.writeEndObject();
  }

  private int number(NodeId id) {
    return Objects.requireNonNull(numbers.get(id), "both ends of an edge are nodes");
  }

  /** Returns whether the service itself reported, as far as its type tells. */
  private boolean isActive(ServiceGraph.Node node) {
    String type = node.id().type();
    return node.statistics().totalCount() > 0
        && !node.id().hasQueueType()
        && (type.isEmpty()
            || calls.containsKey(node.id())
            || !(SILENT_TYPES.contains(type) || type.startsWith("Database::")));
  }

  private void edge(JsonGenerator json, ServiceGraph.Edge edge) throws IOException {
    json.writeStartObject();
    json.writeNumberField("ReferenceId", number(edge.callee()));
    times(json);
    statistics(json, "SummaryStatistics", edge.statistics());
    if (edge.isLink()) {
      json.writeStringField("EdgeType", "link");
      Histogram.write(json, "ReceivedEventAgeHistogram", edge.ages());
    } else {
      Histogram.write(json, "ResponseTimeHistogram", edge.statistics().latency());
    }
    json.writeArrayFieldStart("Aliases");
    for (NodeId alias : edge.aliases()) {
      json.writeStartObject();
      json.writeStringField("Name", alias.name());
      json.writeArrayFieldStart("Names");
      json.writeString(alias.name());
      json.writeEndArray();
      if (!alias.type().isEmpty()) {
        json.writeStringField("Type", alias.type());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void times(JsonGenerator json) throws IOException {
    Times.writeNanos(json, "StartTime", range.startEpochNanos());
    Times.writeNanos(json, "EndTime", range.endEpochNanos());
  }

  /** Writes a member with an {@code EdgeStatistics} or a {@code ServiceStatistics}. */
  static void statistics(JsonGenerator json, String name, CallStatistics calls) throws IOException {
    json.writeObjectFieldStart(name);
    json.writeNumberField("OkCount", calls.okCount());
    json.writeObjectFieldStart("ErrorStatistics");
    json.writeNumberField("ThrottleCount", calls.throttleCount());
    json.writeNumberField("OtherCount", calls.errorCount());
    json.writeNumberField("TotalCount", calls.throttleCount() + calls.errorCount());
    json.writeEndObject();
    json.writeObjectFieldStart("FaultStatistics");
    json.writeNumberField("OtherCount", calls.faultCount());
    json.writeNumberField("TotalCount", calls.faultCount());
    json.writeEndObject();
    json.writeNumberField("TotalCount", calls.totalCount());
    json.writeFieldName("TotalResponseTime");
    json.writeNumber(BigDecimal.valueOf(calls.totalDurationNanos(), NANO_DIGITS));
    json.writeEndObject();
  }
}
