// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.SpanBatch;

/** Takes spans in. */
public interface TraceWriter {
  /**
   * Keeps all spans of a batch, or none. Returns only when they are durable, as far as the store is, and seen
   * by every read that starts afterwards. Spans of one trace may come in any order and in any number of
   * batches; of several spans with one id the one that {@link Trace} describes is seen.
   *
   * <p>Blocks until then; call it from a thread that may wait. The batch must not change afterwards.
   *
   * @throws StoreOverloadedException if too much is waiting already; nothing was kept, try again later
   * @throws StoreUnavailableException if the batch cannot be made durable, for example on a full disk; nothing
   *     was kept
   * @throws StoreClosedException if the store was closed
   */
  void write(SpanBatch batch);
}
