// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Counts the requests of one operation. Safe for use by several threads. */
final class Tally {
  /** Latencies of an hour and more count as an hour. */
  private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);

  private static final int DIGITS = 3;

  private final Histogram fromIntended = new ConcurrentHistogram(LONGEST_MICROS, DIGITS);
  private final Histogram fromActual = new ConcurrentHistogram(LONGEST_MICROS, DIGITS);
  private final Map<String, LongAdder> codes = new ConcurrentHashMap<>();
  private final LongAdder requests = new LongAdder();
  private final LongAdder failed = new LongAdder();

  /** Counts a request that was sent. */
  void add(Answer answer, long intendedNanos, long actualNanos, long endNanos) {
    record(fromActual, endNanos - actualNanos);
    count(answer, endNanos - intendedNanos);
  }

  /** Counts a request that should have been sent and was not: it waited in vain. */
  void addUnsent(long waitedNanos) {
    count(Answer.failed("not sent"), waitedNanos);
  }

  private void count(Answer answer, long nanos) {
    record(fromIntended, nanos);
    codes.computeIfAbsent(answer.code(), code -> new LongAdder()).increment();
    if (answer.failed()) {
      failed.increment();
    }
    requests.increment();
  }

  private static void record(Histogram histogram, long nanos) {
    // The timer's resolution: a latency is at least a microsecond.
    histogram.recordValue(Math.clamp(TimeUnit.NANOSECONDS.toMicros(nanos), 1, LONGEST_MICROS));
  }

  long requests() {
    return requests.sum();
  }

  long failed() {
    return failed.sum();
  }

  /** Returns what was counted, once nothing is any more. */
  Report.Row row(String name) {
    Map<String, Long> counts = new TreeMap<>();
    codes.forEach((code, count) -> counts.put(code, count.sum()));
    return new Report.Row(
        name, requests(), failed(), counts, fromIntended.copy(), fromActual.copy());
  }
}
