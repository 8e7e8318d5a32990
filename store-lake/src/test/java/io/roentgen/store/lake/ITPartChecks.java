// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.Span;
import io.roentgen.model.TraceId;
import io.roentgen.store.StoreCorruptedException;
import io.roentgen.store.testkit.TestTraces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is compared with checksums before whole traces are read. */
final class ITPartChecks {
  /** Of the file's magic number, which is never read. */
  private static final int MAGIC_BYTES = 4;

  /** A prime, so that all kinds of bytes are met. */
  private static final int STEP = 37;

  @TempDir Path folder;
  private final List<TraceId> ids = new ArrayList<>();
  private PartInfo info;

  @BeforeEach
  void writePart() throws IOException {
    TestTraces traces = new TestTraces();
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      List<Span> trace = traces.checkout();
      ids.add(trace.getFirst().traceId());
      spans.addAll(trace);
    }
    try (LakeStore store = TestLake.open(folder)) {
      TestLake.writePart(store, spans);
    }
    info = Catalog.read(folder).parts().getFirst();
  }

  private Part open() {
    return Part.open(info, folder.resolve("parts"));
  }

  private Path file(String name) {
    return folder.resolve("parts").resolve(info.folder()).resolve(name);
  }

  @Test
  void find_anyByteOfTheSpansChanged_isRefused() throws IOException {
    int found = open().find(ids).size();
    assertThat(found).isGreaterThan(ids.size());
    Path file = file(PartInfo.SPANS);
    long size = Files.size(file);
    for (int at = MAGIC_BYTES; at < size; at += STEP) {
      TestLake.flip(file, at);
      assertThatThrownBy(() -> open().find(ids))
          .as("byte %d of %d", at, size)
          .isInstanceOf(StoreCorruptedException.class)
          .hasMessageContaining(file.toString());
      TestLake.flip(file, at);
    }
    assertThat(open().find(ids)).hasSize(found);
  }

  @Test
  void find_fileThatItDoesNotReadChanged_works() throws IOException {
    for (String name : List.of(PartInfo.TRACES, PartInfo.GRAPH, PartInfo.OPERATIONS)) {
      TestLake.flip(file(name), 0);
    }
    assertThat(open().find(ids)).isNotEmpty();
    assertThatThrownBy(() -> open().checks().all())
        .isInstanceOf(StoreCorruptedException.class)
        .hasMessageContaining("checksum of ");
  }

  @Test
  void find_scopesOrTraceIndexChanged_isRefused() throws IOException {
    TestLake.flip(file(PartInfo.SCOPES), (int) Files.size(file(PartInfo.SCOPES)) / 2);
    assertThatThrownBy(() -> open().find(ids))
        .isInstanceOf(StoreCorruptedException.class)
        .hasMessageContaining(PartInfo.SCOPES);

    TestLake.flip(file(PartInfo.TRACE_INDEX), (int) Files.size(file(PartInfo.TRACE_INDEX)) - 1);
    Part part = open();
    assertThatThrownBy(part::index)
        .isInstanceOf(StoreCorruptedException.class)
        .hasMessageContaining(PartInfo.TRACE_INDEX);
  }
}
