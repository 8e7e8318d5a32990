// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;

/** Answers who called whom. */
public interface GraphReader {
  /** The unit of time in which calls are counted together: one minute in nanoseconds. */
  long RESOLUTION_NANOS = 60_000_000_000L;

  /**
   * Returns the calls that ended in {@code range}, which is rounded outwards to whole minutes; see {@link
   * CallCounter} for what counts as a call. Each call is counted once, however its spans were split over batches,
   * repeated, or reordered. Nodes and edges without any call in the range are left out.
   *
   * @throws StoreClosedException if the store was closed
   */
  ServiceGraph graph(TimeRange range);
}
