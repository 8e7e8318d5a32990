// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query.insight;

import io.roentgen.model.CallStatistics;
import io.roentgen.model.LatencySketch;
import io.roentgen.query.insight.Insight.Category;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Set;

/** A node or an edge, and how it usually does. */
final class Entity {
  /** A call is slow if it takes this many times what 95 of 100 calls took at most before. */
  private static final double SLOW_FACTOR = 1.5;

  private static final double SLOW_QUANTILE = 0.95;
  private static final double MIN_FAULT_RISE = 0.02;
  private static final double MIN_SLOW_RISE = 0.2;
  private static final int BLOCK_MINUTES = 10;
  private static final int BLOCKS = Baseline.HISTORY_MINUTES / BLOCK_MINUTES;

  private final Baseline faults = new Baseline(MIN_FAULT_RISE);
  private final Baseline slow = new Baseline(MIN_SLOW_RISE);

  /** Durations of the past, in blocks of minutes with traffic, the last one being filled. */
  private final ArrayDeque<LatencySketch> blocks = new ArrayDeque<>();

  private int blockMinutes;
  private double slowNanos = Double.POSITIVE_INFINITY;
  private long lastSeenMinute;
  private Set<Category> unusual = EnumSet.noneOf(Category.class);

  /** Takes the next minute and returns in what way the entity is out of its rule by now. */
  Set<Category> observe(long minute, CallStatistics calls) {
    long total = calls.totalCount();
    unusual = EnumSet.noneOf(Category.class);
    if (total > 0) {
      lastSeenMinute = minute;
    }
    if (faults.observe(total, calls.faultCount())) {
      unusual.add(Category.FAULT);
    }
    if (slow.observe(total, slowCalls(calls.latency()))) {
      unusual.add(Category.LATENCY);
    } else if (total > 0) {
      learn(calls.latency());
    }
    return unusual;
  }

  /** Returns what {@link #observe} returned last. */
  Set<Category> unusual() {
    return unusual;
  }

  long lastSeenMinute() {
    return lastSeenMinute;
  }

  double usualFaultShare() {
    return faults.share();
  }

  /** Returns the longest duration that is not yet slow, in nanoseconds. */
  double slowNanos() {
    return slowNanos;
  }

  int minutesSinceOnset() {
    int minutes = 0;
    if (unusual.contains(Category.FAULT)) {
      minutes = Math.max(minutes, faults.minutesSinceOnset());
    }
    if (unusual.contains(Category.LATENCY)) {
      minutes = Math.max(minutes, slow.minutesSinceOnset());
    }
    return minutes;
  }

  void relearn() {
    faults.relearn();
    slow.relearn();
    blocks.clear();
    blockMinutes = 0;
    slowNanos = Double.POSITIVE_INFINITY;
  }

  /** Returns how many calls are slow. */
  long slowCalls(LatencySketch latency) {
    long count = 0;
    for (int i = 0; i < latency.bucketCount(); i++) {
      if (LatencySketch.valueOf(latency.bucket(i)) > slowNanos) {
        count += latency.countAt(i);
      }
    }
    return count;
  }

  private void learn(LatencySketch latency) {
    if (blocks.isEmpty() || blockMinutes == BLOCK_MINUTES) {
      blocks.addLast(new LatencySketch());
      blockMinutes = 0;
      if (blocks.size() > BLOCKS + 1) {
        blocks.removeFirst();
      }
    }
    blocks.getLast().add(latency);
    blockMinutes++;
    if (blockMinutes == BLOCK_MINUTES) {
      LatencySketch all = new LatencySketch();
      blocks.forEach(all::add);
      slowNanos = SLOW_FACTOR * all.quantile(SLOW_QUANTILE);
    }
  }
}
