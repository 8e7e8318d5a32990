// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How long things took, each kept. */
final class Latencies {
  private static final double NANOS_PER_MILLI = 1e6;

  private long[] nanos = new long[256];
  private int count;

  void add(long value) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, count * 2);
    }
    nanos[count++] = value;
  }

  int count() {
    return count;
  }

  /** Returns the smallest latency that at least a share {@code quantile} of all do not exceed. */
  double millis(double quantile) {
    if (count == 0) {
      return Double.NaN;
    }
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return sorted[Math.max(0, (int) Math.ceil(quantile * count) - 1)] / NANOS_PER_MILLI;
  }

  /** Returns the rows for the median and the 99th percentile; the budget is for the latter. */
  List<Row> rows(String name, @Nullable Double p99Millis) {
    Row p50 = Row.of(name + ", p50", millis(0.5), "ms");
    Row p99 = Row.of(name + ", p99", millis(0.99), "ms");
    return List.of(p50, p99Millis == null ? p99 : p99.atMost(p99Millis));
  }
}
