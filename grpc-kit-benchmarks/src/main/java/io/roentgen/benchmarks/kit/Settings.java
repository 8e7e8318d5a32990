// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

/**
 * How to measure.
 *
 * @param forks how many JVMs of each variant, those of all variants in turn
 * @param full whether to warm up and measure for as long as a page to publish wants
 * @param g1 whether with the JVM's default collector in place of the parallel one
 */
record Settings(int forks, boolean full, boolean g1) {
  /** Returns the collector's flag. */
  String collector() {
    return g1 ? "-XX:+UseG1GC" : "-XX:+UseParallelGC";
  }

  /** Says what the numbers of a table are. */
  String forksText() {
    return forks == 1
        ? "of 1 fork, so that there is no interval"
        : "medians of " + forks + " forks with their 95 % intervals (bootstrap)";
  }
}
