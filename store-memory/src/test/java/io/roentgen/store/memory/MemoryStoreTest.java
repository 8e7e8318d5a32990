// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import io.roentgen.store.StoreOverloadedException;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceStore;
import io.roentgen.store.testkit.DocumentStoreContract;
import io.roentgen.store.testkit.GraphReaderContract;
import io.roentgen.store.testkit.TraceConditionContract;
import io.roentgen.store.testkit.TraceReaderContract;
import io.roentgen.store.testkit.TraceWriterContract;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class MemoryStoreTest {
  @Nested
  final class Writing extends TraceWriterContract {
    @Override
    protected TraceStore openStore() {
      return new MemoryStore();
    }
  }

  @Nested
  final class Reading extends TraceReaderContract {
    @Override
    protected TraceStore openStore() {
      return new MemoryStore();
    }
  }

  @Nested
  final class Conditions extends TraceConditionContract {
    @Override
    protected TraceStore openStore() {
      return new MemoryStore();
    }
  }

  @Nested
  final class Graph extends GraphReaderContract {
    @Override
    protected TraceStore openStore() {
      return new MemoryStore();
    }
  }

  @Nested
  final class Documents extends DocumentStoreContract {
    @Override
    protected TraceStore openStore() {
      return new MemoryStore();
    }
  }

  private static final TraceId TRACE = new TraceId(1, 2);

  @Test
  void write_batchBeyondLimit_isRefusedWholeAndSmallerOneTaken() {
    try (MemoryStore store = new MemoryStore(2)) {
      store.writer().write(SpanBatch.of(List.of(span(1))));

      assertThatThrownBy(() -> store.writer().write(SpanBatch.of(List.of(span(2), span(3)))))
          .isInstanceOfSatisfying(
              StoreOverloadedException.class,
              refused -> assertThat(refused.retryAfterMillis()).isPositive())
          .hasMessage("memory store: 1 spans held, 2 more sent (expected: at most 2)");
      assertThat(store.reader().find(TRACE)).contains(new Trace(TRACE, List.of(span(1))));

      store.writer().write(SpanBatch.of(List.of(span(2))));
      assertThat(store.reader().find(TRACE)).contains(new Trace(TRACE, List.of(span(1), span(2))));
      assertThat(store.status().liveSpanCount()).isEqualTo(2);
    }
  }

  @Test
  void construct_negativeLimit_isRefused() {
    assertThatThrownBy(() -> new MemoryStore(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxSpanCount: -1 (expected: >= 0)");
  }

  private static Span span(long id) {
    return Span.builder(TRACE, new SpanId(id)).service("shop").endEpochNanos(5).build();
  }
}
