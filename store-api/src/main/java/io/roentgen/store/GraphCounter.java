// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.CallStatistics;
import io.roentgen.model.LatencySketch;
import io.roentgen.model.NodeId;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Works a graph out from whole traces: slow, and straight by the rules of {@link CallCounter}. Not safe for use by
 * several threads.
 */
public final class GraphCounter implements CallCounter.Sink {
  private final long periodNanos;
  private final boolean apart;
  private final long firstPeriod;
  private final long lastPeriod;
  private final SortedMap<Long, GraphSums> periods = new TreeMap<>();

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
  public void request(NodeId node, CallSpan measured, long workNanos) {
    if (inRange(measured)) {
      LatencySketch change = new LatencySketch();
      change.addBucket(LatencySketch.bucketOf(measured.durationNanos()), -1);
      change.addBucket(LatencySketch.bucketOf(workNanos), 1);
      sums(measured).addRequests(node, one(measured), change);
    }
  }

  @Override
  public void call(NodeId caller, NodeId callee, @Nullable NodeId alias, CallSpan measured) {
    if (inRange(measured)) {
      sums(measured).addCalls(caller, callee, alias, one(measured), new LatencySketch());
    }
  }

  @Override
  public void receipt(NodeId queue, NodeId consumer, CallSpan measured, long ageNanos) {
    if (inRange(measured)) {
      LatencySketch age = new LatencySketch();
      if (ageNanos != CallCounter.NO_AGE) {
        age.add(ageNanos);
      }
      sums(measured).addCalls(queue, consumer, null, one(measured), age);
    }
  }

  private static CallStatistics one(CallSpan measured) {
    CallStatistics.Builder calls = new CallStatistics.Builder();
    calls.add(measured.outcomeBits(), measured.durationNanos(), 1);
    return calls.build();
  }

  /** Returns the calls of all traces, those of all periods together. */
  public ServiceGraph graph() {
    if (apart) {
      throw new IllegalStateException("counted by period (expected: all together)");
    }
    return periods.getOrDefault(0L, new GraphSums()).build();
  }

  /** Returns the calls of each period that has any, oldest first. */
  public List<GraphReader.Period> periods() {
    return GraphSums.build(periods);
  }

  private GraphSums sums(CallSpan measured) {
    long start = apart ? period(measured.endEpochNanos()) * periodNanos : 0;
    return periods.computeIfAbsent(start, _ -> new GraphSums());
  }

  private boolean inRange(CallSpan measured) {
    long period = period(measured.endEpochNanos());
    return period >= firstPeriod && period <= lastPeriod;
  }

  private long period(long epochNanos) {
    return Math.floorDiv(epochNanos, periodNanos);
  }
}
