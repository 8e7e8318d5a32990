// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.GraphReader;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.Trace;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceReader;
import io.roentgen.store.TraceStore;
import io.roentgen.store.TraceSummary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the contracts of this kit share. A store has one test class with a nested subclass of each contract:
 *
 * <pre>{@code
 * final class FooStoreTest {
 *   @Nested
 *   final class Writing extends TraceWriterContract {
 *     @Override
 *     protected TraceStore openStore() {
 *       return new FooStore();
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>Nothing is ever skipped, and every test compares whole results.
 */
@ParameterizedClass(name = "settled {0}")
@EnumSource(Settling.class)
public abstract class StoreContract {
  /** How many traces a page of the kit's own searches has: small, so that every search turns pages. */
  private static final int PAGE = 3;

  @Parameter Settling settling = Settling.NEVER;

  private @Nullable TraceStore open;
  private TestTraces traces = new TestTraces();
  private int writeCount;
  private boolean written;

  /** Returns a new, empty store. The kit closes it. */
  protected abstract TraceStore openStore();

  /**
   * Moves everything written so far to where it will rest, such as from memory to files that have been merged,
   * and returns when that is done. Stores that move nothing need not override it.
   */
  protected void settle(TraceStore store) {}

  /** Returns a time in epoch nanoseconds around which the tests' spans lie, for stores that delete old spans. */
  protected long baseEpochNanos() {
    return TestTraces.BASE_EPOCH_NANOS;
  }

  @BeforeEach
  final void open() {
    open = openStore();
    traces = new TestTraces(1, baseEpochNanos());
  }

  @AfterEach
  final void close() {
    store().close();
  }

  final TestTraces traces() {
    return traces;
  }

  final TraceStore store() {
    if (open == null) {
      throw new IllegalStateException("cannot use store: none is open");
    }
    return open;
  }

  /** Goes on with another store, which holds what the last one held. */
  final void use(TraceStore store) {
    open = store;
  }

  final void write(Span... spans) {
    write(Arrays.asList(spans));
  }

  final void write(List<Span> spans) {
    store().writer().write(SpanBatch.of(spans));
    writeCount++;
    written();
    if (settling.isDue(writeCount, false)) {
      settle(store());
    }
  }

  /** To be called by tests that go to the writer themselves. */
  final void written() {
    written = true;
  }

  private void beforeRead() {
    if (written && settling.isDue(writeCount, true)) {
      settle(store());
    }
    written = false;
  }

  final TraceReader reader() {
    beforeRead();
    return store().reader();
  }

  final GraphReader graph() {
    beforeRead();
    return store().graph();
  }

  /** Returns the trace of these spans, which are given in its order. */
  static Trace trace(Span... spans) {
    return new Trace(spans[0].traceId(), List.of(spans));
  }

  final void assertTrace(Span... spans) {
    assertThat(reader().find(spans[0].traceId())).contains(trace(spans));
  }

  /** Returns all traces in the order of the result, having turned every page. */
  final List<TraceSummary> searchAll(TraceQuery query) {
    return searchAll(reader(), query);
  }

  static List<TraceSummary> searchAll(TraceReader reader, TraceQuery query) {
    List<TraceSummary> all = new ArrayList<>();
    @Nullable String next = null;
    do {
      TracePage page = reader.search(query.from(next));
      assertThat(page.traces()).hasSizeLessThanOrEqualTo(query.limit());
      if (next != null) {
        assertThat(page.traces()).as("page behind a cursor").isNotEmpty();
      }
      all.addAll(page.traces());
      next = page.next();
    } while (next != null);
    return all;
  }

  final List<TraceId> find(TimeRange range, TraceQuery.TimeField field, SpanCondition condition) {
    return searchAll(new TraceQuery(range, field, condition, PAGE, null)).stream()
        .map(TraceSummary::traceId)
        .toList();
  }

  final List<TraceId> find(SpanCondition condition) {
    return find(TimeRange.ALL, TraceQuery.TimeField.START, condition);
  }

  final List<TraceId> find(TimeRange range, TraceQuery.TimeField field) {
    return find(range, field, SpanCondition.ANY);
  }
}
