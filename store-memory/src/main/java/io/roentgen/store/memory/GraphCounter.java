// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.memory;

import io.roentgen.model.CallStatistics;
import io.roentgen.model.NodeId;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import io.roentgen.store.CallCounter;
import io.roentgen.store.CallSpan;
import io.roentgen.store.GraphReader;
import io.roentgen.store.Trace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Adds up the calls of whole traces whose minute touches a range. */
final class GraphCounter implements CallCounter.Sink {
  private record EdgeId(NodeId caller, NodeId callee) {}

  private final long firstMinute;
  private final long lastMinute;
  private final Map<NodeId, CallStatistics.Builder> nodes = new TreeMap<>();
  private final Map<EdgeId, CallStatistics.Builder> edges =
      new TreeMap<>(Comparator.comparing(EdgeId::caller).thenComparing(EdgeId::callee));

  GraphCounter(TimeRange range) {
    firstMinute = minute(range.startEpochNanos());
    lastMinute = minute(range.endEpochNanos() - 1);
  }

  void add(Trace trace) {
    CallCounter.count(trace.spans().stream().map(CallSpan::of).toList(), this);
  }

  @Override
  public void request(NodeId node, CallSpan measured) {
    if (inRange(measured)) {
      node(node).add(measured.outcomeBits(), measured.durationNanos(), 1);
    }
  }

  @Override
  public void call(NodeId caller, NodeId callee, CallSpan measured) {
    if (inRange(measured)) {
      node(caller);
      node(callee);
      edges
          .computeIfAbsent(new EdgeId(caller, callee), _ -> new CallStatistics.Builder())
          .add(measured.outcomeBits(), measured.durationNanos(), 1);
    }
  }

  ServiceGraph graph() {
    List<ServiceGraph.Node> graphNodes = new ArrayList<>();
    nodes.forEach((id, statistics) -> graphNodes.add(new ServiceGraph.Node(id, statistics.build())));
    List<ServiceGraph.Edge> graphEdges = new ArrayList<>();
    edges.forEach(
        (id, statistics) ->
            graphEdges.add(new ServiceGraph.Edge(id.caller(), id.callee(), statistics.build())));
    return new ServiceGraph(graphNodes, graphEdges);
  }

  private CallStatistics.Builder node(NodeId id) {
    return nodes.computeIfAbsent(id, _ -> new CallStatistics.Builder());
  }

  private boolean inRange(CallSpan measured) {
    long minute = minute(measured.endEpochNanos());
    return minute >= firstMinute && minute <= lastMinute;
  }

  private static long minute(long epochNanos) {
    return Math.floorDiv(epochNanos, GraphReader.RESOLUTION_NANOS);
  }
}
