// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.CallStatistics;
import io.roentgen.model.NodeId;
import io.roentgen.model.ServiceGraph;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Adds calls up to a graph. Not safe for use by several threads. */
public final class GraphBuilder implements CallCounter.Sink {
  private record EdgeId(NodeId caller, NodeId callee) {}

  private final Map<NodeId, CallStatistics.Builder> nodes = new TreeMap<>();
  private final Map<EdgeId, CallStatistics.Builder> edges =
      new TreeMap<>(Comparator.comparing(EdgeId::caller).thenComparing(EdgeId::callee));

  /** Adds the calls of a trace, which must not have been added before. */
  public void add(Trace trace) {
    CallCounter.count(trace.spans().stream().map(CallSpan::of).toList(), this);
  }

  @Override
  public void request(NodeId node, CallSpan measured) {
    node(node).add(measured.outcomeBits(), measured.durationNanos(), 1);
  }

  @Override
  public void call(NodeId caller, NodeId callee, CallSpan measured) {
    node(caller);
    node(callee);
    edges
        .computeIfAbsent(new EdgeId(caller, callee), _ -> new CallStatistics.Builder())
        .add(measured.outcomeBits(), measured.durationNanos(), 1);
  }

  private CallStatistics.Builder node(NodeId id) {
    return nodes.computeIfAbsent(id, _ -> new CallStatistics.Builder());
  }

  /** Returns what was added so far. */
  public ServiceGraph build() {
    List<ServiceGraph.Node> graphNodes = new ArrayList<>();
    nodes.forEach((id, statistics) -> graphNodes.add(new ServiceGraph.Node(id, statistics.build())));
    List<ServiceGraph.Edge> graphEdges = new ArrayList<>();
    edges.forEach(
        (id, statistics) ->
            graphEdges.add(new ServiceGraph.Edge(id.caller(), id.callee(), statistics.build())));
    return new ServiceGraph(graphNodes, graphEdges);
  }
}
