// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.memory;

import io.roentgen.model.SpanBatch;
import io.roentgen.store.DocumentStore;
import io.roentgen.store.Documents;
import io.roentgen.store.GraphReader;
import io.roentgen.store.StoreStatus;
import io.roentgen.store.TraceReader;
import io.roentgen.store.TraceStore;
import io.roentgen.store.TraceWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The smallest store that can be opened again: a memory store with a log of the spans that were
 * written, and the documents as they were saved.
 */
final class ReplayedStore implements TraceStore {
  private final List<SpanBatch> log = new ArrayList<>();
  private final Map<String, Documents.Kind> saved = new ConcurrentHashMap<>();
  private final MemoryStore store;

  ReplayedStore() {
    this(Map.of());
  }

  private ReplayedStore(Map<String, Documents.Kind> documents) {
    saved.putAll(documents);
    store = new MemoryStore(documents, saved::put);
  }

  /** Opens a store on what another one has logged and saved. */
  static ReplayedStore of(ReplayedStore other) {
    ReplayedStore replayed = new ReplayedStore(other.saved);
    other.log().forEach(replayed::write);
    return replayed;
  }

  /** Opens a store on what others have logged. */
  static ReplayedStore of(List<SpanBatch> log) {
    ReplayedStore replayed = new ReplayedStore();
    log.forEach(replayed::write);
    return replayed;
  }

  /** Returns all acknowledged batches in the order in which they were written. */
  synchronized List<SpanBatch> log() {
    return List.copyOf(log);
  }

  private synchronized void write(SpanBatch batch) {
    store.writer().write(batch);
    log.add(batch);
  }

  @Override
  public TraceWriter writer() {
    store.writer();
    return this::write;
  }

  @Override
  public TraceReader reader() {
    return store.reader();
  }

  @Override
  public GraphReader graph() {
    return store.graph();
  }

  @Override
  public DocumentStore documents() {
    return store.documents();
  }

  @Override
  public StoreStatus status() {
    return store.status();
  }

  @Override
  public void close() {
    store.close();
  }
}
