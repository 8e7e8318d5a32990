// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Measures all variants in one run, their forks in turn, and prints the tables; or lets calls fail
 * for a while to see what stays open.
 */
public final class Main {
  private static final String SECTION = "## gRPC kit";
  private static final int DEFAULT_FORKS = 5;
  private static final int DEFAULT_MINUTES = 10;
  private static final int MAX = 1000;
  private static final String USAGE =
      """
      ./roentgen bench kit [forks] [options]            both tables, and into benchmarks/RESULTS.md
      ./roentgen bench kit alone [forks] [options]      interceptors without a transport
      ./roentgen bench kit loopback [forks] [options]   between two processes over Netty
      ./roentgen bench kit soak [minutes]               calls of which a fifth fails; 10 minutes
      forks: JVMs of each variant, 5 unless said; one takes about 8 minutes for both tables
      --full   warm up and measure for as long as a page to publish wants: four times as long
      --g1     with the JVM's default collector in place of ParallelGC
      """;

  private Main() {}

  /**
   * Runs.
   *
   * @param args the file that has the section, then those of the command line
   */
  public static void main(String[] args) throws Exception {
    List<String> words = new ArrayList<>(Arrays.asList(args).subList(1, args.length));
    if (words.contains("--help")) {
      System.out.print(USAGE);
      return;
    }
    boolean full = words.remove("--full");
    boolean g1 = words.remove("--g1");
    String command =
        "./roentgen bench kit"
            + (args.length == 1
                ? ""
                : " " + String.join(" ", Arrays.asList(args).subList(1, args.length)));
    String what = words.isEmpty() || words.getFirst().matches("[0-9]+") ? "" : words.removeFirst();
    if (words.size() > 1) {
      throw refuse(words.get(1));
    }
    if (what.equals("soak")) {
      if (full || g1) {
        throw refuse(full ? "--full" : "--g1");
      }
      soak(number(words, DEFAULT_MINUTES));
      return;
    }
    Settings settings = new Settings(number(words, DEFAULT_FORKS), full, g1);
    switch (what) {
      case "alone" -> System.out.print(PairTable.run(settings));
      case "loopback" -> System.out.print(Loopback.run(settings));
      case "" -> all(Path.of(args[0]), settings, command);
      default -> throw refuse(what);
    }
  }

  private static void all(Path file, Settings settings, String command)
      throws RunnerException, IOException, InterruptedException {
    StringBuilder section = new StringBuilder();
    tell(
        section,
        SECTION
            + "\n\n- command: "
            + command
            + "\n- date: "
            + Instant.now().truncatedTo(ChronoUnit.SECONDS)
            + "\n- JDK: "
            + System.getProperty("java.vm.version")
            + "\n\n");
    // One by one, as what is measured is worth having though the next fails.
    tell(section, PairTable.run(settings) + "\n");
    tell(section, Loopback.run(settings));
    replaceSection(file, section.toString());
  }

  private static void tell(StringBuilder section, String part) {
    System.out.print(part);
    System.out.flush();
    section.append(part);
  }

  private static void soak(int minutes) throws IOException, InterruptedException {
    Soak.Result result = Soak.run(Long.MAX_VALUE, Duration.ofMinutes(minutes));
    System.out.print(result);
    if (!result.isClean()) {
      System.exit(1);
    }
  }

  private static int number(List<String> words, int unlessSaid) {
    if (words.isEmpty()) {
      return unlessSaid;
    }
    String word = words.getFirst();
    int number = word.matches("[0-9]{1,4}") ? Integer.parseInt(word) : 0;
    if (number < 1 || number > MAX) {
      throw refuse(word);
    }
    return number;
  }

  private static IllegalArgumentException refuse(String word) {
    System.err.print("bench kit: '" + word + "' (expected:)\n" + USAGE);
    System.exit(2);
    return new IllegalArgumentException(word);
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
