// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.testkit;

import io.roentgen.model.CallStatistics;
import io.roentgen.model.LatencySketch;
import io.roentgen.model.NodeId;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.Span;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.CallCounter;
import io.roentgen.store.CallSpan;
import io.roentgen.store.GraphCounter;
import io.roentgen.store.Trace;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Puts together the service graph that a test expects, call by call. */
final class ExpectedGraph implements CallCounter.Sink {
  private final Map<NodeId, NodeSum> nodes = new TreeMap<>();
  private final Map<EdgeId, EdgeSum> edges =
      new TreeMap<>(Comparator.comparing(EdgeId::caller).thenComparing(EdgeId::callee));

  private record EdgeId(NodeId caller, NodeId callee) {}

  private static final class NodeSum {
    final CallStatistics.Builder calls = new CallStatistics.Builder();
    final LatencySketch durations = new LatencySketch();
  }

  private static final class EdgeSum {
    final CallStatistics.Builder calls = new CallStatistics.Builder();
    final LatencySketch ages = new LatencySketch();
    final Set<NodeId> aliases = new TreeSet<>();
  }

  /** Returns the graph of all calls among spans in the order in which they were written. */
  static ServiceGraph ofWritten(Collection<Span> written) {
    Map<TraceId, List<Span>> traces = new LinkedHashMap<>();
    for (Span span : written) {
      traces.computeIfAbsent(span.traceId(), _ -> new ArrayList<>()).add(span);
    }
    GraphCounter counter = GraphCounter.of(TimeRange.ALL);
    traces.values().forEach(spans -> counter.add(Trace.ofWritten(spans)));
    return counter.graph();
  }

  static NodeId node(String name) {
    return new NodeId(name, "");
  }

  static NodeId client(String name) {
    return new NodeId(name, NodeId.CLIENT);
  }

  /** Adds a request that {@code node} answered. */
  ExpectedGraph request(NodeId node, Span measured) {
    return request(node, measured, measured.durationNanos());
  }

  /** Adds a request that {@code node} worked on for so long. */
  ExpectedGraph request(NodeId node, Span measured, long workNanos) {
    request(node, CallSpan.of(measured), workNanos);
    return this;
  }

  /** Adds a call. */
  ExpectedGraph call(NodeId caller, NodeId callee, Span measured) {
    call(caller, callee, null, CallSpan.of(measured));
    return this;
  }

  /** Adds a call to somebody whom the caller knew under another name. */
  ExpectedGraph call(NodeId caller, NodeId callee, NodeId alias, Span measured) {
    call(caller, callee, alias, CallSpan.of(measured));
    return this;
  }

  /** Adds a call, and the request that it is to the callee. */
  ExpectedGraph answered(NodeId caller, NodeId callee, Span call, Span request) {
    return call(caller, callee, call).request(callee, request);
  }

  /** Adds a message, and the request that it is to the consumer. */
  ExpectedGraph received(NodeId queue, NodeId consumer, Span measured, long ageNanos) {
    receipt(queue, consumer, CallSpan.of(measured), ageNanos);
    return request(consumer, measured);
  }

  @Override
  public void request(NodeId node, CallSpan measured, long workNanos) {
    NodeSum sum = sum(node);
    sum.calls.add(measured.outcomeBits(), measured.durationNanos(), 1);
    sum.durations.add(workNanos);
  }

  @Override
  public void call(NodeId caller, NodeId callee, @Nullable NodeId alias, CallSpan measured) {
    EdgeSum sum = sum(caller, callee, measured);
    if (alias != null) {
      sum.aliases.add(alias);
    }
  }

  @Override
  public void receipt(NodeId queue, NodeId consumer, CallSpan measured, long ageNanos) {
    EdgeSum sum = sum(queue, consumer, measured);
    if (ageNanos != CallCounter.NO_AGE) {
      sum.ages.add(ageNanos);
    }
  }

  private NodeSum sum(NodeId node) {
    return nodes.computeIfAbsent(node, _ -> new NodeSum());
  }

  private EdgeSum sum(NodeId caller, NodeId callee, CallSpan measured) {
    sum(caller);
    sum(callee);
    EdgeSum sum = edges.computeIfAbsent(new EdgeId(caller, callee), _ -> new EdgeSum());
    sum.calls.add(measured.outcomeBits(), measured.durationNanos(), 1);
    return sum;
  }

  ServiceGraph build() {
    List<ServiceGraph.Node> graphNodes = new ArrayList<>();
    nodes.forEach(
        (id, sum) -> graphNodes.add(new ServiceGraph.Node(id, sum.calls.build(), sum.durations)));
    List<ServiceGraph.Edge> graphEdges = new ArrayList<>();
    edges.forEach(
        (id, sum) ->
            graphEdges.add(
                new ServiceGraph.Edge(
                    id.caller(),
                    id.callee(),
                    sum.calls.build(),
                    sum.ages,
                    List.copyOf(sum.aliases))));
    return new ServiceGraph(graphNodes, graphEdges);
  }
}
