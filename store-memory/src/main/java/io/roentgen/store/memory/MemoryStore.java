// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.DocumentStore;
import io.roentgen.store.Documents;
import io.roentgen.store.GraphCounter;
import io.roentgen.store.GraphReader;
import io.roentgen.store.Operation;
import io.roentgen.store.StoreClosedException;
import io.roentgen.store.StoreOverloadedException;
import io.roentgen.store.StoreStatus;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceCursor;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceReader;
import io.roentgen.store.TraceStore;
import io.roentgen.store.TraceSummary;
import io.roentgen.store.TraceWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps every span that was written in a list and answers by looking at all of them. It is there to be
 * obviously right: tests compare other stores with it. Nothing outlives the process.
 *
 * <p>Answers for services and operations are exact, not rounded.
 */
public final class MemoryStore implements TraceStore {
  private static final Comparator<TraceSummary> NEWEST_FIRST =
      Comparator.comparingLong(TraceSummary::startEpochNanos)
          .thenComparing(TraceSummary::traceId)
          .reversed();

  /** Nothing makes room, so a sender had better ask rarely. */
  private static final long RETRY_AFTER_MILLIS = 10_000;

  private final long maxSpanCount;
  private final Documents documents;
  private final Object lock = new Object();

  /** Spans in the order in which they were written. */
  @GuardedBy("lock")
  private final Map<TraceId, List<Span>> written = new HashMap<>();

  @GuardedBy("lock")
  private long spanCount;

  @GuardedBy("lock")
  private long byteCount;

  @GuardedBy("lock")
  private boolean closed;

  /** Makes an empty store without a limit. */
  public MemoryStore() {
    this(Long.MAX_VALUE);
  }

  /** Makes a store with these documents and no spans; it hands every change of them to {@code saver}. */
  public MemoryStore(Map<String, Documents.Kind> saved, Documents.Saver saver) {
    this(Long.MAX_VALUE, new Documents(saved, saver));
  }

  /**
   * Makes an empty store that refuses batches with {@link StoreOverloadedException} when it would hold more
   * than {@code maxSpanCount} spans, repeated ones included.
   */
  public MemoryStore(long maxSpanCount) {
    this(maxSpanCount, new Documents(Map.of(), (_, _) -> {}));
  }

  private MemoryStore(long maxSpanCount, Documents documents) {
    if (maxSpanCount < 0) {
      throw new IllegalArgumentException("maxSpanCount: " + maxSpanCount + " (expected: >= 0)");
    }
    this.maxSpanCount = maxSpanCount;
    this.documents = documents;
  }

  @Override
  public TraceWriter writer() {
    checkOpen();
    return this::write;
  }

  @Override
  public TraceReader reader() {
    checkOpen();
    return new Reader();
  }

  @Override
  public GraphReader graph() {
    checkOpen();
    return new Graphs();
  }

  @Override
  public DocumentStore documents() {
    checkOpen();
    return documents;
  }

  @Override
  public StoreStatus status() {
    synchronized (lock) {
      checkOpen();
      return new StoreStatus(spanCount, byteCount, 0, 0, 0, 0, Long.MAX_VALUE, 0, 0);
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      written.clear();
    }
    documents.close();
  }

  private void checkOpen() {
    synchronized (lock) {
      if (closed) {
        throw new StoreClosedException();
      }
    }
  }

  private void write(SpanBatch batch) {
    List<Span> spans = batch.toSpans();
    synchronized (lock) {
      checkOpen();
      if (spans.size() > maxSpanCount - spanCount) {
        throw new StoreOverloadedException(
            "memory store: "
                + spanCount
                + " spans held, "
                + spans.size()
                + " more sent (expected: at most "
                + maxSpanCount
                + ")",
            RETRY_AFTER_MILLIS);
      }
      for (Span span : spans) {
        written.computeIfAbsent(span.traceId(), _ -> new ArrayList<>()).add(span);
      }
      spanCount += spans.size();
      byteCount += batch.length();
    }
  }

  private @Nullable Trace traceOrNull(TraceId traceId) {
    synchronized (lock) {
      checkOpen();
      List<Span> spans = written.get(traceId);
      return spans == null ? null : Trace.ofWritten(spans);
    }
  }

  private List<Trace> traces() {
    synchronized (lock) {
      checkOpen();
      return written.values().stream().map(Trace::ofWritten).toList();
    }
  }

  private final class Graphs implements GraphReader {
    @Override
    public ServiceGraph graph(TimeRange range) {
      return count(GraphCounter.of(range)).graph();
    }

    @Override
    public List<Period> series(TimeRange range, long periodNanos) {
      return count(GraphCounter.byPeriod(range, periodNanos)).periods();
    }

    private GraphCounter count(GraphCounter counter) {
      traces().forEach(counter::add);
      return counter;
    }
  }

  private final class Reader implements TraceReader {
    @Override
    public Optional<Trace> find(TraceId traceId) {
      return Optional.ofNullable(traceOrNull(traceId));
    }

    @Override
    public List<Trace> findAll(Collection<TraceId> traceIds) {
      checkOpen();
      List<Trace> found = new ArrayList<>();
      for (TraceId traceId : new LinkedHashSet<>(traceIds)) {
        find(traceId).ifPresent(found::add);
      }
      return found;
    }

    @Override
    public TracePage search(TraceQuery query) {
      checkOpen();
      @Nullable TraceCursor cursor = TraceCursor.of(query);
      List<TraceSummary> rest =
          traces().stream()
              .filter(query::matches)
              .map(Trace::summary)
              .filter(summary -> cursor == null || cursor.isBefore(summary))
              .sorted(NEWEST_FIRST)
              .toList();
      if (rest.size() <= query.limit()) {
        return new TracePage(rest, null);
      }
      List<TraceSummary> page = rest.subList(0, query.limit());
      return new TracePage(page, TraceCursor.after(page.getLast(), query));
    }

    @Override
    public List<String> services(TimeRange range) {
      Set<String> services = new TreeSet<>();
      forEachSpan(
          range,
          span -> {
            if (!span.service().isEmpty()) {
              services.add(span.service());
            }
          });
      return List.copyOf(services);
    }

    @Override
    public List<Operation> operations(String service, TimeRange range) {
      Set<Operation> operations = new TreeSet<>();
      forEachSpan(
          range,
          span -> {
            if (span.service().equals(service)) {
              operations.add(new Operation(span.name(), span.kind()));
            }
          });
      return List.copyOf(operations);
    }

    private void forEachSpan(TimeRange range, Consumer<Span> action) {
      for (Trace trace : traces()) {
        for (Span span : trace.spans()) {
          if (range.contains(span.startEpochNanos())) {
            action.accept(span);
          }
        }
      }
    }
  }
}
