// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
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
 * The interceptors without a transport, by JMH. Each variant has only its own library on its class
 * path: OpenTelemetry's changes how gRPC keeps its context, whoever traces.
 */
final class PairTable {
  private static final String CLASS_PATH = "java.class.path";

  private PairTable() {}

  /** How long a fork warms up and measures. */
  private record Plan(int iterations, int seconds) {}

  /** What one fork measured. */
  private record Measured(
      double callNanos, double callBytes, double sentDocuments, double messageNanos) {}

  /** Measures, and returns the table with what it is. */
  static String run(Settings settings) throws RunnerException {
    String classPath = System.getProperty(CLASS_PATH);
    Map<Variant, List<Measured>> forksOf = new EnumMap<>(Variant.class);
    try {
      for (int fork = 0; fork < settings.forks(); fork++) {
        for (Variant variant : Variant.values()) {
          if (variant.isForPair()) {
            System.err.printf("alone, fork %d of %d: %s%n", fork + 1, settings.forks(), variant);
            System.setProperty(CLASS_PATH, variant.classPath(classPath));
            forksOf
                .computeIfAbsent(variant, v -> new ArrayList<>())
                .add(measure(variant, settings));
          }
        }
      }
    } finally {
      System.setProperty(CLASS_PATH, classPath);
    }
    StringBuilder text = new StringBuilder();
    text.append("### Interceptors alone\n\n")
        .append("A client's and a server's interceptors without a transport, in one thread; ")
        .append(settings.forksText())
        .append(";\nbytes of all threads.\n\n")
        .append(
            "| interceptors | ns a call | 95 % | B a call | over none | sent a call | ns a message"
                + " of a stream |\n")
        .append("| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    List<Measured> none = Objects.requireNonNull(forksOf.get(Variant.NONE));
    forksOf.forEach((variant, measured) -> text.append(row(variant, measured, none)));
    return text.toString();
  }

  private static String row(Variant variant, List<Measured> forks, List<Measured> none) {
    Sample nanos = Sample.of(forks, Measured::callNanos);
    Sample bytes = Sample.of(forks, Measured::callBytes);
    return "| %s | %s | %s | %s | %s | %s | %s |%n"
        .formatted(
            variant.title(),
            nanos.medianText(0),
            nanos.intervalText(0),
            bytes.medianText(0),
            variant == Variant.NONE ? "" : bytes.overText(Sample.of(none, Measured::callBytes), 0),
            Sample.of(forks, Measured::sentDocuments).medianText(2),
            Sample.of(forks, Measured::messageNanos).medianText(1));
  }

  private static Measured measure(Variant variant, Settings settings) throws RunnerException {
    Plan calls = settings.full() ? new Plan(5, 2) : new Plan(3, 1);
    Plan messages = settings.full() ? new Plan(5, 2) : new Plan(1, 1);
    RunResult call = one(variant, "call", calls, settings);
    RunResult message = one(variant, "message", messages, settings);
    return new Measured(
        call.getPrimaryResult().getScore(),
        bytes(call),
        secondary(call, "documents") / secondary(call, "calls"),
        message.getPrimaryResult().getScore());
  }

  private static RunResult one(Variant variant, String name, Plan plan, Settings settings)
      throws RunnerException {
    Collection<RunResult> results =
        run(
            variant,
            PairBenchmark.class.getSimpleName() + "." + name + "$",
            plan.iterations(),
            plan.seconds(),
            settings.collector());
    if (results.size() != 1) {
      throw new IllegalStateException(
          variant + " failed; run JMH with -p variant=" + variant + " to see why");
    }
    return results.iterator().next();
  }

  /** Returns what one fork of a variant measures, of the benchmarks that the pattern names. */
  static Collection<RunResult> run(
      Variant variant, String pattern, int iterations, int seconds, String collector)
      throws RunnerException {
    return new Runner(
            new OptionsBuilder()
                .include(pattern)
                .param("variant", variant.name())
                .forks(1)
                .warmupIterations(iterations)
                .warmupTime(TimeValue.seconds(seconds))
                .measurementIterations(iterations)
                .measurementTime(TimeValue.seconds(seconds))
                .addProfiler(GCProfiler.class)
                .jvmArgs(
                    // JMH itself uses Unsafe.
                    "--sun-misc-unsafe-memory-access=allow", "-Xms1g", "-Xmx1g", collector)
                .verbosity(VerboseMode.SILENT)
                .build())
        .run();
  }

  /** Returns the bytes that a call allocates, in all threads. */
  static double bytes(RunResult result) {
    return secondary(result, "gc.alloc.rate.norm");
  }

  private static double secondary(RunResult result, String name) {
    Result<?> found = result.getSecondaryResults().get(name);
    return Objects.requireNonNull(found, name).getScore();
  }
}
