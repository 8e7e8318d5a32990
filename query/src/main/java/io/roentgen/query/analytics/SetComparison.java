// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query.analytics;

import io.roentgen.filter.RootCauses;
import io.roentgen.model.LatencySketch;
import io.roentgen.model.Span;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.Value;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceSummary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Two sets of traces, A and B, and what tells them apart. Not safe for use by several threads.
 *
 * <p>The question, and the answer as two distributions for each field, ranked by how far they are
 * apart, is that of Honeycomb's BubbleUp (docs.honeycomb.io/working-with-your-data/bubbleup); the
 * measure is in {@link FieldCounts}.
 */
public final class SetComparison {
  /** How many traces of a set are taken in at the most. */
  public static final int MAX_TRACES = 2_000;

  /** After how many spans no further trace of a set is taken in. */
  public static final int MAX_SPANS = 1_000_000;

  /** How many fields {@link #fields} has at the most. */
  public static final int MAX_FIELDS = 50;

  /** How many causes of each kind {@link #causes} has at the most. */
  public static final int MAX_CAUSES = 10;

  private static final int MAX_COUNTED_FIELDS = 1_000;
  private static final int MAX_COUNTED_CAUSES = 5_000;
  private static final int MAX_KEY_LENGTH = 200;
  private static final int BUCKETS_PER_DECADE = 8;
  private static final int SETS = 2;

  private final int[] traceCounts = new int[SETS];
  private final long[] spanCounts = new long[SETS];
  private final LatencySketch[] durations = {new LatencySketch(), new LatencySketch()};
  private final Map<Integer, int[]> buckets = new TreeMap<>();
  private final Map<Attribute, FieldCounts> fields = new LinkedHashMap<>();
  private final Map<Cause.Key, int[]> causes = new LinkedHashMap<>();
  private boolean fieldsLeftOut;

  /** One of the two. */
  public enum Side {
    A,
    B
  }

  /**
   * Traces by duration.
   *
   * @param fromNanos the shortest, included
   * @param toNanos the longest, not included
   * @param aCount traces of A
   * @param bCount traces of B
   */
  public record Bucket(long fromNanos, long toNanos, int aCount, int bCount) {}

  /** A field by its name and whether it is a span's or resource's attribute of that name. */
  record Attribute(String name, boolean ofSender) {}

  /**
   * Takes in a trace, unless its set is full.
   *
   * @return whether it was taken in
   */
  public boolean add(Side side, Trace trace) {
    int set = side.ordinal();
    if (isFull(side)) {
      return false;
    }
    TraceSummary summary = trace.summary();
    traceCounts[set]++;
    spanCounts[set] += trace.spans().size();
    long nanos = Math.max(0, summary.endEpochNanos() - summary.startEpochNanos());
    durations[set].add(nanos);
    buckets.computeIfAbsent(bucketOf(nanos), _ -> new int[SETS])[set]++;
    values(trace, summary).forEach((field, values) -> count(field, set, values));
    countCauses(trace, set);
    return true;
  }

  /** Returns whether a set takes in no further trace. */
  public boolean isFull(Side side) {
    return traceCounts[side.ordinal()] >= MAX_TRACES || spanCounts[side.ordinal()] >= MAX_SPANS;
  }

  /** Returns how many traces a set has. */
  public int traceCount(Side side) {
    return traceCounts[side.ordinal()];
  }

  /** Returns how long the traces of a set took. */
  public LatencySketch durations(Side side) {
    return durations[side.ordinal()];
  }

  /**
   * Returns traces by duration, eight buckets to each power of ten; those without any trace are
   * left out.
   */
  public List<Bucket> buckets() {
    List<Bucket> all = new ArrayList<>();
    buckets.forEach(
        (bucket, counts) ->
            all.add(new Bucket(from(bucket), from(bucket + 1), counts[0], counts[1])));
    return all;
  }

  /** Returns the fields that differ at all, those that differ most first. */
  public List<Field> fields() {
    List<Field> ranked = new ArrayList<>();
    fields.forEach(
        (attribute, counts) -> ranked.add(counts.field(attribute, traceCounts[0], traceCounts[1])));
    return ranked.stream()
        .filter(field -> field.score() > 0)
        .sorted(Comparator.comparingDouble(Field::score).reversed().thenComparing(Field::name))
        .limit(MAX_FIELDS)
        .toList();
  }

  /** Returns how many fields the traces have. */
  public int fieldCount() {
    return fields.size();
  }

  /** Returns whether the traces have more fields than are counted. */
  public boolean areFieldsLeftOut() {
    return fieldsLeftOut;
  }

  /** Returns the root causes by kind, those whose shares differ most first. */
  public List<Cause> causes() {
    List<Cause> all = new ArrayList<>();
    causes.forEach((key, counts) -> all.add(new Cause(key, counts[0], counts[1])));
    Comparator<Cause> byDifference =
        Comparator.comparingDouble(
            cause ->
                Math.abs(
                    share(cause.aCount(), traceCounts[0]) - share(cause.bCount(), traceCounts[1])));
    List<Cause> ranked = new ArrayList<>();
    for (Cause.Kind kind : Cause.Kind.values()) {
      all.stream()
          .filter(cause -> cause.key().kind() == kind)
          .sorted(
              byDifference.thenComparingInt(cause -> cause.aCount() + cause.bCount()).reversed())
          .limit(MAX_CAUSES)
          .forEach(ranked::add);
    }
    return ranked;
  }

  static double share(int count, int all) {
    return all == 0 ? 0 : (double) count / all;
  }

  private void count(Attribute attribute, int set, Set<Value> values) {
    FieldCounts counts = fields.get(attribute);
    if (counts == null) {
      if (fields.size() == MAX_COUNTED_FIELDS) {
        fieldsLeftOut = true;
        return;
      }
      counts = new FieldCounts();
      fields.put(attribute, counts);
    }
    counts.add(set, values);
  }

  /** Returns what each field of a trace has, each value once. */
  private static Map<Attribute, Set<Value>> values(Trace trace, TraceSummary summary) {
    Map<Attribute, Set<Value>> values = new HashMap<>();
    Set<Object> resources = Collections.newSetFromMap(new IdentityHashMap<>());
    TraceSummary.Root root = summary.root();
    put(values, Fields.ENTRY, entry(root));
    put(values, Fields.STATUS, Fields.status(root.outcome()));
    for (Span span : trace.spans()) {
      if (!span.service().isEmpty()) {
        put(values, Fields.SERVICE, span.service());
      }
      if (!span.name().isEmpty()) {
        put(values, Fields.OPERATION, span.name());
      }
      String grpc = Fields.grpcStatusOrNull(span);
      if (grpc != null) {
        put(values, Fields.GRPC_STATUS, grpc);
      }
      for (SpanEvent event : span.events()) {
        if (event.attributes().get(Fields.EXCEPTION_TYPE.name())
            instanceof Value.StringValue type) {
          put(values, Fields.EXCEPTION_TYPE, type.value());
        }
      }
      attributes(span.attributes(), values);
      if (resources.add(span.resourceScope().resource())) {
        attributes(span.resourceScope().resource().attributes(), values);
      }
    }
    return values;
  }

  private static String entry(TraceSummary.Root root) {
    return root.service().isEmpty() || root.service().equals(root.name())
        ? root.name()
        : root.service() + ' ' + root.name();
  }

  private static void attributes(Map<String, Value> attributes, Map<Attribute, Set<Value>> values) {
    attributes.forEach(
        (key, value) -> {
          if (!Fields.SAID_OTHERWISE.contains(key)
              && key.length() <= MAX_KEY_LENGTH
              && isCounted(value)) {
            put(values, new Attribute(key, true), value);
          }
        });
  }

  private static boolean isCounted(Value value) {
    return switch (value) {
      case Value.StringValue _, Value.LongValue _, Value.BooleanValue _ -> true;
      case Value.DoubleValue(double number) -> Double.isFinite(number);
      case Value.BytesValue _, Value.ArrayValue _, Value.MapValue _, Value.EmptyValue _ -> false;
    };
  }

  private static void put(Map<Attribute, Set<Value>> values, Attribute field, String value) {
    put(values, field, Value.of(value));
  }

  private static void put(Map<Attribute, Set<Value>> values, Attribute field, Value value) {
    values.computeIfAbsent(field, _ -> new HashSet<>(2)).add(value);
  }

  private void countCauses(Trace trace, int set) {
    RootCauses found = RootCauses.of(trace);
    Set<Cause.Key> keys = new HashSet<>();
    found.faults().forEach(cause -> keys.add(Cause.key(Cause.Kind.FAULT, cause)));
    found.errors().forEach(cause -> keys.add(Cause.key(Cause.Kind.ERROR, cause)));
    found.responseTimes().forEach(cause -> keys.add(Cause.key(Cause.Kind.RESPONSE_TIME, cause)));
    for (Cause.Key key : keys) {
      int[] counts = causes.get(key);
      if (counts == null && causes.size() < MAX_COUNTED_CAUSES) {
        counts = new int[SETS];
        causes.put(key, counts);
      }
      if (counts != null) {
        counts[set]++;
      }
    }
  }

  private static int bucketOf(long nanos) {
    int guess = (int) Math.floor(Math.log10((double) Math.max(1, nanos)) * BUCKETS_PER_DECADE);
    // The logarithm may be off by a hair where a bucket begins.
    if (nanos >= from(guess + 1)) {
      return guess + 1;
    }
    return nanos < from(guess) ? guess - 1 : guess;
  }

  private static long from(int bucket) {
    return bucket <= 0 ? 0 : Math.round(Math.pow(10, (double) bucket / BUCKETS_PER_DECADE));
  }
}
