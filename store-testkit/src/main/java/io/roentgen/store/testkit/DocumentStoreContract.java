// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.store.Document;
import io.roentgen.store.DocumentStore;
import io.roentgen.store.StoreClosedException;
import io.roentgen.store.TraceStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link DocumentStore} promises. {@link DurabilityContract} has what outlives a process. */
public abstract class DocumentStoreContract {
  private @Nullable TraceStore open;

  /** Returns a new, empty store. The kit closes it. */
  protected abstract TraceStore openStore();

  @BeforeEach
  final void open() {
    open = openStore();
  }

  @AfterEach
  final void close() {
    store().close();
  }

  private TraceStore store() {
    if (open == null) {
      throw new IllegalStateException("cannot use store: none is open");
    }
    return open;
  }

  private DocumentStore documents() {
    return store().documents();
  }

  private Document put(String kind, String name, String content) {
    return documents().put(kind, name, content, DocumentStore.NONE).orElseThrow();
  }

  @Test
  void find_nothingWritten_isEmpty() {
    assertThat(documents().find("group", "a")).isEmpty();
    assertThat(documents().list("group")).isEmpty();
    assertThat(documents().delete("group", "a", DocumentStore.NONE)).isFalse();
    assertThat(documents().delete("group", "a", 1)).isFalse();
  }

  @Test
  void put_newDocument_isFoundByKindAndName() {
    Document written = put("group", "a", "{\"x\":\"ü😀\\u0000\"}");

    assertThat(written).isEqualTo(new Document("a", 1, "{\"x\":\"ü😀\\u0000\"}"));
    assertThat(documents().find("group", "a")).contains(written);
    assertThat(documents().find("group", "A")).isEmpty();
    assertThat(documents().find("rule", "a")).isEmpty();
    assertThat(documents().list("rule")).isEmpty();
  }

  @Test
  void put_documentThatIsThere_isRefusedAsNew() {
    Document first = put("group", "a", "1");

    assertThat(documents().put("group", "a", "2", DocumentStore.NONE)).isEmpty();
    assertThat(documents().find("group", "a")).contains(first);
  }

  @Test
  void put_revision_isComparedAndGrows() {
    Document first = put("group", "a", "1");
    Document second = documents().put("group", "a", "2", first.revision()).orElseThrow();

    assertThat(second.revision()).isGreaterThan(first.revision());
    assertThat(documents().put("group", "a", "3", first.revision())).isEmpty();
    assertThat(documents().put("group", "a", "3", second.revision() + 1)).isEmpty();
    assertThat(documents().put("group", "b", "3", second.revision())).isEmpty();
    assertThat(documents().list("group")).containsExactly(second);
  }

  @Test
  void delete_revision_isComparedAndNeverComesAgain() {
    Document first = put("group", "a", "1");
    assertThat(documents().delete("group", "a", first.revision() + 1)).isFalse();
    assertThat(documents().delete("group", "a", DocumentStore.NONE)).isFalse();
    assertThat(documents().find("group", "a")).contains(first);

    assertThat(documents().delete("group", "a", first.revision())).isTrue();
    assertThat(documents().find("group", "a")).isEmpty();
    assertThat(documents().delete("group", "a", first.revision())).isFalse();
    Document again = put("group", "a", "1");
    assertThat(again.revision()).isGreaterThan(first.revision() + 1);
    assertThat(documents().put("group", "a", "2", first.revision())).isEmpty();
  }

  @Test
  void list_manyDocuments_isSortedByName() {
    for (String name : List.of("b", "ä", "B", "a/b c", "a")) {
      var _ = put("group", name, name);
    }
    assertThat(documents().list("group"))
        .extracting(Document::name)
        .containsExactly("B", "a", "a/b c", "b", "ä");
    List<Document> before = documents().list("group");
    var _ = put("group", "c", "c");
    assertThat(before).hasSize(5);
  }

  @Test
  void put_longestNameAndContent_areKept() {
    String name = "n".repeat(1_024);
    String content = "ü".repeat(DocumentStore.MAX_CONTENT_LENGTH);
    assertThat(documents().find("group", put("group", name, content).name()))
        .map(Document::content)
        .contains(content);
    assertThatThrownBy(() -> put("group", "a", content + "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("content: 1048577 characters (expected: at most 1048576)");
    assertThat(documents().list("group")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Group", "a/b", "..", "a b", "group1"})
  void anyMethod_badKind_isRefused(String kind) {
    assertThatThrownBy(() -> documents().find(kind, "a"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> documents().list(kind)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> put(kind, "a", "")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> documents().delete(kind, "a", 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void put_badNameOrContent_isRefused() {
    for (String name : List.of("", "n".repeat(1_025), "a\ud83d", "\ude00")) {
      assertThatThrownBy(() -> put("group", name, ""))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("name: ");
    }
    assertThatThrownBy(() -> put("group", "a", "\ud83d!"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("content: half a surrogate pair at 0 (expected: Unicode)");
  }

  @Test
  void put_byManyThreads_losesNoChange() throws Exception {
    int threadCount = 6;
    int changeCount = 20;
    var _ = put("counter", "n", "0");
    try (ExecutorService threads = Executors.newFixedThreadPool(threadCount)) {
      List<Future<?>> changes = new ArrayList<>();
      for (int i = 0; i < threadCount; i++) {
        changes.add(
            threads.submit(
                () -> {
                  for (int n = 0; n < changeCount; n++) {
                    increment();
                  }
                }));
      }
      for (Future<?> change : changes) {
        change.get();
      }
    }
    assertThat(documents().find("counter", "n"))
        .map(Document::content)
        .contains(Integer.toString(threadCount * changeCount));
  }

  private void increment() {
    while (true) {
      Document now = documents().find("counter", "n").orElseThrow();
      String next = Integer.toString(Integer.parseInt(now.content()) + 1);
      if (documents().put("counter", "n", next, now.revision()).isPresent()) {
        return;
      }
    }
  }

  @Test
  void anyMethod_storeClosed_isRefused() {
    DocumentStore documents = documents();
    var _ = put("group", "a", "1");
    store().close();

    assertThatThrownBy(() -> store().documents()).isInstanceOf(StoreClosedException.class);
    assertThatThrownBy(() -> documents.find("group", "a")).isInstanceOf(StoreClosedException.class);
    assertThatThrownBy(() -> documents.list("group")).isInstanceOf(StoreClosedException.class);
    assertThatThrownBy(() -> documents.put("group", "a", "2", 1))
        .isInstanceOf(StoreClosedException.class);
    assertThatThrownBy(() -> documents.delete("group", "a", 1))
        .isInstanceOf(StoreClosedException.class);
  }
}
