// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.filter.Filter;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanId;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.server.intake.Deadline;
import io.roentgen.store.Operation;
import io.roentgen.store.Trace;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceReader;
import io.roentgen.store.memory.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TraceLoaderTest {
  private static final Deadline NONE = Deadline.unless(() -> false);
  private final MemoryStore store = new MemoryStore();
  private final List<Integer> loads = new ArrayList<>();

  @AfterEach
  void close() {
    store.close();
  }

  private TraceId write(long id, int spanCount) {
    TraceId trace = new TraceId(1, id);
    List<Span> spans = new ArrayList<>();
    for (int i = 1; i <= spanCount; i++) {
      spans.add(
          Span.builder(trace, new SpanId(i))
              .service("shop")
              .name("shop")
              .segment(true)
              .startEpochNanos(id)
              .endEpochNanos(id + 1)
              .build());
    }
    store.writer().write(SpanBatch.of(spans));
    return trace;
  }

  private final class NotingReader implements TraceReader {
    @Override
    public Optional<Trace> find(TraceId traceId) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Trace> findAll(Collection<TraceId> traceIds) {
      loads.add(traceIds.size());
      return store.reader().findAll(traceIds);
    }

    @Override
    public TracePage search(TraceQuery query) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<String> services(TimeRange range) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Operation> operations(String service, TimeRange range) {
      throw new UnsupportedOperationException();
    }
  }

  private List<TraceId> load(List<TraceId> ids) {
    List<TraceId> given = new ArrayList<>();
    new TraceLoader(new NotingReader(), ids, NONE).forEach(trace -> given.add(trace.traceId()));
    return given;
  }

  @Test
  void iterator_smallTraces_loadsMoreAndMoreAtATime() {
    List<TraceId> ids = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      ids.add(write(i, 2));
    }
    assertThat(load(ids)).isEqualTo(ids);
    assertThat(loads).containsExactly(4, 8, 16, 32, 32, 8);
  }

  @Test
  void iterator_largeTraces_loadsOneByOne() {
    List<TraceId> ids = new ArrayList<>();
    for (int i = 1; i <= 8; i++) {
      ids.add(write(i, 6_000));
    }
    ids.add(3, new TraceId(9, 9));
    List<TraceId> known = new ArrayList<>(ids);
    known.remove(3);
    assertThat(load(ids)).isEqualTo(known);
    assertThat(loads).containsExactly(4, 1, 1, 1, 1, 1);
  }

  @Test
  void iterator_nobodyWaits_loadsNothing() {
    TraceId id = write(1, 1);
    var loader = new TraceLoader(new NotingReader(), List.of(id), Deadline.unless(() -> true));
    assertThatThrownBy(() -> loader.iterator().hasNext())
        .isInstanceOf(Deadline.PassedException.class)
        .hasMessageContaining("nobody waits");
    assertThat(loads).isEmpty();
  }

  @Test
  void graphOfFilter_deadlinePassed_isTold() {
    write(1, 1);
    Graphs graphs = new Graphs(store, null);
    Filter filter = Filter.parse("ok", Filter.Groups.NONE);
    assertThatThrownBy(
            () -> graphs.graph(TimeRange.ALL, filter, Deadline.in(Duration.ZERO, () -> false)))
        .isInstanceOf(Deadline.PassedException.class)
        .hasMessageContaining("range: too much to look at");
    assertThat(graphs.graph(TimeRange.ALL, filter, NONE).nodes()).isNotEmpty();
  }
}
