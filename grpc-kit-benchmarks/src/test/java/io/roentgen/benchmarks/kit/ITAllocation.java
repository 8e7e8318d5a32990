// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What a call allocates, which unlike its time is the same on a busy machine. */
class ITAllocation {
  private static final String CLASS_PATH = "java.class.path";
  private static final int FORKS = 3;

  private static double none;

  private final String classPath = System.getProperty(CLASS_PATH);

  /** JMH runs once at a time on a machine, for the sake of times. */
  @BeforeAll
  static void ignoreLock() {
    System.setProperty("jmh.ignoreLock", "true");
  }

  @AfterEach
  void restore() {
    System.setProperty(CLASS_PATH, classPath);
  }

  /**
   * Bytes over those of a call without interceptors. What the compiler makes of a call differs from
   * fork to fork, so one that is over the gate is measured again, and the lowest iteration of all
   * counts.
   */
  @ParameterizedTest
  @CsvSource({
    "NO_OP, 8",
    "KIT_UNSAMPLED, 250",
    "KIT_UNSAMPLED_XRAY_ONLY, 180",
    "KIT_XRAY, 1600",
    "KIT_OBSERVED, 650",
    "KIT_PROMETHEUS, 650",
    "KIT_OPENTELEMETRY, 4400",
    "KIT_EVERYTHING, 4300"
  })
  void call_throughAPair_allocatesNoMoreThan(Variant variant, long maxBytes) throws Exception {
    double none = none();
    double lowest = Double.MAX_VALUE;
    for (int fork = 0; fork < FORKS && lowest > maxBytes; fork++) {
      lowest = Math.min(lowest, lowest(variant) - none);
    }
    // Less than none would mean that nothing was measured.
    assertThat(lowest).isBetween(-1.0, (double) maxBytes);
  }

  /** Returns what a call allocates without interceptors. */
  private double none() throws RunnerException {
    if (none == 0) {
      none = lowest(Variant.NONE);
      assertThat(none).isBetween(100.0, 300.0);
    }
    return none;
  }

  /** Measures in one fork; warms up for longer than times need, as the compiler may be late. */
  private double lowest(Variant variant) throws RunnerException {
    System.setProperty(CLASS_PATH, variant.classPath(classPath));
    Options options =
        new OptionsBuilder()
            .include(PairBenchmark.class.getSimpleName() + ".call$")
            .param("variant", variant.name())
            .forks(1)
            .warmupIterations(10)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(3)
            .measurementTime(TimeValue.seconds(1))
            .addProfiler(GCProfiler.class)
            .jvmArgs("-Xms1g", "-Xmx1g", "-XX:+UseParallelGC")
            .verbosity(VerboseMode.SILENT)
            .build();
    return new Runner(options)
        .runSingle().getBenchmarkResults().stream()
            .flatMap(fork -> fork.getIterationResults().stream())
            .mapToDouble(
                iteration -> iteration.getSecondaryResults().get("gc.alloc.rate.norm").getScore())
            .min()
            .orElseThrow();
  }
}
