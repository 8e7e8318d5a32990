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
   * What the compiler makes of a call differs from fork to fork, so one that is over the gate is
   * measured again, and the lowest iteration of all counts.
   */
  @ParameterizedTest
  @CsvSource({
    "KIT_UNSAMPLED, 440",
    "KIT_XRAY, 1660",
    "KIT_OBSERVED, 900",
    "KIT_PROMETHEUS, 900",
    "KIT_OPENTELEMETRY, 4600",
    "KIT_EVERYTHING, 4400"
  })
  void call_throughAPair_allocatesNoMoreThan(Variant variant, long maxBytes) throws Exception {
    System.setProperty(CLASS_PATH, variant.classPath(classPath));
    double lowest = Double.MAX_VALUE;
    for (int fork = 0; fork < FORKS && lowest > maxBytes; fork++) {
      lowest = Math.min(lowest, lowest(variant));
    }
    assertThat(lowest).isBetween(100.0, (double) maxBytes);
  }

  /** Measures in one fork; warms up for longer than times need, as the compiler may be late. */
  private static double lowest(Variant variant) throws RunnerException {
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
