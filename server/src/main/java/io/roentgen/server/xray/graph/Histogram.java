// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.graph;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.model.LatencySketch;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;

/** Writes distributions of durations as lists of {@code HistogramEntry}. */
final class Histogram {
  /** More entries tell a reader no more, and make answers long. */
  static final int MAX_ENTRIES = 100;

  private static final MathContext DIGITS = new MathContext(3);
  private static final double NANOS_PER_SECOND = 1e9;

  private Histogram() {}

  /**
   * Writes a member: seconds and counts in ascending order. Neighbouring buckets are put together,
   * as few as possible, until no more than {@value #MAX_ENTRIES} are left.
   */
  static void write(JsonGenerator json, String name, LatencySketch latency) throws IOException {
    json.writeArrayFieldStart(name);
    int filled = 0;
    for (int i = 0; i < latency.bucketCount(); i++) {
      filled += latency.countAt(i) > 0 ? 1 : 0;
    }
    int together = Math.max(1, (filled + MAX_ENTRIES - 1) / MAX_ENTRIES);
    long count = 0;
    double sum = 0;
    int inEntry = 0;
    for (int i = 0; i < latency.bucketCount(); i++) {
      long inBucket = latency.countAt(i);
      if (inBucket <= 0) {
        continue;
      }
      count += inBucket;
      sum += inBucket * LatencySketch.valueOf(latency.bucket(i));
      inEntry++;
      if (inEntry == together) {
        entry(json, sum / count, count);
        count = 0;
        sum = 0;
        inEntry = 0;
      }
    }
    if (count > 0) {
      entry(json, sum / count, count);
    }
    json.writeEndArray();
  }

  private static void entry(JsonGenerator json, double nanos, long count) throws IOException {
    json.writeStartObject();
    json.writeNumberField("Value", new BigDecimal(nanos / NANOS_PER_SECOND).round(DIGITS));
    json.writeNumberField("Count", count);
    json.writeEndObject();
  }
}
