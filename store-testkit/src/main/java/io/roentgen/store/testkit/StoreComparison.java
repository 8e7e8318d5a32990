// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.GraphReader;
import io.roentgen.store.Operation;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.TraceCondition;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceQuery.TimeField;
import io.roentgen.store.TraceStore;
import io.roentgen.store.TraceSummary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Does the same random things to two stores and compares every answer. What it does follows from the seed alone;
 * a failure names it, so that {@code run} with it fails in the same way again.
 */
public final class StoreComparison {
  private static final int MAX_PAGES = 8;

  /** Texts that searches for attributes use beside those that spans have. */
  private static final List<String> NUMBER_TEXTS =
      List.of("0", "-0.0", "42", "42.0", "4.2e1", "-1", "9007199254740993", "0.1", "NaN", "false");

  /** The store that is compared with the reference. */
  public interface Candidate {
    /** Returns the store, another one after it was opened again. */
    TraceStore store();

    /** Does what {@link StoreContract#settle} does. */
    default void settle() {}

    /** Closes the store and opens it again. A store that keeps nothing does nothing. */
    default void reopen() {}

    /** Goes on as a new process would if this one died now. A store that keeps nothing does nothing. */
    default void crash() {}
  }

  private final TraceStore reference;
  private final Candidate candidate;
  private final Random random;
  private final RandomConditions conditions;
  private final RandomSpans spans;
  private final List<List<Span>> pending = new ArrayList<>();
  private final List<List<Span>> batches = new ArrayList<>();
  private final Set<TraceId> traceIds = new LinkedHashSet<>();
  private final Set<String> services = new LinkedHashSet<>();
  private final Map<String, Set<Operation>> operations = new LinkedHashMap<>();
  private String doing = "start";

  private StoreComparison(long seed, TraceStore reference, Candidate candidate) {
    this.reference = reference;
    this.candidate = candidate;
    random = new Random(seed);
    conditions = new RandomConditions(random);
    spans = new RandomSpans(seed, TestTraces.BASE_EPOCH_NANOS);
  }

  /** Compares two stores that settle and keep nothing. Both must be empty; the caller closes them. */
  public static void run(long seed, int steps, TraceStore reference, TraceStore candidate) {
    run(seed, steps, reference, () -> candidate);
  }

  /**
   * Does {@code steps} random things to both stores, which must be empty, and then compares everything that they
   * hold: as it is, settled, opened again and after a crash. The caller closes them.
   *
   * @throws AssertionError if an answer differs or a store throws; the message has the seed and the step
   */
  public static void run(long seed, int steps, TraceStore reference, Candidate candidate) {
    StoreComparison comparison = new StoreComparison(seed, reference, candidate);
    int step = 0;
    try {
      for (; step < steps; step++) {
        comparison.step();
      }
      comparison.finish();
    } catch (RuntimeException | AssertionError failure) {
      throw new AssertionError(
          "store comparison: seed %d, step %d of %d, %s: %s"
              .formatted(seed, step, steps, comparison.doing, failure.getMessage()),
          failure);
    }
  }

  private void step() {
    switch (random.nextInt(25)) {
      case 0, 1, 2, 3, 4, 5, 6, 7 -> write(nextBatch());
      case 8 -> repeat();
      case 9 -> settle();
      case 10 -> end();
      case 11, 12, 13, 14, 15, 16, 17 -> search(randomQuery());
      case 18, 19, 20 -> find();
      case 21, 22 -> graph(randomRange());
      case 23 -> services(randomRange());
      default -> operations(spans.pick(RandomSpans.SERVICES), randomRange());
    }
  }

  private void finish() {
    for (List<Span> rest : pending) {
      write(rest);
    }
    pending.clear();
    everything();
    settle();
    everything();
    doing = "reopen";
    candidate.reopen();
    everything();
    doing = "crash";
    candidate.crash();
    everything();
  }

  private void everything() {
    doing = "find all";
    assertThat(candidate.store().reader().findAll(traceIds))
        .isEqualTo(reference.reader().findAll(traceIds));
    for (TimeField field : TimeField.values()) {
      search(new TraceQuery(TimeRange.ALL, field, SpanCondition.ANY, 200, null));
    }
    graph(TimeRange.ALL);
    services(TimeRange.ALL);
    for (String service : RandomSpans.SERVICES) {
      operations(service, TimeRange.ALL);
    }
  }

  /** Returns some spans of some traces of which others may follow, come before, or come again. */
  private List<Span> nextBatch() {
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      List<Span> trace = spans.trace(random.nextInt(30) == 0 ? 60 : 6);
      if (random.nextInt(3) == 0) {
        Collections.shuffle(trace, random);
      }
      pending.add(trace);
    }
    List<Span> batch = new ArrayList<>();
    for (int i = 1 + random.nextInt(4); i > 0 && !pending.isEmpty(); i--) {
      int at = random.nextInt(pending.size());
      List<Span> trace = pending.get(at);
      int count = random.nextBoolean() ? trace.size() : 1 + random.nextInt(trace.size());
      batch.addAll(trace.subList(0, count));
      if (count == trace.size()) {
        pending.remove(at);
      } else {
        pending.set(at, new ArrayList<>(trace.subList(count, trace.size())));
      }
    }
    return batch;
  }

  private void write(List<Span> batch) {
    doing = "write of " + batch.size() + " spans";
    reference.writer().write(SpanBatch.of(batch));
    candidate.store().writer().write(SpanBatch.of(batch));
    batches.add(batch);
    for (Span span : batch) {
      traceIds.add(span.traceId());
      if (!span.service().isEmpty()) {
        services.add(span.service());
      }
      operations
          .computeIfAbsent(span.service(), _ -> new LinkedHashSet<>())
          .add(new Operation(span.name(), span.kind()));
    }
  }

  private void repeat() {
    if (!batches.isEmpty()) {
      write(spans.pick(batches));
    }
  }

  private void settle() {
    doing = "settle";
    candidate.settle();
  }

  private void end() {
    switch (random.nextInt(4)) {
      case 0 -> {
        doing = "reopen";
        candidate.reopen();
      }
      case 1 -> {
        doing = "crash";
        candidate.crash();
      }
      default -> settle();
    }
  }

  private void find() {
    doing = "find";
    List<TraceId> wanted = new ArrayList<>();
    List<TraceId> known = new ArrayList<>(traceIds);
    for (int i = random.nextInt(6); i >= 0; i--) {
      wanted.add(known.isEmpty() || random.nextInt(5) == 0 ? spans.traceId() : spans.pick(known));
    }
    TraceId first = wanted.get(0);
    assertThat(candidate.store().reader().find(first)).isEqualTo(reference.reader().find(first));
    assertThat(candidate.store().reader().findAll(wanted))
        .isEqualTo(reference.reader().findAll(wanted));
  }

  private void search(TraceQuery query) {
    @Nullable String expectedNext = null;
    @Nullable String next = null;
    for (int page = 0; page < MAX_PAGES; page++) {
      doing = "page " + page + " of search " + query;
      TracePage expected = reference.reader().search(query.from(expectedNext));
      TracePage actual = candidate.store().reader().search(query.from(next));
      assertThat(actual.traces()).isEqualTo(expected.traces());
      assertThat(actual.next() == null).as("last page").isEqualTo(expected.next() == null);
      assertMatching(query, actual.traces());
      expectedNext = expected.next();
      next = actual.next();
      if (next == null) {
        return;
      }
    }
  }

  /** Guards against both stores being wrong in the same way about what they found. */
  private void assertMatching(TraceQuery query, List<TraceSummary> found) {
    for (TraceSummary summary : found) {
      assertThat(reference.reader().find(summary.traceId()))
          .hasValueSatisfying(
              trace -> {
                assertThat(query.matches(trace)).as("match of %s", trace).isTrue();
                assertThat(trace.summary()).isEqualTo(summary);
              });
    }
  }

  private void graph(TimeRange range) {
    doing = "graph of " + range;
    assertThat(candidate.store().graph().graph(range)).isEqualTo(reference.graph().graph(range));
    long period = GraphReader.RESOLUTION_NANOS * (1 + random.nextInt(90));
    doing = "series of " + range + " by " + period;
    assertThat(candidate.store().graph().series(range, period))
        .isEqualTo(reference.graph().series(range, period));
  }

  private void services(TimeRange range) {
    doing = "services of " + range;
    List<String> actual = candidate.store().reader().services(range);
    assertThat(actual)
        .isSorted()
        .doesNotHaveDuplicates()
        .containsAll(reference.reader().services(range))
        .isSubsetOf(services);
  }

  private void operations(String service, TimeRange range) {
    doing = "operations of " + service + " in " + range;
    List<Operation> actual = candidate.store().reader().operations(service, range);
    assertThat(actual)
        .isSorted()
        .doesNotHaveDuplicates()
        .containsAll(reference.reader().operations(service, range))
        .isSubsetOf(operations.getOrDefault(service, Set.of()));
  }

  private TimeRange randomRange() {
    if (random.nextInt(4) == 0) {
      return TimeRange.ALL;
    }
    long start = Math.min(spans.startEpochNanos(), Long.MAX_VALUE - 1);
    long length =
        switch (random.nextInt(4)) {
          case 0 -> 1;
          case 1 -> 1 + random.nextLong(TestTraces.MINUTE);
          case 2 -> 1 + random.nextLong(2 * TestTraces.HOUR);
          default -> 1 + random.nextLong(2 * TestTraces.DAY);
        };
    if (random.nextInt(4) == 0) {
      start -= start % TestTraces.MINUTE;
      length = TestTraces.MINUTE;
    }
    return new TimeRange(start, length > Long.MAX_VALUE - start ? Long.MAX_VALUE : start + length);
  }

  private <T> @Nullable T orNull(int chances, T value) {
    return random.nextInt(chances) == 0 ? value : null;
  }

  private TraceQuery randomQuery() {
    SpanCondition condition =
        random.nextInt(3) == 0
            ? SpanCondition.ANY
            : batches.isEmpty() || random.nextInt(3) == 0
            ? anyCondition()
            : conditionLike(spans.pick(spans.pick(batches)));
    int limit = random.nextInt(5) == 0 ? TraceQuery.MAX_LIMIT : 1 + random.nextInt(30);
    return new TraceQuery(
        random.nextBoolean() ? TimeRange.ALL : randomRange(),
        spans.pick(List.of(TimeField.values())),
        condition,
        limit,
        null)
        .where(randomWhere());
  }

  private TraceCondition randomWhere() {
    return switch (random.nextInt(6)) {
      case 0 -> conditions.next();
      case 1, 2 ->
          batches.isEmpty()
              ? conditions.next()
              : conditions.like(spans.pick(batches));
      default -> TraceCondition.any();
    };
  }

  private SpanCondition anyCondition() {
    Map<String, String> attributes = new LinkedHashMap<>();
    for (int i = Math.max(0, random.nextInt(4) - 1); i > 0; i--) {
      List<String> texts = random.nextBoolean() ? RandomSpans.TEXTS : NUMBER_TEXTS;
      attributes.put(spans.pick(RandomSpans.KEYS), spans.pick(texts));
    }
    return new SpanCondition(
        orNull(3, spans.pick(RandomSpans.SERVICES)),
        orNull(4, spans.pick(RandomSpans.OPERATIONS)),
        orNull(5, random.nextLong(TestTraces.SECOND)),
        orNull(5, random.nextLong(2 * TestTraces.SECOND)),
        orNull(5, spans.pick(List.of(SpanCondition.Status.values()))),
        attributes);
  }

  /** Returns a condition that a span meets, unless others have replaced it or its own attributes hide one. */
  private SpanCondition conditionLike(Span span) {
    Map<String, Value> candidates =
        random.nextInt(3) == 0
            ? span.resourceScope().resource().attributes()
            : span.attributes();
    Map<String, String> attributes = new LinkedHashMap<>();
    candidates.forEach(
        (key, value) -> {
          String text = textOrNull(value);
          if (text != null && random.nextBoolean()) {
            attributes.put(key, text);
          }
        });
    long duration = span.durationNanos();
    return new SpanCondition(
        orNull(3, span.service()),
        orNull(3, span.name()),
        orNull(5, duration),
        orNull(5, duration),
        span.outcome().isOk() ? orNull(4, SpanCondition.Status.OK) : null,
        attributes);
  }

  private static @Nullable String textOrNull(Value value) {
    return switch (value) {
      case Value.StringValue string -> string.value();
      case Value.LongValue number -> Long.toString(number.value());
      case Value.DoubleValue number -> Double.toString(number.value());
      case Value.BooleanValue flag -> Boolean.toString(flag.value());
      case Value.BytesValue _ -> null;
      case Value.ArrayValue _ -> null;
      case Value.MapValue _ -> null;
      case Value.EmptyValue _ -> null;
    };
  }
}
