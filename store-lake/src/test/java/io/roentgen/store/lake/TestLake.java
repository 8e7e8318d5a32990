// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.Trace;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceReader;
import io.roentgen.store.TraceStore;
import io.roentgen.store.TraceSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Opens stores for tests, spoils their files, and says what they hold. */
final class TestLake {
  static final Duration LIMIT = Duration.ofMinutes(1);

  /** For spans whose times lie anywhere. */
  static final Duration FOREVER = Duration.ofDays(1_000_000);

  private TestLake() {}

  static LakeConfig config(Path folder) {
    return LakeConfig.of(folder).withKeep(new LakeConfig.Keep(FOREVER, Long.MAX_VALUE));
  }

  static LakeStore open(Path folder) {
    return LakeStore.open(config(folder));
  }

  /** Changes all bits of one byte. */
  static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] = (byte) ~bytes[at];
    Files.write(file, bytes);
  }

  /** Returns the segments of a store's log, oldest first. */
  static List<Path> segments(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("wal"))) {
      return files
          .filter(file -> file.toString().endsWith(".wal"))
          .sorted(Comparator.naturalOrder())
          .toList();
    }
  }

  /** Returns the folders of a store's parts, oldest first. */
  static List<Path> parts(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("parts"))) {
      return files.sorted(Comparator.naturalOrder()).toList();
    }
  }

  static void write(TraceStore store, List<Span> spans) {
    store.writer().write(SpanBatch.of(spans));
  }

  /** Writes spans and seals them, so that they are in a part of their own. */
  static void writePart(LakeStore store, List<Span> spans) {
    write(store, spans);
    store.seal(LIMIT);
  }

  /** Returns the ids of all traces that a search finds. */
  static List<TraceId> searchAll(TraceReader reader) {
    List<TraceId> ids = new ArrayList<>();
    TraceQuery query = TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, TraceQuery.MAX_LIMIT);
    TracePage page = reader.search(query);
    while (true) {
      page.traces().stream().map(TraceSummary::traceId).forEach(ids::add);
      if (page.next() == null) {
        return ids;
      }
      page = reader.search(query.from(page.next()));
    }
  }

  /** Asserts that the store holds these traces and no other, by id and by search. */
  static void assertHolds(TraceStore store, Collection<List<Span>> traces) {
    List<Trace> expected = traces.stream().map(Trace::ofWritten).toList();
    List<TraceId> ids = expected.stream().map(Trace::traceId).toList();
    assertThat(store.reader().findAll(ids)).isEqualTo(expected);
    assertThat(searchAll(store.reader())).containsExactlyInAnyOrderElementsOf(ids);
  }
}
