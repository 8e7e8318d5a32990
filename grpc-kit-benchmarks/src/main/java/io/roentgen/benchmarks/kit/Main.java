// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures all variants in one run, their forks in turn, and prints one table; with a file as the
 * second argument, puts it there too, in place of the section that it had. Each variant has only
 * its own library on its class path: OpenTelemetry's changes how gRPC keeps its context, whoever
 * traces.
 */
public final class Main {
  private static final String CLASS_PATH = "java.class.path";
  private static final String SECTION = "## gRPC kit";
  private static final int DEFAULT_FORKS = 5;
  private static final int RESAMPLES = 2000;

  private Main() {}

  /** What one fork measured. */
  private record Measured(double callNanos, double callBytes, double messageNanos) {}

  /**
   * Runs.
   *
   * @param args the number of forks of each variant, {@value #DEFAULT_FORKS} if not given; then the
   *     file that has the section, if any
   */
  public static void main(String[] args) throws RunnerException, IOException {
    int forks = args.length == 0 ? DEFAULT_FORKS : Integer.parseInt(args[0]);
    String classPath = System.getProperty(CLASS_PATH);
    Map<Variant, List<Measured>> forksOf = new EnumMap<>(Variant.class);
    for (int fork = 0; fork < forks; fork++) {
      for (Variant variant : Variant.values()) {
        System.err.printf("fork %d of %d: %s%n", fork + 1, forks, variant);
        System.setProperty(CLASS_PATH, variant.classPath(classPath));
        forksOf.computeIfAbsent(variant, v -> new ArrayList<>()).add(measure(variant));
      }
    }
    System.setProperty(CLASS_PATH, classPath);
    String section = section(forks, forksOf);
    System.out.print(section);
    if (args.length > 1) {
      replaceSection(Path.of(args[1]), section);
    }
  }

  private static Measured measure(Variant variant) throws RunnerException {
    Collection<RunResult> results = run(variant, PairBenchmark.class.getSimpleName());
    if (results.size() != 2) {
      throw new IllegalStateException(
          variant + " failed; run JMH with -p variant=" + variant + " to see why");
    }
    double call = 0;
    double bytes = 0;
    double message = 0;
    for (RunResult result : results) {
      if (result.getPrimaryResult().getLabel().equals("call")) {
        call = result.getPrimaryResult().getScore();
        bytes = bytes(result);
      } else {
        message = result.getPrimaryResult().getScore();
      }
    }
    return new Measured(call, bytes, message);
  }

  /** Returns what one fork of a variant measures, of the benchmarks that the pattern names. */
  static Collection<RunResult> run(Variant variant, String pattern) throws RunnerException {
    return new Runner(
            new OptionsBuilder()
                .include(pattern)
                .param("variant", variant.name())
                .forks(1)
                .warmupIterations(4)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(5)
                .measurementTime(TimeValue.seconds(1))
                .addProfiler(GCProfiler.class)
                .jvmArgs("-Xms1g", "-Xmx1g", "-XX:+UseParallelGC")
                .verbosity(VerboseMode.SILENT)
                .build())
        .run();
  }

  /** Returns the bytes that a call allocates, in all threads. */
  static double bytes(RunResult result) {
    return Objects.requireNonNull(
            result.getSecondaryResults().get("gc.alloc.rate.norm"), "no allocation")
        .getScore();
  }

  private static String section(int forks, Map<Variant, List<Measured>> forksOf) {
    StringBuilder text = new StringBuilder();
    text.append(SECTION)
        .append("\n\n- command: ./roentgen bench kit ")
        .append(forks)
        .append("\n- date: ")
        .append(Instant.now().truncatedTo(ChronoUnit.SECONDS))
        .append("\n- JDK: ")
        .append(System.getProperty("java.vm.version"))
        .append(
            "\n\nA client's and a server's interceptor without a transport, in one thread; median")
        .append(" of ")
        .append(forks)
        .append(" forks\nwith its 95 % interval (bootstrap); bytes of all threads.\n\n")
        .append("| interceptors | ns a call | 95 % | B a call | ns a message of a stream |\n")
        .append("| --- | ---: | ---: | ---: | ---: |\n");
    forksOf.forEach((variant, measured) -> text.append(row(variant, measured)));
    return text.toString();
  }

  private static String row(Variant variant, List<Measured> measured) {
    double[] times = measured.stream().mapToDouble(Measured::callNanos).toArray();
    double[] interval = interval(times);
    return String.format(
        Locale.ROOT,
        "| %s | %.0f | %.0f to %.0f | %.0f | %.1f |%n",
        variant.name().toLowerCase(Locale.ROOT).replace('_', ' '),
        median(times),
        interval[0],
        interval[1],
        median(measured.stream().mapToDouble(Measured::callBytes).toArray()),
        median(measured.stream().mapToDouble(Measured::messageNanos).toArray()));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** Returns the ends of the 95 % interval of the median, by drawing the values again and again. */
  private static double[] interval(double[] values) {
    Random random = new Random(1);
    double[] medians = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      double[] drawn = new double[values.length];
      for (int j = 0; j < drawn.length; j++) {
        drawn[j] = values[random.nextInt(values.length)];
      }
      medians[i] = median(drawn);
    }
    Arrays.sort(medians);
    return new double[] {medians[RESAMPLES / 40], medians[RESAMPLES - 1 - RESAMPLES / 40]};
  }

  private static void replaceSection(Path file, String section) throws IOException {
    String page = Files.exists(file) ? Files.readString(file) : "";
    int at = page.indexOf(SECTION);
    Files.writeString(file, (at < 0 ? page + '\n' : page.substring(0, at)) + section);
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
