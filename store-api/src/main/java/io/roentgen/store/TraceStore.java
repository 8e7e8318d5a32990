// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

/**
 * Keeps spans and answers questions about them. One store may be used by many threads at once.
 *
 * <p>{@code store-testkit} has a test for every sentence of these contracts.
 */
public interface TraceStore extends AutoCloseable {
  /** Returns the way in. */
  TraceWriter writer();

  /** Returns the way to traces. */
  TraceReader reader();

  /** Returns the way to the service map. */
  GraphReader graph();

  /** Returns the small state that a server keeps beside traces. */
  DocumentStore documents();

  /** Returns what the store holds and what it can hold, for people to look at. */
  StoreStatus status();

  /**
   * Ends the store. Writes that were acknowledged are kept; those that run are refused. A second call does
   * nothing. Every other method throws {@link StoreClosedException} afterwards.
   */
  @Override
  void close();
}
