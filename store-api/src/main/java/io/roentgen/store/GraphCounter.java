// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.CallStatistics;
import io.roentgen.model.NodeId;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Works a graph out from whole traces: slow, and straight by the rules of {@link CallCounter}. Not safe for use by
 * several threads.
 */
public final class GraphCounter implements CallCounter.Sink {
  private final long periodNanos;
  private final boolean apart;
  private final long firstPeriod;
  private final long lastPeriod;
  private final Map<Long, Sums> periods = new TreeMap<>();

  private GraphCounter(TimeRange range, long periodNanos, boolean apart) {
    this.periodNanos = periodNanos;
    this.apart = apart;
    firstPeriod = period(range.startEpochNanos());
    lastPeriod = period(range.endEpochNanos() - 1);
  }

  /** Returns one for {@link GraphReader#graph}. */
  public static GraphCounter of(TimeRange range) {
    return new GraphCounter(range, GraphReader.RESOLUTION_NANOS, false);
  }

  /** Returns one for {@link GraphReader#series}, and throws as that does. */
  public static GraphCounter byPeriod(TimeRange range, long periodNanos) {
    GraphReader.checkPeriod(periodNanos);
    return new GraphCounter(range, periodNanos, true);
  }

  /** Adds the calls of a trace, which must not have been added before. */
  public void add(Trace trace) {
    CallCounter.count(trace.spans().stream().map(CallSpan::of).toList(), this);
  }

  @Override
  public void request(NodeId node, CallSpan measured) {
    if (inRange(measured)) {
      sums(measured).node(node).add(measured.outcomeBits(), measured.durationNanos(), 1);
    }
  }

  @Override
  public void call(NodeId caller, NodeId callee, CallSpan measured) {
    if (inRange(measured)) {
      Sums sums = sums(measured);
      sums.node(caller);
      sums.node(callee);
      sums.edge(caller, callee).add(measured.outcomeBits(), measured.durationNanos(), 1);
    }
  }

  /** Returns the calls of all traces, those of all periods together. */
  public ServiceGraph graph() {
    if (apart) {
      throw new IllegalStateException("counted by period (expected: all together)");
    }
    return periods.getOrDefault(0L, new Sums()).build();
  }

  /** Returns the calls of each period that has any, oldest first. */
  public List<GraphReader.Period> periods() {
    List<GraphReader.Period> result = new ArrayList<>();
    periods.forEach(
        (period, sums) -> result.add(new GraphReader.Period(period * periodNanos, sums.build())));
    return result;
  }

  private Sums sums(CallSpan measured) {
    long period = apart ? period(measured.endEpochNanos()) : 0;
    return periods.computeIfAbsent(period, _ -> new Sums());
  }

  private boolean inRange(CallSpan measured) {
    long period = period(measured.endEpochNanos());
    return period >= firstPeriod && period <= lastPeriod;
  }

  private long period(long epochNanos) {
    return Math.floorDiv(epochNanos, periodNanos);
  }

  private static final class Sums {
    private record EdgeId(NodeId caller, NodeId callee) {}

    private final Map<NodeId, CallStatistics.Builder> nodes = new TreeMap<>();
    private final Map<EdgeId, CallStatistics.Builder> edges =
        new TreeMap<>(Comparator.comparing(EdgeId::caller).thenComparing(EdgeId::callee));

    CallStatistics.Builder node(NodeId id) {
      return nodes.computeIfAbsent(id, _ -> new CallStatistics.Builder());
    }

    CallStatistics.Builder edge(NodeId caller, NodeId callee) {
      return edges.computeIfAbsent(new EdgeId(caller, callee), _ -> new CallStatistics.Builder());
    }

    ServiceGraph build() {
      List<ServiceGraph.Node> graphNodes = new ArrayList<>();
      nodes.forEach((id, calls) -> graphNodes.add(new ServiceGraph.Node(id, calls.build())));
      List<ServiceGraph.Edge> graphEdges = new ArrayList<>();
      edges.forEach(
          (id, calls) ->
              graphEdges.add(new ServiceGraph.Edge(id.caller(), id.callee(), calls.build())));
      return new ServiceGraph(graphNodes, graphEdges);
    }
  }
}
