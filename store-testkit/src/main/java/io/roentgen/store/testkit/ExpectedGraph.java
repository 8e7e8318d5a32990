// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.testkit;

import io.roentgen.model.CallStatistics;
import io.roentgen.model.NodeId;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.Span;
import io.roentgen.model.TraceId;
import io.roentgen.store.CallCounter;
import io.roentgen.store.CallSpan;
import io.roentgen.store.Trace;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Puts together the service graph that a test expects, call by call. */
final class ExpectedGraph implements CallCounter.Sink {
  private record EdgeId(NodeId caller, NodeId callee) {}

  private final Map<NodeId, CallStatistics.Builder> nodes = new TreeMap<>();
  private final Map<EdgeId, CallStatistics.Builder> edges =
      new TreeMap<>(Comparator.comparing(EdgeId::caller).thenComparing(EdgeId::callee));

  /** Returns the graph of all calls among spans in the order in which they were written. */
  static ServiceGraph ofWritten(Collection<Span> written) {
    Map<TraceId, List<Span>> traces = new LinkedHashMap<>();
    for (Span span : written) {
      traces.computeIfAbsent(span.traceId(), _ -> new ArrayList<>()).add(span);
    }
    ExpectedGraph expected = new ExpectedGraph();
    for (List<Span> spans : traces.values()) {
      CallCounter.count(
          Trace.ofWritten(spans).spans().stream().map(CallSpan::of).toList(), expected);
    }
    return expected.build();
  }

  static NodeId node(String name) {
    return new NodeId(name, "");
  }

  static NodeId client(String name) {
    return new NodeId(name, NodeId.CLIENT);
  }

  /** Adds a request that {@code node} answered. */
  ExpectedGraph request(NodeId node, Span measured) {
    request(node, CallSpan.of(measured));
    return this;
  }

  /** Adds a call. */
  ExpectedGraph call(NodeId caller, NodeId callee, Span measured) {
    call(caller, callee, CallSpan.of(measured));
    return this;
  }

  /** Adds a call, and the request that it is to the callee. */
  ExpectedGraph answered(NodeId caller, NodeId callee, Span call, Span request) {
    return call(caller, callee, call).request(callee, request);
  }

  @Override
  public void request(NodeId node, CallSpan measured) {
    statistics(node).add(measured.outcomeBits(), measured.durationNanos(), 1);
  }

  @Override
  public void call(NodeId caller, NodeId callee, CallSpan measured) {
    statistics(caller);
    statistics(callee);
    edges
        .computeIfAbsent(new EdgeId(caller, callee), _ -> new CallStatistics.Builder())
        .add(measured.outcomeBits(), measured.durationNanos(), 1);
  }

  private CallStatistics.Builder statistics(NodeId node) {
    return nodes.computeIfAbsent(node, _ -> new CallStatistics.Builder());
  }

  ServiceGraph build() {
    List<ServiceGraph.Node> graphNodes = new ArrayList<>();
    nodes.forEach((id, sum) -> graphNodes.add(new ServiceGraph.Node(id, sum.build())));
    List<ServiceGraph.Edge> graphEdges = new ArrayList<>();
    edges.forEach(
        (id, sum) -> graphEdges.add(new ServiceGraph.Edge(id.caller(), id.callee(), sum.build())));
    return new ServiceGraph(graphNodes, graphEdges);
  }
}
