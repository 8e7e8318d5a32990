// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import java.util.List;

/** Answers who called whom. */
public interface GraphReader {
  /** The unit of time in which calls are counted together: one minute in nanoseconds. */
  long RESOLUTION_NANOS = 60_000_000_000L;

  /**
   * Returns the calls that ended in {@code range}, which is rounded outwards to whole minutes; see {@link
   * CallCounter} for what counts as a call. Each call is counted once, however its spans were split over batches,
   * repeated, or reordered. Nodes and edges without any call in the range are left out. {@link GraphSums} says
   * which nodes are taken for one.
   *
   * @throws StoreClosedException if the store was closed
   */
  ServiceGraph graph(TimeRange range);

  /**
   * The calls of a stretch of time.
   *
   * @param startEpochNanos its first nanosecond, a multiple of its length
   * @param graph what {@link #graph} returns for it, with the nodes taken for one that are in all that was asked for
   */
  record Period(long startEpochNanos, ServiceGraph graph) {}

  /**
   * Returns the calls that ended in {@code range} by periods of equal length, oldest first, those without any call
   * left out. The range is rounded outwards to whole periods.
   *
   * @throws IllegalArgumentException if {@code periodNanos} is no positive multiple of {@link #RESOLUTION_NANOS}
   * @throws StoreClosedException if the store was closed
   */
  List<Period> series(TimeRange range, long periodNanos);

  /** Throws {@link IllegalArgumentException} if {@link #series} cannot be asked for periods of that length. */
  static void checkPeriod(long periodNanos) {
    if (periodNanos <= 0 || periodNanos % RESOLUTION_NANOS != 0) {
      throw new IllegalArgumentException(
          "periodNanos: " + periodNanos + " (expected: a positive multiple of " + RESOLUTION_NANOS + ")");
    }
  }
}
