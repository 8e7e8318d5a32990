// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import java.io.IOException;

/** Runs the benchmarks whose names match the arguments; takes what JMH takes. */
final class Main {
  private Main() {}

  /** Hands the arguments to JMH. */
  public static void main(String[] args) throws IOException {
    org.openjdk.jmh.Main.main(args);
  }
}
