// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.model.LatencySketch;
import io.roentgen.model.Outcome;
import io.roentgen.store.TraceSummary;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long traces took and how they went. Durations are counted in buckets, eight to each power of
 * ten, as they range over orders of magnitude. Not safe for use by several threads.
 */
final class TraceStatistics {
  private static final int PER_DECADE = 8;
  private static final int OUTCOMES = 4;

  private final Map<Integer, long[]> buckets = new TreeMap<>();
  private final LatencySketch durations = new LatencySketch();
  private long count;

  void add(TraceSummary summary) {
    long nanos = Math.max(0, summary.endEpochNanos() - summary.startEpochNanos());
    buckets.computeIfAbsent(bucketOf(nanos), _ -> new long[OUTCOMES])[rank(summary.outcome())]++;
    durations.add(nanos);
    count++;
  }

  /** Each trace is in one of four: fault before throttle before error before ok. */
  private static int rank(Outcome outcome) {
    return outcome.fault() ? 3 : outcome.throttle() ? 2 : outcome.error() ? 1 : 0;
  }

  private static int bucketOf(long nanos) {
    int guess = (int) Math.floor(Math.log10((double) Math.max(1, nanos)) * PER_DECADE);
    // The logarithm may be off by a hair where a bucket begins.
    if (nanos >= from(guess + 1)) {
      return guess + 1;
    }
    return nanos < from(guess) ? guess - 1 : guess;
  }

  private static long from(int bucket) {
    return bucket <= 0 ? 0 : Math.round(Math.pow(10, (double) bucket / PER_DECADE));
  }

  void write(ModelJson model, JsonGenerator json) throws IOException {
    json.writeNumberField("traceCount", count);
    model.quantiles("durations", durations);
    json.writeArrayFieldStart("buckets");
    for (Map.Entry<Integer, long[]> bucket : buckets.entrySet()) {
      long[] counts = bucket.getValue();
      json.writeStartObject();
      model.nanos("fromNanos", from(bucket.getKey()));
      model.nanos("toNanos", from(bucket.getKey() + 1));
      json.writeNumberField("okCount", counts[0]);
      json.writeNumberField("errorCount", counts[1]);
      json.writeNumberField("throttleCount", counts[2]);
      json.writeNumberField("faultCount", counts[3]);
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
