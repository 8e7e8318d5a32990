// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures all variants in one run, their forks in turn, and prints one table. Each variant has
 * only its own library on its class path: OpenTelemetry's changes how gRPC keeps its context,
 * whoever traces.
 */
public final class Main {
  private static final String CLASS_PATH = "java.class.path";
  private static final int DEFAULT_FORKS = 3;

  private Main() {}

  /**
   * Runs.
   *
   * @param args the number of forks of each variant, {@value #DEFAULT_FORKS} if not given
   */
  public static void main(String[] args) throws RunnerException {
    int forks = args.length == 0 ? DEFAULT_FORKS : Integer.parseInt(args[0]);
    String classPath = System.getProperty(CLASS_PATH);
    Map<Variant, List<double[]>> forksOf = new EnumMap<>(Variant.class);
    for (int fork = 0; fork < forks; fork++) {
      for (Variant variant : Variant.values()) {
        System.err.printf("fork %d of %d: %s%n", fork + 1, forks, variant);
        System.setProperty(CLASS_PATH, variant.classPath(classPath));
        forksOf.computeIfAbsent(variant, v -> new ArrayList<>()).add(measure(variant));
      }
    }
    System.setProperty(CLASS_PATH, classPath);
    System.out.println(
        "| interceptors | ns a call (median of forks) | lowest to highest | B a call |");
    System.out.println("| --- | ---: | ---: | ---: |");
    forksOf.forEach((variant, results) -> System.out.println(row(variant, results)));
  }

  private static double[] measure(Variant variant) throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(PairBenchmark.class.getSimpleName())
                    .param("variant", variant.name())
                    .forks(1)
                    .warmupIterations(5)
                    .warmupTime(TimeValue.seconds(2))
                    .measurementIterations(5)
                    .measurementTime(TimeValue.seconds(2))
                    .addProfiler(GCProfiler.class)
                    .jvmArgs("-Xms1g", "-Xmx1g", "-XX:+UseParallelGC")
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run();
    RunResult result = results.iterator().next();
    Result<?> bytes =
        Objects.requireNonNull(result.getSecondaryResults().get("gc.alloc.rate.norm"), "bytes");
    return new double[] {result.getPrimaryResult().getScore(), bytes.getScore()};
  }

  private static String row(Variant variant, List<double[]> results) {
    double[] times = results.stream().mapToDouble(r -> r[0]).sorted().toArray();
    double[] bytes = results.stream().mapToDouble(r -> r[1]).sorted().toArray();
    return String.format(
        Locale.ROOT,
        "| %s | %.0f | %.0f to %.0f | %.0f |",
        variant.name().toLowerCase(Locale.ROOT).replace('_', ' '),
        times[times.length / 2],
        times[0],
        times[times.length - 1],
        bytes[bytes.length / 2]);
  }

  /** Returns the class path without the jars whose name has one of the parts in it. */
  static String without(String classPath, List<String> parts) {
    return String.join(
        File.pathSeparator,
        Arrays.stream(classPath.split(File.pathSeparator))
            .filter(jar -> parts.stream().noneMatch(new File(jar).getName()::contains))
            .toList());
  }
}
