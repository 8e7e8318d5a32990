// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.filter.Filter;
import io.roentgen.filter.FilterSearch;
import io.roentgen.model.CallStatistics;
import io.roentgen.model.LatencySketch;
import io.roentgen.model.NodeId;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import io.roentgen.server.intake.Deadline;
import io.roentgen.server.xray.graph.Graphs;
import io.roentgen.store.GraphReader;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceStore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Who called whom, and one node or edge of that by the minute and by duration. */
final class GraphRoutes {
  static final List<String> DETAILS =
      List.of(
          "start",
          "end",
          "filter",
          "name",
          "type",
          "callerName",
          "callerType",
          "calleeName",
          "calleeType");

  static final List<String> ERRORS = List.of("start", "end", "filter", "name", "type");

  /** So many traces that failed tell what is frequent. */
  private static final int MAX_FAILED_TRACES = 500;

  private static final int MAX_CANDIDATES = 5_000;

  private static final Duration MAX_ERRORS_TIME = Duration.ofSeconds(2);

  /** As many points as a chart in a side panel has room for. */
  private static final int MAX_PERIODS = 60;

  private static final int BUCKETS_PER_DECADE = 8;

  /** From 10 ns on; what is shorter is in it too, as whole nanoseconds would not tell it apart. */
  private static final int FIRST_BUCKET = BUCKETS_PER_DECADE;

  private final TraceStore store;
  private final Graphs graphs;
  private final Function<String, Filter> filters;

  /**
   * Answers from {@code graphs}, which are of what is in {@code store}; {@code filters} parses an
   * expression or refuses it.
   */
  GraphRoutes(TraceStore store, Graphs graphs, Function<String, Filter> filters) {
    this.store = store;
    this.graphs = graphs;
    this.filters = filters;
  }

  private Filter filter(Parameters parameters) {
    String expression = parameters.text("filter");
    return expression == null ? Filter.EVERYTHING : filters.apply(expression);
  }

  void graph(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    TimeRange range = parameters.range();
    ServiceGraph graph = graphs.graph(range, filter(parameters), Deadline.of(context));
    ModelJson model = new ModelJson(json);
    json.writeStartObject();
    model.graph(graph);
    ApiRoutes.range(model, range);
    json.writeEndObject();
  }

  void details(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    TimeRange range = parameters.range();
    Part part = part(parameters);
    Filter filter = filter(parameters);
    Deadline deadline = Deadline.of(context);
    long period = periodNanos(range);
    CallStatistics whole = part.of(graphs.graph(range, filter, deadline));
    ModelJson model = new ModelJson(json);
    json.writeStartObject();
    model.statistics(whole);
    buckets(whole.latency(), model, json);
    model.nanos("periodNanos", period);
    json.writeArrayFieldStart("periods");
    for (GraphReader.Period each : graphs.series(range, period, filter, deadline)) {
      CallStatistics calls = part.of(each.graph());
      if (calls.totalCount() > 0) {
        json.writeStartObject();
        model.nanos("startEpochNanos", each.startEpochNanos());
        model.statistics(calls);
        json.writeEndObject();
      }
    }
    json.writeEndArray();
    ApiRoutes.range(model, range);
    json.writeEndObject();
  }

  void errors(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    TimeRange range = parameters.range();
    NodeId node = nodeId(parameters, "name", "type");
    if (node == null) {
      throw ApiException.invalid("name", "", "the name of a node");
    }
    Filter filter = filter(parameters);
    Filter failed = filters.apply(failed(node));
    Deadline deadline = Deadline.of(context);
    var errors = new GraphErrors(node);
    FilterSearch.Progress progress =
        FilterSearch.run(
            store.reader(),
            TraceQuery.of(range, SpanCondition.ANY, MAX_FAILED_TRACES),
            failed,
            MAX_CANDIDATES,
            deadline.left(MAX_ERRORS_TIME),
            trace -> {
              if (filter.matches(trace)) {
                errors.add(trace);
              }
            });
    json.writeStartObject();
    errors.write(json);
    json.writeBooleanField("limitReached", progress.next() != null);
    ApiRoutes.range(new ModelJson(json), range);
    json.writeEndObject();
  }

  /** Returns an expression for the traces in which a request to the node failed. */
  private static String failed(NodeId node) {
    String selector =
        node.type().isEmpty()
            ? quoted(node.name())
            : "id(name: " + quoted(node.name()) + ", type: " + quoted(node.type()) + ")";
    return "service(" + selector + ") { error OR fault OR throttle }";
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static long periodNanos(TimeRange range) {
    // Both may be far from now, so that their difference does not fit.
    double length = (double) range.endEpochNanos() - (double) range.startEpochNanos();
    return Math.max(1, (long) Math.ceil(length / GraphReader.RESOLUTION_NANOS / MAX_PERIODS))
        * GraphReader.RESOLUTION_NANOS;
  }

  private static Part part(Parameters parameters) {
    NodeId node = nodeId(parameters, "name", "type");
    NodeId caller = nodeId(parameters, "callerName", "callerType");
    NodeId callee = nodeId(parameters, "calleeName", "calleeType");
    if (node == null) {
      if (caller == null || callee == null) {
        String missing = caller != null ? "calleeName" : callee != null ? "callerName" : "name";
        throw ApiException.invalid(
            missing, "", "the name of a node, or callerName and calleeName of an edge");
      }
      return new Part(caller, callee);
    }
    if (caller != null || callee != null) {
      throw ApiException.invalid("name", node.name(), "a node or an edge, not both");
    }
    return new Part(node, null);
  }

  private static @Nullable NodeId nodeId(Parameters parameters, String name, String type) {
    String nameText = parameters.text(name);
    String typeText = parameters.text(type);
    if (nameText == null) {
      if (typeText != null) {
        throw ApiException.invalid(type, typeText, "only with " + name);
      }
      return null;
    }
    return new NodeId(nameText, typeText == null ? "" : typeText);
  }

  /** A node, or an edge if there is a callee. */
  private record Part(NodeId id, @Nullable NodeId callee) {
    private static final CallStatistics NONE = new CallStatistics.Builder().build();

    CallStatistics of(ServiceGraph graph) {
      if (callee == null) {
        for (ServiceGraph.Node node : graph.nodes()) {
          if (node.id().equals(id)) {
            return node.statistics();
          }
        }
      } else {
        for (ServiceGraph.Edge edge : graph.edges()) {
          if (edge.caller().equals(id) && edge.callee().equals(callee)) {
            return edge.statistics();
          }
        }
      }
      return NONE;
    }
  }

  private static void buckets(LatencySketch latency, ModelJson model, JsonGenerator json)
      throws IOException {
    Map<Integer, Long> counts = new TreeMap<>();
    for (int i = 0; i < latency.bucketCount(); i++) {
      if (latency.countAt(i) > 0) {
        double nanos = LatencySketch.valueOf(latency.bucket(i));
        counts.merge(
            Math.max(FIRST_BUCKET, (int) Math.floor(Math.log10(nanos) * BUCKETS_PER_DECADE)),
            latency.countAt(i),
            Long::sum);
      }
    }
    json.writeArrayFieldStart("buckets");
    for (Map.Entry<Integer, Long> bucket : counts.entrySet()) {
      json.writeStartObject();
      model.nanos("fromNanos", edge(bucket.getKey()));
      model.nanos("toNanos", edge(bucket.getKey() + 1));
      json.writeNumberField("count", bucket.getValue());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static long edge(int bucket) {
    return bucket <= FIRST_BUCKET
        ? 0
        : Math.round(Math.pow(10, (double) bucket / BUCKETS_PER_DECADE));
  }
}
