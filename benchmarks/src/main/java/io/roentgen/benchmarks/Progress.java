// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import java.time.Duration;

/** Tells people on stderr what goes on. */
final class Progress {
  private static final long START_NANOS = System.nanoTime();

  private Progress() {}

  static void say(String text) {
    Duration since = Duration.ofNanos(System.nanoTime() - START_NANOS);
    System.err.printf("[%3d:%02d] %s%n", since.toMinutes(), since.toSecondsPart(), text);
  }
}
