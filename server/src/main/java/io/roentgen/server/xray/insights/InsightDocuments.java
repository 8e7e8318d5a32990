// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.insights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.roentgen.query.insight.Insight;
import io.roentgen.server.xray.state.StateDocuments;
import io.roentgen.store.DocumentStore;
import io.roentgen.store.StoreCorruptedException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** All insights, durable. Safe for use by several threads. */
public final class InsightDocuments {
  private static final JsonMapper JSON = new JsonMapper();

  /** Newest first, and for equal times in one order. */
  private static final Comparator<GroupInsight> ORDER =
      Comparator.comparing((GroupInsight each) -> each.insight().startEpochNanos())
          .reversed()
          .thenComparing(each -> each.insight().id());

  private final StateDocuments documents;

  /** Those that are kept in {@code store}. */
  public InsightDocuments(DocumentStore store) {
    documents = new StateDocuments(store, "insight");
  }

  /** Returns one, or empty if it is not there. */
  public Optional<GroupInsight> find(UUID id) {
    return documents.find(id.toString()).map(InsightDocuments::read);
  }

  /** Returns all, newest first. */
  public List<GroupInsight> all() {
    return documents.list().stream().map(InsightDocuments::read).sorted(ORDER).toList();
  }

  /** Returns those that go on, newest first. */
  List<GroupInsight> active() {
    return all().stream().filter(each -> each.insight().state() == Insight.State.ACTIVE).toList();
  }

  /** Writes one in place of what it was before. */
  void put(GroupInsight insight) {
    String name = insight.insight().id().toString();
    ObjectNode content = JSON.valueToTree(insight);
    // Only the monitor writes, and there is one; a deletion may come between.
    while (documents
        .put(
            name,
            content,
            documents.find(name).map(state -> state.revision()).orElse(DocumentStore.NONE))
        .isEmpty()) {
      Thread.onSpinWait();
    }
  }

  /** Deletes those that changed last before a time. */
  void deleteOlderThan(long epochNanos) {
    for (StateDocuments.State state : documents.list()) {
      if (read(state).insight().updatedEpochNanos() < epochNanos) {
        var _ = documents.delete(state.name(), state.revision());
      }
    }
  }

  private static GroupInsight read(StateDocuments.State state) {
    try {
      return JSON.treeToValue(state.content(), GroupInsight.class);
    } catch (JsonProcessingException e) {
      throw new StoreCorruptedException(
          "document insight '" + state.name() + "': " + e.getOriginalMessage(), e);
    }
  }
}
