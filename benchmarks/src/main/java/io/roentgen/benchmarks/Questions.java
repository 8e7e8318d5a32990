// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.benchmarks.Question.Kind;
import io.roentgen.benchmarks.Topology.KeyValue;
import io.roentgen.benchmarks.Topology.Operation;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.SpanCondition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Makes up questions about the reference data: other ones each time, and the same in each run. */
final class Questions {
  private static final long DAY_NANOS = 86_400_000_000_000L;
  private static final long SEED = 42;
  private static final int WARM_UP = 30;
  private static final int MIN_SAMPLES = 20;
  private static final int MAX_SAMPLES = 2_000;

  private final ReferenceData data;
  private final long traceCount;
  private final TimeRange range;

  /**
   * Asks about what was stored.
   *
   * @param traceCount how many of the data's traces, the oldest first
   * @param range what searches look at
   */
  Questions(ReferenceData data, long traceCount, TimeRange range) {
    this.data = data;
    this.traceCount = traceCount;
    this.range = range;
  }

  /** Returns a question of one sort. */
  Question next(Kind kind, SplittableRandom random) {
    Topology topology = data.topology();
    return switch (kind) {
      case ID -> byId(random);
      case SERVICE ->
          search(
              kind,
              condition(topology.service(random.nextInt(Topology.SERVICE_COUNT)), null, null));
      case OPERATION -> {
        int service = random.nextInt(Topology.SERVICE_COUNT);
        Operation operation =
            topology.operations(service).get(random.nextInt(Topology.OPERATIONS_PER_SERVICE));
        yield search(kind, condition(topology.service(service), operation.name(), null));
      }
      case DURATION ->
          search(kind, condition(null, null, 100_000_000L + random.nextLong(400_000_000L)));
      case ATTRIBUTE_COMMON -> attribute(kind, topology.values(Topology.WIDEST).getFirst());
      case ATTRIBUTE_RARE -> attribute(kind, topology.values(Topology.WIDEST).getLast());
      case ATTRIBUTE_ANY -> {
        List<KeyValue> all = new ArrayList<>();
        for (int key = 0; key < Topology.KEY_COUNT; key++) {
          all.addAll(topology.values(key));
        }
        yield attribute(kind, all.get(random.nextInt(all.size())));
      }
      case ATTRIBUTE_MISSING ->
          attribute(
              kind,
              new KeyValue(
                  topology.values(Topology.WIDEST).getFirst().key(),
                  "missing-" + random.nextInt(1_000_000),
                  false));
      case GRAPH -> {
        long span = Math.max(1, range.endEpochNanos() - range.startEpochNanos() - DAY_NANOS);
        long start = range.startEpochNanos() + random.nextLong(span);
        yield new Question(
            kind, null, SpanCondition.ANY, null, new TimeRange(start, start + DAY_NANOS));
      }
      case SUMMARIES_SERVICE -> filter(kind, service(random));
      case SUMMARIES_EDGE -> {
        int caller = random.nextInt(Topology.SERVICE_COUNT);
        int callee = (caller + 1 + random.nextInt(9)) % Topology.SERVICE_COUNT;
        yield filter(
            kind,
            "edge(\"" + topology.service(caller) + "\", \"" + topology.service(callee) + "\")");
      }
      case SUMMARIES_DURATION -> filter(kind, "duration >= " + seconds(random));
      case SUMMARIES_ANNOTATION -> filter(kind, annotation(random));
      case SUMMARIES_COMPOUND ->
          filter(
              kind,
              "("
                  + service(random)
                  + " { fault OR responsetime >= "
                  + seconds(random)
                  + " } OR "
                  + annotation(random)
                  + ") AND !"
                  + service(random)
                  + " AND !throttle");
    };
  }

  private Question filter(Kind kind, String filter) {
    return new Question(kind, null, SpanCondition.ANY, filter, range);
  }

  private String service(SplittableRandom random) {
    return "service(\"" + data.topology().service(random.nextInt(Topology.SERVICE_COUNT)) + "\")";
  }

  /** Returns 0.1 to 0.5 seconds. */
  private static String seconds(SplittableRandom random) {
    return "0." + (100 + random.nextInt(400));
  }

  /** Returns a condition on any value of any key. */
  private String annotation(SplittableRandom random) {
    List<KeyValue> all = new ArrayList<>();
    for (int key = 0; key < Topology.KEY_COUNT; key++) {
      all.addAll(data.topology().values(key));
    }
    KeyValue value = all.get(random.nextInt(all.size()));
    String text = value.number() ? value.text() : "\"" + value.text() + "\"";
    return "annotation[\"" + value.key() + "\"] = " + text;
  }

  private Question byId(SplittableRandom random) {
    TraceId id = data.traceId(random.nextLong(traceCount));
    return new Question(Kind.ID, id, SpanCondition.ANY, null, range);
  }

  private Question search(Kind kind, SpanCondition condition) {
    return new Question(kind, null, condition, null, range);
  }

  private Question attribute(Kind kind, KeyValue value) {
    return search(
        kind, new SpanCondition(null, null, null, null, null, Map.of(value.key(), value.text())));
  }

  private static SpanCondition condition(
      @Nullable String service, @Nullable String operation, @Nullable Long minDurationNanos) {
    return new SpanCondition(service, operation, minDurationNanos, null, null, Map.of());
  }

  /**
   * Asks one after another for so many seconds, but at least 20 times and at most 2,000, after 30
   * (or a fifth of the time) to warm up.
   */
  Latencies ask(Question.Answerer answerer, Kind kind, double seconds) {
    SplittableRandom random = new SplittableRandom(SEED);
    long warmUpEnd = System.nanoTime() + (long) (seconds * 0.2e9);
    for (int i = 0; i < WARM_UP && System.nanoTime() < warmUpEnd; i++) {
      answerer.answer(next(kind, random));
    }
    Latencies latencies = new Latencies();
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (latencies.count() < MAX_SAMPLES
        && (latencies.count() < MIN_SAMPLES || System.nanoTime() < end)) {
      Question question = next(kind, random);
      long begin = System.nanoTime();
      answerer.answer(question);
      latencies.add(System.nanoTime() - begin);
    }
    return latencies;
  }

  /**
   * Asks each sort of question that the answerer understands and returns the rows, with {@code
   * prefix} before their names.
   */
  List<Row> askAll(Question.Answerer answerer, String prefix, double seconds, boolean budgets) {
    List<Row> rows = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      if (!answerer.understands(kind)) {
        continue;
      }
      Progress.say(prefix + kind.label());
      Latencies latencies = ask(answerer, kind, seconds);
      rows.addAll(
          latencies.rows(prefix + kind.label(), budgets ? (Double) kind.budgetMillis() : null));
    }
    return rows;
  }
}
