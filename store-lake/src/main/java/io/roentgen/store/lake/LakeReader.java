// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.ResourceScope;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.GraphReader;
import io.roentgen.store.Operation;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceReader;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Answers questions from live chunks and parts together. */
final class LakeReader implements TraceReader, GraphReader {
  private static final int IDS_PER_QUERY = 500;

  /** As many as one thread is to read of a part; each takes the time of a row group as a rule. */
  private static final int IDS_PER_FIND = 8;

  private final Engine engine;
  private final Sources sources;

  /** Gives the state to questions, and keeps its files there while one is answered. */
  interface Sources {
    <T> T read(Function<State, T> question);
  }

  LakeReader(Engine engine, Sources sources) {
    this.engine = engine;
    this.sources = sources;
  }

  @Override
  public Optional<Trace> find(TraceId traceId) {
    return findAll(List.of(traceId)).stream().findFirst();
  }

  @Override
  public List<Trace> findAll(Collection<TraceId> traceIds) {
    return sources.read(state -> findAll(state, traceIds));
  }

  List<Trace> findAll(State state, Collection<TraceId> traceIds) {
    Set<TraceId> distinct = new LinkedHashSet<>(traceIds);
    Map<TraceId, List<WrittenSpan>> spans = new HashMap<>();
    for (LiveChunk chunk : state.chunks()) {
      for (TraceId traceId : distinct) {
        List<WrittenSpan> found = chunk.find(traceId);
        if (!found.isEmpty()) {
          spans.computeIfAbsent(traceId, _ -> new ArrayList<>()).addAll(found);
        }
      }
    }
    List<Supplier<List<WrittenSpan>>> finds = new ArrayList<>();
    for (Part part : state.parts()) {
      for (List<TraceId> some : byId(inPart(part, distinct))) {
        finds.add(() -> part.find(some));
      }
    }
    engine.runAll(finds).forEach(found -> found.forEach(add(spans, distinct)));
    List<Trace> traces = new ArrayList<>();
    for (TraceId traceId : distinct) {
      List<WrittenSpan> written = spans.get(traceId);
      if (written != null) {
        traces.add(Trace.ofWritten(WrittenSpan.inOrder(written)));
      }
    }
    return traces;
  }

  /** Returns ids of traces in one part, in two halves if they are many, which have few row groups in common. */
  private static List<List<TraceId>> byId(List<TraceId> ids) {
    if (ids.size() <= IDS_PER_FIND) {
      return ids.isEmpty() ? List.of() : List.of(ids);
    }
    List<TraceId> sorted = new ArrayList<>(ids);
    sorted.sort(Comparator.comparingLong(TraceId::high));
    int half = sorted.size() / 2;
    return List.of(sorted.subList(0, half), sorted.subList(half, sorted.size()));
  }

  private static Consumer<WrittenSpan> add(
      Map<TraceId, List<WrittenSpan>> spans, Set<TraceId> wanted) {
    return written -> {
      TraceId traceId = written.span().traceId();
      if (wanted.contains(traceId)) {
        spans.computeIfAbsent(traceId, _ -> new ArrayList<>()).add(written);
      }
    };
  }

  private static String select(String columns, Part part, List<TraceId> some) {
    String from = " FROM read_parquet(" + part.file(PartInfo.SPANS) + ") WHERE ";
    if (some.size() == 1) {
      TraceId only = some.getFirst();
      return "SELECT "
          + columns
          + from
          + "trace_id_high = "
          + only.high()
          + " AND trace_id_low = "
          + only.low();
    }
    return "SELECT "
        + columns
        + from
        + "trace_id_high IN ("
        + numbers(some, TraceId::high)
        + ") AND trace_id_low IN ("
        + numbers(some, TraceId::low)
        + ")";
  }

  private static String numbers(List<TraceId> ids, Function<TraceId, Long> half) {
    return String.join(", ", ids.stream().map(half).distinct().map(String::valueOf).toList());
  }

  private static List<TraceId> inPart(Part part, Collection<TraceId> traceIds) {
    return traceIds.stream().filter(id -> part.index().contains(id.high(), id.low())).toList();
  }

  private static List<List<TraceId>> slices(List<TraceId> ids) {
    List<List<TraceId>> slices = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += IDS_PER_QUERY) {
      slices.add(ids.subList(from, Math.min(ids.size(), from + IDS_PER_QUERY)));
    }
    return slices;
  }

  /** Returns, in outline, what chunks and parts hold of these traces; those they know nothing of are left out. */
  private Map<TraceId, List<SpanOutline>> outlines(
      List<LiveChunk> chunks, List<Part> parts, List<TraceId> traceIds) {
    OutlineSet spans = new OutlineSet();
    for (LiveChunk chunk : chunks) {
      for (TraceId traceId : traceIds) {
        chunk.findOutline(traceId).forEach(spans::add);
      }
    }
    Set<TraceId> wanted = new HashSet<>(traceIds);
    List<TraceId> sorted = new ArrayList<>(wanted);
    sorted.sort(Comparator.comparingLong(LakeReader::mix));
    long[] mixes = sorted.stream().mapToLong(LakeReader::mix).toArray();
    for (Part part : parts) {
      List<TraceId> here =
          part.index().holding(mixes).stream().mapToObj(sorted::get).toList();
      for (List<TraceId> some : slices(here)) {
        part.checks().all();
        engine.scan(
            select(SpanRows.OUTLINE_COLUMNS, part, some),
            row -> {
              WrittenSpan written = SpanRows.outline(row);
              if (wanted.contains(written.span().traceId())) {
                spans.add(written);
              }
            });
      }
    }
    return spans.byTrace();
  }

  private static long mix(TraceId id) {
    return PartIndex.mix(id.high(), id.low());
  }

  /** Returns what finds the spans that were written before a chunk. */
  ChunkCalls.Earlier earlier(State state, LiveChunk chunk) {
    return traceIds -> outlines(state.before(chunk), state.parts(), traceIds);
  }

  @Override
  public TracePage search(TraceQuery query) {
    return sources.read(state -> new Search(engine, this, state, query).run());
  }

  @Override
  public List<String> services(TimeRange range) {
    return sources.read(
        state -> {
          SortedSet<String> services = new TreeSet<>();
          List<Part> parts = startingIn(state, range);
          if (!parts.isEmpty()) {
            services.addAll(
                engine.query(
                    "SELECT DISTINCT service FROM "
                        + PartWriter.from(parts, PartInfo.OPERATIONS)
                        + " WHERE service <> ''",
                    List.of(),
                    row -> row.getString(1)));
          }
          for (LiveChunk chunk : state.chunks()) {
            chunk.operations(range).forEach(key -> services.add(key.service()));
          }
          services.remove("");
          return List.copyOf(services);
        });
  }

  @Override
  public List<Operation> operations(String service, TimeRange range) {
    return sources.read(
        state -> {
          SortedSet<Operation> operations = new TreeSet<>();
          List<Part> parts = startingIn(state, range);
          if (!parts.isEmpty()) {
            operations.addAll(
                engine.query(
                    "SELECT DISTINCT name, kind FROM "
                        + PartWriter.from(parts, PartInfo.OPERATIONS)
                        + " WHERE service = ?",
                    List.of(service),
                    row ->
                        new Operation(
                            row.getString(1),
                            SpanKind.ofNumber(row.getInt(2)))));
          }
          for (LiveChunk chunk : state.chunks()) {
            for (OperationRow.Key key : chunk.operations(range)) {
              if (key.service().equals(service)) {
                operations.add(new Operation(key.name(), key.kind()));
              }
            }
          }
          return List.copyOf(operations);
        });
  }

  private static List<Part> startingIn(State state, TimeRange range) {
    List<Part> parts = new ArrayList<>();
    for (Part part : state.parts()) {
      if (part.info().minStart() < range.endEpochNanos()
          && part.info().maxStart() >= range.startEpochNanos()) {
        part.checks().all();
        parts.add(part);
      }
    }
    return parts;
  }

  @Override
  public ServiceGraph graph(TimeRange range) {
    TimeRange minutes = roundOutwards(range, Graph.MINUTE);
    return sources
        .read(
            state -> {
              Graph sum = new Graph();
              List<Part> whole = new ArrayList<>();
              List<Part> cut = new ArrayList<>();
              for (Part part : inRange(state, minutes)) {
                (lieWithin(part.info(), minutes) ? whole : cut).add(part);
              }
              engine.run(
                  () -> {
                    whole.forEach(part -> part.graphTotals().forEach(sum::add));
                    return true;
                  });
              addParts(sum, cut, hoursAndMinutes(minutes), _ -> 0);
              addChunks(sum, state, minutes);
              return sum;
            })
        .toServiceGraph();
  }

  @Override
  public List<Period> series(TimeRange range, long periodNanos) {
    GraphReader.checkPeriod(periodNanos);
    TimeRange periods = roundOutwards(range, periodNanos);
    return sources
        .read(
            state -> {
              Graph sum = new Graph();
              addParts(
                  sum,
                  inRange(state, periods),
                  List.of(minutes(periods)),
                  start -> floor(start, periodNanos));
              addChunks(sum, state, periods);
              return sum;
            })
        .toPeriods(periodNanos);
  }

  private static List<Part> inRange(State state, TimeRange minutes) {
    return state.parts().stream()
        .filter(
            part ->
                part.info().firstMinute() < minutes.endEpochNanos()
                    && part.info().lastMinute() >= minutes.startEpochNanos())
        .toList();
  }

  private static boolean lieWithin(PartInfo part, TimeRange minutes) {
    return part.firstMinute() >= minutes.startEpochNanos()
        && part.lastMinute() < minutes.endEpochNanos();
  }

  /**
   * Adds sums of parts.
   *
   * @param wheres which rows are taken; one row is in one of them
   * @param toStart from the start of a row to that of the sum that it goes into
   */
  private void addParts(
      Graph sum, List<Part> parts, List<String> wheres, LongUnaryOperator toStart) {
    if (!parts.isEmpty()) {
      parts.forEach(part -> part.checks().file(PartInfo.GRAPH));
      // Plain conditions let the engine skip row groups, which it does not do for alternatives.
      String from = "SELECT * FROM " + PartWriter.from(parts, PartInfo.GRAPH) + " WHERE ";
      engine.scan(
          wheres.stream().map(where -> from + where).collect(Collectors.joining(" UNION ALL ")),
          row -> sum.add(row, toStart));
    }
  }

  private void addChunks(Graph sum, State state, TimeRange minutes) {
    for (LiveChunk chunk : state.chunks()) {
      chunk.calls().addTo(sum, minutes, earlier(state, chunk));
    }
  }

  private static String minutes(TimeRange range) {
    return sums(Graph.MINUTE, range.startEpochNanos(), range.endEpochNanos());
  }

  private static String sums(long length, long start, long end) {
    return "length_nanos = "
        + length
        + " AND start_epoch_nanos >= "
        + start
        + " AND start_epoch_nanos < "
        + end;
  }

  /** Whole hours are read from sums by hour, what is left at both ends from sums by minute. */
  private static List<String> hoursAndMinutes(TimeRange range) {
    long firstHour = ceiling(range.startEpochNanos(), Graph.HOUR);
    long lastHour = floor(range.endEpochNanos(), Graph.HOUR);
    return firstHour >= lastHour
        ? List.of(minutes(range))
        : List.of(
            sums(Graph.HOUR, firstHour, lastHour),
            sums(Graph.MINUTE, range.startEpochNanos(), firstHour),
            sums(Graph.MINUTE, lastHour, range.endEpochNanos()));
  }

  private static TimeRange roundOutwards(TimeRange range, long unit) {
    return new TimeRange(
        floor(range.startEpochNanos(), unit), ceiling(range.endEpochNanos(), unit));
  }

  private static long floor(long value, long unit) {
    long rounded = Math.floorDiv(value, unit) * unit;
    // At the least number there is no whole unit below.
    return rounded > value ? Long.MIN_VALUE : rounded;
  }

  private static long ceiling(long value, long unit) {
    long down = Math.floorDiv(value, unit) * unit;
    return down == value ? value : value > Long.MAX_VALUE - unit ? Long.MAX_VALUE : down + unit;
  }

  /** Returns {@code time - length}, or the least number if it is less. */
  static long before(long time, long length) {
    return time < Long.MIN_VALUE + length ? Long.MIN_VALUE : time - length;
  }

  /** Returns {@code time + length}, or the greatest number if it is more. */
  static long after(long time, long length) {
    return time > Long.MAX_VALUE - length ? Long.MAX_VALUE : time + length;
  }

  /** Returns the scopes of several parts by number. */
  Map<Long, ResourceScope> scopes(List<Part> parts) {
    Map<Long, ResourceScope> scopes = new LinkedHashMap<>();
    parts.forEach(part -> scopes.putAll(part.scopes()));
    return scopes;
  }

  /** Returns whether any attribute is asked for, so that scopes are needed. */
  static boolean needsScopes(SpanCondition condition) {
    return !condition.attributes().isEmpty();
  }

  /** Returns whether a trace has spans in more than one place. */
  static boolean isSplit(State state, TraceId traceId) {
    int places = 0;
    for (LiveChunk chunk : state.chunks()) {
      places += chunk.contains(traceId.high(), traceId.low()) ? 1 : 0;
    }
    for (Part part : state.parts()) {
      places += part.index().contains(traceId.high(), traceId.low()) ? 1 : 0;
    }
    return places > 1;
  }
}
