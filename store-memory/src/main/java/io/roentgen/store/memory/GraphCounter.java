// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.memory;

import io.roentgen.model.NodeId;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import io.roentgen.store.CallCounter;
import io.roentgen.store.CallSpan;
import io.roentgen.store.GraphBuilder;
import io.roentgen.store.GraphReader;
import io.roentgen.store.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Adds up the calls of whole traces whose period touches a range, together or period by period. */
final class GraphCounter implements CallCounter.Sink {
  private final long periodNanos;
  private final boolean apart;
  private final long firstPeriod;
  private final long lastPeriod;
  private final Map<Long, GraphBuilder> graphs = new TreeMap<>();

  GraphCounter(TimeRange range, long periodNanos, boolean apart) {
    this.periodNanos = periodNanos;
    this.apart = apart;
    firstPeriod = period(range.startEpochNanos());
    lastPeriod = period(range.endEpochNanos() - 1);
  }

  void add(Trace trace) {
    CallCounter.count(trace.spans().stream().map(CallSpan::of).toList(), this);
  }

  @Override
  public void request(NodeId node, CallSpan measured) {
    if (inRange(measured)) {
      graph(measured).request(node, measured);
    }
  }

  @Override
  public void call(NodeId caller, NodeId callee, CallSpan measured) {
    if (inRange(measured)) {
      graph(measured).call(caller, callee, measured);
    }
  }

  /** Returns all calls together. */
  ServiceGraph graph() {
    return graphs.getOrDefault(0L, new GraphBuilder()).build();
  }

  /** Returns the calls of each period that has any. */
  List<GraphReader.Period> periods() {
    List<GraphReader.Period> periods = new ArrayList<>();
    graphs.forEach(
        (period, graph) ->
            periods.add(new GraphReader.Period(period * periodNanos, graph.build())));
    return periods;
  }

  private GraphBuilder graph(CallSpan measured) {
    long group = apart ? period(measured.endEpochNanos()) : 0;
    return graphs.computeIfAbsent(group, _ -> new GraphBuilder());
  }

  private boolean inRange(CallSpan measured) {
    long period = period(measured.endEpochNanos());
    return period >= firstPeriod && period <= lastPeriod;
  }

  private long period(long epochNanos) {
    return Math.floorDiv(epochNanos, periodNanos);
  }
}
