// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Calls between two processes over Netty and the loopback interface, each pinned to a processor of
 * its own, as otherwise both fight for one and what interceptors take is hidden.
 */
final class Loopback {
  /** At what loads latencies are measured, in percent of what is reached without interceptors. */
  static final List<Integer> LOADS = List.of(30, 50, 70);

  /** After how long a process that should have ended is ended, in seconds. */
  private static final int PATIENCE_SECONDS = 300;

  private final Settings settings;
  private final List<Integer> processors;
  private final String pinning;

  private Loopback(Settings settings, List<Integer> processors, String pinning) {
    this.settings = settings;
    this.processors = processors;
    this.pinning = pinning;
  }

  /** Measures, and returns the tables with what they are. */
  static String run(Settings settings) throws IOException, InterruptedException {
    List<Integer> allowed = allowedProcessors();
    Loopback loopback;
    if (allowed.size() < 2) {
      loopback = new Loopback(settings, List.of(), "not pinned, as there is no second processor");
    } else if (!isOnPath("taskset")) {
      loopback = new Loopback(settings, List.of(), "not pinned, as there is no taskset on PATH");
    } else {
      loopback =
          new Loopback(
              settings,
              allowed,
              "server pinned to processor "
                  + allowed.get(0)
                  + ", client to processor "
                  + allowed.get(1));
    }
    return loopback.measure();
  }

  private String measure() throws IOException, InterruptedException {
    String classPath = System.getProperty("java.class.path");
    Map<Variant, List<Map<String, Double>>> forksOf = new EnumMap<>(Variant.class);
    double full = 0;
    for (int fork = 0; fork < settings.forks(); fork++) {
      for (Variant variant : Variant.values()) {
        if (!variant.isForLoopback()) {
          continue;
        }
        System.err.printf("loopback, fork %d of %d: %s%n", fork + 1, settings.forks(), variant);
        Map<String, Double> measured = measure(variant, variant.classPath(classPath), full);
        if (full == 0) {
          // The first is without interceptors: its rate is what loads are percents of.
          full = value(measured, "rate");
        }
        forksOf.computeIfAbsent(variant, v -> new ArrayList<>()).add(measured);
      }
    }
    return text(forksOf, full);
  }

  private Map<String, Double> measure(Variant variant, String classPath, double full)
      throws IOException, InterruptedException {
    Process server = start(0, LoopbackServer.class, classPath, List.of(variant.name()));
    try (BufferedReader said = server.inputReader()) {
      String line = said.readLine();
      if (line == null || !line.startsWith("port ")) {
        throw new IOException(variant + ": server: " + line + " (expected: port and number)");
      }
      Process client =
          start(
              1,
              LoopbackClient.class,
              classPath,
              List.of(
                  variant.name(),
                  line.substring("port ".length()),
                  settings.full() ? "10" : "4",
                  settings.full() ? "10" : "2",
                  Double.toString(full)));
      try {
        return read(variant, client);
      } finally {
        end(client);
      }
    } finally {
      end(server);
    }
  }

  private static Map<String, Double> read(Variant variant, Process client)
      throws IOException, InterruptedException {
    // What it says ends when it does.
    client
        .onExit()
        .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .exceptionally(
            late -> {
              client.destroyForcibly();
              return client;
            });
    Map<String, Double> measured = new HashMap<>();
    try (BufferedReader said = client.inputReader()) {
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        String[] parts = line.split(" ", 2);
        measured.put(parts[0], Double.parseDouble(parts[1]));
      }
    }
    int code = client.waitFor();
    if (code != 0) {
      throw new IOException(variant + ": the client ended with code " + code + ", see above");
    }
    return measured;
  }

  /** Has a process end, which it does when its input is closed, and waits for it. */
  private static void end(Process process) throws IOException, InterruptedException {
    process.getOutputStream().close();
    if (!process.waitFor(PATIENCE_SECONDS / 10, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  private Process start(int processor, Class<?> main, String classPath, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    if (!processors.isEmpty()) {
      command.addAll(List.of("taskset", "-c", processors.get(processor).toString()));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xms1g", "-Xmx1g", settings.collector()));
    // Netty loads native code and uses Unsafe; one event loop is enough for one connection.
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Dio.grpc.netty.shaded.io.netty.eventLoopThreads=1");
    command.addAll(List.of("-cp", classPath, main.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private String text(Map<Variant, List<Map<String, Double>>> forksOf, double full) {
    StringBuilder text = new StringBuilder();
    text.append("### Between two processes\n\n")
        .append("Unary calls of 100 bytes over Netty and the loopback interface; ")
        .append(pinning)
        .append(";\n")
        .append(settings.forksText())
        .append("; ")
        .append(settings.g1() ? "G1" : "ParallelGC")
        .append(".\nProcessor time (also seconds per 1,000 calls, times 1,000) and allocated bytes")
        .append(" of both processes together.\n\n")
        .append("| interceptors | calls/s at most | 95 % | CPU us a call | 95 % | over none")
        .append(" | B a call | over none | B on the wire | over none | sent a call |\n")
        .append("| --- |")
        .append(" ---: |".repeat(10))
        .append('\n');
    List<Map<String, Double>> none = Objects.requireNonNull(forksOf.get(Variant.NONE));
    forksOf.forEach((variant, forks) -> text.append(row(variant, forks, none)));
    text.append("\n### Latencies at fixed rates\n\n")
        .append("The same, in us from when each call should have begun, at ");
    for (int load : LOADS) {
      text.append(load == LOADS.getFirst() ? "" : ", ")
          .append(load)
          .append(" % (")
          .append(Math.round(full * load / 100))
          .append("/s)");
    }
    text.append(" of what\nis reached without interceptors: p50, p99 and p99.9.\n\n")
        .append("| interceptors |");
    for (int load : LOADS) {
      text.append(" %1$d %%: p50 | p99 | p99.9 |".formatted(load));
    }
    text.append(" p99 at 70 %, 95 % |\n| --- |").append(" ---: |".repeat(3 * LOADS.size() + 1));
    text.append('\n');
    forksOf.forEach((variant, forks) -> text.append(latencies(variant, forks)));
    return text.toString();
  }

  private static String row(
      Variant variant, List<Map<String, Double>> forks, List<Map<String, Double>> none) {
    Sample rate = of(forks, "rate");
    Sample cpu = of(forks, "cpuMicros");
    Sample bytes = of(forks, "bytes");
    Sample wire = of(forks, "wireBytes");
    boolean isNone = variant == Variant.NONE;
    return "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |%n"
        .formatted(
            variant.title(),
            rate.medianText(0),
            rate.intervalText(0),
            cpu.medianText(1),
            cpu.intervalText(1),
            isNone ? "" : cpu.overText(of(none, "cpuMicros"), 1),
            bytes.medianText(0),
            isNone ? "" : bytes.overText(of(none, "bytes"), 0),
            wire.medianText(0),
            isNone ? "" : wire.overText(of(none, "wireBytes"), 0),
            of(forks, "sent").medianText(2));
  }

  private static String latencies(Variant variant, List<Map<String, Double>> forks) {
    StringBuilder row = new StringBuilder("| ").append(variant.title()).append(" |");
    for (int load : LOADS) {
      for (String percentile : List.of("p50", "p99", "p999")) {
        row.append(' ').append(of(forks, percentile + "at" + load).medianText(0)).append(" |");
      }
    }
    return row.append(' ')
        .append(of(forks, "p99at" + LOADS.getLast()).intervalText(0))
        .append(" |\n")
        .toString();
  }

  private static Sample of(List<Map<String, Double>> forks, String name) {
    return Sample.of(forks, fork -> value(fork, name));
  }

  private static double value(Map<String, Double> measured, String name) {
    return Objects.requireNonNull(measured.get(name), name);
  }

  /** Returns the processors that this process may run on; none where the system does not tell. */
  private static List<Integer> allowedProcessors() throws IOException {
    Path status = Path.of("/proc/self/status");
    List<Integer> allowed = new ArrayList<>();
    if (Files.exists(status)) {
      for (String line : Files.readAllLines(status, StandardCharsets.US_ASCII)) {
        if (line.startsWith("Cpus_allowed_list:")) {
          for (String range : line.substring(line.indexOf(':') + 1).strip().split(",", -1)) {
            String[] ends = range.split("-", -1);
            int last = Integer.parseInt(ends[ends.length - 1]);
            for (int i = Integer.parseInt(ends[0]); i <= last; i++) {
              allowed.add(i);
            }
          }
        }
      }
    }
    return allowed;
  }

  private static boolean isOnPath(String program) {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    for (String folder : path.split(File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }
}
