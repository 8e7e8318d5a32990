// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;

/** The mean of a growing count over the last minute. Safe for use by several threads. */
final class IngestRate {
  private static final int SAMPLES = 12;

  @GuardedBy("this")
  private final ArrayDeque<Sample> samples = new ArrayDeque<>();

  private record Sample(long nanos, long count) {}

  IngestRate(long nanos) {
    samples.add(new Sample(nanos, 0));
  }

  /** To be called every five seconds. */
  synchronized void sample(long nanos, long count) {
    samples.addLast(new Sample(nanos, count));
    if (samples.size() > SAMPLES) {
      samples.removeFirst();
    }
  }

  /** Returns the rate from the oldest sample until now. */
  synchronized double perSecond(long nanos, long count) {
    Sample oldest = samples.getFirst();
    double seconds = (nanos - oldest.nanos) / 1e9;
    return seconds <= 0 ? 0 : (count - oldest.count) / seconds;
  }
}
