// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.sums;

import io.roentgen.model.NodeId;
import io.roentgen.store.CallCounter;
import io.roentgen.store.CallSpan;
import io.roentgen.store.GraphReader;
import io.roentgen.store.Trace;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the calls of whole traces that ended in a run of minutes, by periods of minutes. Not safe
 * for use by several threads.
 */
final class PeriodCounter implements CallCounter.Sink {
  private final Minutes minutes;
  private final LongUnaryOperator period;
  private final SortedMap<Long, CallSums> periods = new TreeMap<>();

  /** Makes one; minutes are counted together for which {@code period} returns the same number. */
  PeriodCounter(Minutes minutes, LongUnaryOperator period) {
    this.minutes = minutes;
    this.period = period;
  }

  /** Adds the calls of a trace, which must not have been added before. */
  void add(Trace trace) {
    CallCounter.count(trace.spans().stream().map(CallSpan::of).toList(), this);
  }

  /** Returns the sums of each period that has any, by its number. */
  SortedMap<Long, CallSums> periods() {
    return periods;
  }

  private @Nullable CallSums sums(CallSpan measured) {
    long minute = Math.floorDiv(measured.endEpochNanos(), GraphReader.RESOLUTION_NANOS);
    return minutes.contains(minute)
        ? periods.computeIfAbsent(period.applyAsLong(minute), _ -> new CallSums())
        : null;
  }

  @Override
  public void request(NodeId node, CallSpan measured, long workNanos) {
    CallSums sums = sums(measured);
    if (sums != null) {
      sums.request(node, measured, workNanos);
    }
  }

  @Override
  public void call(NodeId caller, NodeId callee, @Nullable NodeId alias, CallSpan measured) {
    CallSums sums = sums(measured);
    if (sums != null) {
      sums.call(caller, callee, alias, measured);
    }
  }

  @Override
  public void receipt(NodeId queue, NodeId consumer, CallSpan measured, long ageNanos) {
    CallSums sums = sums(measured);
    if (sums != null) {
      sums.receipt(queue, consumer, measured, ageNanos);
    }
  }
}
