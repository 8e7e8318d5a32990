// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Whether each request starts a trace. This tool sends no spans of its own. */
enum TraceStart {
  /** No: what is called decides. */
  NONE,
  /** By {@code X-Amzn-Trace-Id}. */
  XRAY,
  /** By {@code traceparent}. */
  W3C;

  /** Returns the headers of one request. */
  List<Map.Entry<String, String>> headers(RandomGenerator random) {
    if (this == NONE) {
      return List.of();
    }
    HexFormat hex = HexFormat.of();
    // X-Ray's ids begin with the time in seconds; W3C has no objection.
    String begin = hex.toHexDigits(System.currentTimeMillis() / 1000, 8);
    // Not of the run's seed: ids must differ from run to run.
    String rest =
        hex.toHexDigits(random.nextLong() ^ System.nanoTime()) + hex.toHexDigits(random.nextInt());
    String span = hex.toHexDigits(random.nextLong() | 1);
    return this == XRAY
        ? List.of(Map.entry("x-amzn-trace-id", "Root=1-" + begin + '-' + rest + ";Sampled=1"))
        : List.of(Map.entry("traceparent", "00-" + begin + rest + '-' + span + "-01"));
  }
}
