// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.store.Document;
import io.roentgen.store.DocumentStore;
import io.roentgen.store.StoreCorruptedException;
import io.roentgen.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of documents that are damaged, left over, or cannot be written. */
final class ITDocumentFiles {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("documents").resolve("group.json");
  }

  private Document write() {
    try (LakeStore store = TestLake.open(folder)) {
      return store.documents().put("group", "shop", "{\"a\":1}", DocumentStore.NONE).orElseThrow();
    }
  }

  @Test
  void put_file_isTheJsonOfTheDocumentation() throws IOException {
    var _ = write();
    assertThat(Files.readString(file()))
        .startsWith(
            "{\"version\":1,\"lastRevision\":1,\"documents\":[{\"name\":\"shop\",\"revision\":1,"
                + "\"content\":\"{\\\"a\\\":1}\"}],\"checksum\":\"")
        .endsWith("\"}");
  }

  @Test
  void open_anyByteChangedOrMissing_refusesAndNamesTheFile() throws IOException {
    Document written = write();
    byte[] whole = Files.readAllBytes(file());
    for (int at = 0; at < whole.length; at += 11) {
      byte[] changed = whole.clone();
      changed[at] ^= 1;
      Files.write(file(), changed);
      assertRefused("checksum differs");
      Files.write(file(), Arrays.copyOf(whole, at));
      assertRefused("checksum differs");
    }
    Files.write(file(), whole);
    try (LakeStore store = TestLake.open(folder)) {
      assertThat(store.documents().list("group")).containsExactly(written);
    }
  }

  private void assertRefused(String message) throws IOException {
    byte[] before = Files.readAllBytes(file());
    assertThatThrownBy(() -> TestLake.open(folder))
        .isInstanceOf(StoreCorruptedException.class)
        .hasMessageContainingAll(
            file().toString(), message, "put back a copy of it, or move it away to go on without");
    assertThat(file()).hasBinaryContent(before);
  }

  @Test
  void open_unfinishedFile_isRemovedAndTheOldOneRead() throws IOException {
    Document written = write();
    Path fresh = file().resolveSibling("group.json.new");
    Files.writeString(fresh, "{\"version\":1,", StandardCharsets.UTF_8);
    try (LakeStore store = TestLake.open(folder)) {
      assertThat(store.documents().list("group")).containsExactly(written);
      assertThat(fresh).doesNotExist();
    }
  }

  @Test
  void put_folderIsGone_isRefusedAndChangesNothing() throws IOException {
    Document written = write();
    try (LakeStore store = TestLake.open(folder)) {
      Path elsewhere = folder.resolve("elsewhere");
      Files.move(file().getParent(), elsewhere);
      assertThatThrownBy(() -> store.documents().put("group", "shop", "2", written.revision()))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContainingAll(file().toString(), "nothing was changed");
      assertThatThrownBy(() -> store.documents().delete("group", "shop", written.revision()))
          .isInstanceOf(StoreUnavailableException.class);
      assertThat(store.documents().list("group")).containsExactly(written);

      Files.move(elsewhere, file().getParent());
      assertThat(store.documents().put("group", "shop", "2", written.revision())).isPresent();
    }
  }
}
