// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.sample;

import io.roentgen.model.CallStatistics;
import io.roentgen.model.LatencySketch;
import io.roentgen.model.NodeId;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.DocumentStore;
import io.roentgen.store.GraphReader;
import io.roentgen.store.Operation;
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
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What was received, and beside it a sample while there is one: answers as one store with the
 * traces of both would. Without a sample it hands every question on. Everything is written to the
 * store of what was received only.
 */
public final class SampleStore implements TraceStore {
  private static final Comparator<TraceSummary> NEWEST_FIRST =
      Comparator.comparingLong(TraceSummary::startEpochNanos)
          .thenComparing(TraceSummary::traceId)
          .reversed();

  private final TraceStore received;
  private volatile @Nullable TraceStore sample;

  /** Takes over {@code received}, which is closed with this. */
  public SampleStore(TraceStore received) {
    this.received = received;
  }

  /** Shows a sample, or none from now on. */
  void show(@Nullable TraceStore sample) {
    this.sample = sample;
  }

  /** Returns the store of what was received, without a sample. */
  public TraceStore received() {
    return received;
  }

  /** Returns whether there is a sample. */
  public boolean hasSample() {
    return sample != null;
  }

  @Override
  public TraceWriter writer() {
    return received.writer();
  }

  @Override
  public TraceReader reader() {
    var _ = received.reader();
    return new Reader();
  }

  @Override
  public GraphReader graph() {
    var _ = received.graph();
    return new Graphs();
  }

  @Override
  public DocumentStore documents() {
    return received.documents();
  }

  /**
   * Returns what the store of received spans holds; the sample's are in memory, and counted live.
   */
  @Override
  public StoreStatus status() {
    StoreStatus status = received.status();
    TraceStore more = sample;
    if (more == null) {
      return status;
    }
    StoreStatus shown = more.status();
    return new StoreStatus(
        status.liveSpanCount() + shown.liveSpanCount(),
        status.liveBytes() + shown.liveBytes(),
        status.walBytes(),
        status.partCount(),
        status.partSpanCount(),
        status.partBytes(),
        status.diskLimitBytes(),
        status.deletedSpanCount(),
        status.corruptedPartCount());
  }

  @Override
  public void close() {
    received.close();
  }

  private final class Reader implements TraceReader {
    @Override
    public Optional<Trace> find(TraceId traceId) {
      Optional<Trace> found = received.reader().find(traceId);
      TraceStore more = sample;
      return found.isPresent() || more == null ? found : more.reader().find(traceId);
    }

    @Override
    public List<Trace> findAll(Collection<TraceId> traceIds) {
      List<Trace> found = received.reader().findAll(traceIds);
      TraceStore more = sample;
      if (more == null) {
        return found;
      }
      Map<TraceId, Trace> byId = new HashMap<>();
      more.reader().findAll(traceIds).forEach(trace -> byId.put(trace.traceId(), trace));
      found.forEach(trace -> byId.put(trace.traceId(), trace));
      return new LinkedHashSet<>(traceIds)
          .stream().filter(byId::containsKey).map(byId::get).toList();
    }

    @Override
    public TracePage search(TraceQuery query) {
      TracePage page = received.reader().search(query);
      TraceStore more = sample;
      if (more == null) {
        return page;
      }
      // A cursor stands for a place between any traces, so both stores go on from it.
      TracePage other = more.reader().search(query);
      List<TraceSummary> all =
          Stream.concat(page.traces().stream(), other.traces().stream())
              .sorted(NEWEST_FIRST)
              .toList();
      List<TraceSummary> shown = all.subList(0, Math.min(all.size(), query.limit()));
      boolean last = shown.size() == all.size() && page.next() == null && other.next() == null;
      return new TracePage(shown, last ? null : TraceCursor.after(shown.getLast(), query));
    }

    @Override
    public List<String> services(TimeRange range) {
      return union(received.reader().services(range), reader -> reader.services(range));
    }

    @Override
    public List<Operation> operations(String service, TimeRange range) {
      return union(
          received.reader().operations(service, range),
          reader -> reader.operations(service, range));
    }

    private <T extends Comparable<? super T>> List<T> union(
        List<T> found, Function<TraceReader, List<T>> ask) {
      TraceStore more = sample;
      if (more == null) {
        return found;
      }
      TreeSet<T> all = new TreeSet<>(found);
      all.addAll(ask.apply(more.reader()));
      return List.copyOf(all);
    }
  }

  private final class Graphs implements GraphReader {
    @Override
    public ServiceGraph graph(TimeRange range) {
      ServiceGraph graph = received.graph().graph(range);
      TraceStore more = sample;
      return more == null ? graph : sum(graph, more.graph().graph(range));
    }

    @Override
    public List<Period> series(TimeRange range, long periodNanos) {
      List<Period> periods = received.graph().series(range, periodNanos);
      TraceStore more = sample;
      if (more == null) {
        return periods;
      }
      SortedMap<Long, ServiceGraph> byStart = new TreeMap<>();
      Stream.concat(periods.stream(), more.graph().series(range, periodNanos).stream())
          .forEach(each -> byStart.merge(each.startEpochNanos(), each.graph(), SampleStore::sum));
      List<Period> all = new ArrayList<>();
      byStart.forEach((start, graph) -> all.add(new Period(start, graph)));
      return all;
    }
  }

  /** Adds two graphs of different traces. */
  private static ServiceGraph sum(ServiceGraph one, ServiceGraph other) {
    Map<NodeId, ServiceGraph.Node> nodes = new TreeMap<>();
    put(one.nodes(), nodes, ServiceGraph.Node::id, SampleStore::sum);
    put(other.nodes(), nodes, ServiceGraph.Node::id, SampleStore::sum);
    Map<List<NodeId>, ServiceGraph.Edge> edges =
        new TreeMap<>(Comparator.comparing(List<NodeId>::getFirst).thenComparing(List::getLast));
    put(one.edges(), edges, each -> List.of(each.caller(), each.callee()), SampleStore::sum);
    put(other.edges(), edges, each -> List.of(each.caller(), each.callee()), SampleStore::sum);
    return new ServiceGraph(List.copyOf(nodes.values()), List.copyOf(edges.values()));
  }

  private static <K, V> void put(
      List<V> from, Map<K, V> to, Function<V, K> key, BiFunction<V, V, V> sum) {
    for (V each : from) {
      to.merge(key.apply(each), each, sum);
    }
  }

  private static ServiceGraph.Node sum(ServiceGraph.Node one, ServiceGraph.Node other) {
    return new ServiceGraph.Node(
        one.id(),
        sum(one.statistics(), other.statistics()),
        sum(one.durations(), other.durations()));
  }

  private static ServiceGraph.Edge sum(ServiceGraph.Edge one, ServiceGraph.Edge other) {
    TreeSet<NodeId> aliases = new TreeSet<>(one.aliases());
    aliases.addAll(other.aliases());
    return new ServiceGraph.Edge(
        one.caller(),
        one.callee(),
        sum(one.statistics(), other.statistics()),
        sum(one.ages(), other.ages()),
        List.copyOf(aliases));
  }

  private static CallStatistics sum(CallStatistics one, CallStatistics other) {
    var calls = new CallStatistics.Builder();
    calls.add(one);
    calls.add(other);
    return calls.build();
  }

  private static LatencySketch sum(LatencySketch one, LatencySketch other) {
    var sum = new LatencySketch();
    sum.add(one);
    sum.add(other);
    return sum;
  }
}
