// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.benchmarks.Topology.Operation;

/** A span of the reference data; filled anew for each trace. */
final class GeneratedSpan {
  long traceHigh;
  long traceLow;
  long spanId;

  /** 0 for the root. */
  long parentSpanId;

  Operation operation;
  long startEpochNanos;
  long durationNanos;
  Outcome outcome = Outcome.OK;

  /** For each key of the operation the number of its value. */
  final int[] values = new int[Topology.KEYS_PER_SPAN];

  /** How a span went: 4xx is an error, 5xx a fault. */
  enum Outcome {
    OK,
    ERROR,
    FAULT
  }

  GeneratedSpan(Operation operation) {
    this.operation = operation;
  }

  long endEpochNanos() {
    return startEpochNanos + durationNanos;
  }
}
