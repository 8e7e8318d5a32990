// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrowsExactly;

import io.roentgen.model.SpanBatch;
import io.roentgen.store.StoreUnavailableException;
import io.roentgen.store.testkit.TestTraces;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ChunkCallsTest {
  /** More than are looked at in one go. */
  private static final int TRACES = 2_500;

  @Test
  void rows_afterAFailedLook_areThoseOfAllSpans() {
    LiveChunk chunk = new LiveChunk(1);
    LiveChunk same = new LiveChunk(1);
    TestTraces traces = new TestTraces();
    for (int i = 0; i < TRACES; i++) {
      SpanBatch batch = SpanBatch.of(traces.checkout());
      chunk.add(batch, i);
      same.add(batch, i);
    }
    AtomicInteger looks = new AtomicInteger();
    ChunkCalls.Earlier failsOnce =
        _ -> {
          if (looks.incrementAndGet() == 2) {
            throw new StoreUnavailableException("test");
          }
          return Map.of();
        };
    assertThrowsExactly(
        StoreUnavailableException.class, () -> chunk.calls().rows(failsOnce));

    List<Graph.Row> rows = chunk.calls().rows(failsOnce);
    assertThat(rows).isNotEmpty().isEqualTo(same.calls().rows(_ -> Map.of()));
  }
}
