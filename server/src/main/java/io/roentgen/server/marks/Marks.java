// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.marks;

import io.roentgen.model.TimeRange;
import io.roentgen.server.xray.state.StateDocuments;
import io.roentgen.store.DocumentStore;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** All marks, durable. Safe for use by several threads. */
public final class Marks {
  /** How many are kept; for a further one that goes which starts earliest. */
  public static final int MAX_MARKS = 2_000;

  private final Supplier<DocumentStore> store;
  private final int maxMarks;

  /** Those that are kept in {@code store}, which is asked for when it is needed. */
  public Marks(Supplier<DocumentStore> store) {
    this(store, MAX_MARKS);
  }

  Marks(Supplier<DocumentStore> store, int maxMarks) {
    this.store = store;
    this.maxMarks = maxMarks;
  }

  private StateDocuments documents() {
    return new StateDocuments(store.get(), "mark");
  }

  /** Returns a new id for a mark that starts at a time; ids sort as these do. */
  public static String newId(long startEpochNanos) {
    return String.format("%016x-%08x", startEpochNanos, ThreadLocalRandom.current().nextInt());
  }

  /** Returns one, or null. */
  public @Nullable Mark find(String id) {
    // A request may name anything; the store refuses names that no mark can have.
    return id.length() == newId(0).length()
        ? documents().find(id).map(Mark::read).orElse(null)
        : null;
  }

  /**
   * Returns those of which a part is in {@code range}, and that have all of {@code tags}; sorted by
   * their start.
   */
  public List<Mark> in(TimeRange range, Set<String> tags) {
    return documents().list().stream()
        .map(Mark::read)
        .filter(mark -> mark.isIn(range) && mark.tags().containsAll(tags))
        .toList();
  }

  /** Adds a mark; one at a time, so that no more are dropped than must. */
  public synchronized void add(Mark mark) {
    StateDocuments documents = documents();
    if (documents.put(mark.id(), mark.write(), DocumentStore.NONE).isEmpty()) {
      throw new IllegalStateException("mark made twice: " + mark.id());
    }
    List<StateDocuments.State> all = documents.list();
    int excess = all.size() - maxMarks;
    for (int i = 0; excess > 0; i++) {
      StateDocuments.State oldest = all.get(i);
      // Who was told that his mark was made must find it, however long ago it was.
      if (!oldest.name().equals(mark.id())) {
        var _ = documents.delete(oldest.name(), oldest.revision());
        excess--;
      }
    }
  }

  /** Deletes a mark; returns whether it was there. */
  public boolean delete(String id) {
    StateDocuments documents = documents();
    return documents().find(id).map(state -> documents.delete(id, state.revision())).orElse(false);
  }
}
