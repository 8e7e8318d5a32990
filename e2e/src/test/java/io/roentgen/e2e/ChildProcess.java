// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A program beside the tests; ended by {@link #close} at the latest. */
final class ChildProcess implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

  private final String name;
  private final Process process;
  private final Path output;

  private ChildProcess(String name, Process process, Path output) {
    this.name = name;
    this.process = process;
    this.output = output;
  }

  /**
   * Starts a main class of the tests' class path; what it prints goes to a file in {@code folder}.
   */
  static ChildProcess java(
      Path folder,
      String mainClass,
      List<String> flags,
      List<String> arguments,
      Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(mainClass);
    command.addAll(arguments);
    String name = mainClass.substring(mainClass.lastIndexOf('.') + 1);
    return start(folder, name, new ProcessBuilder(command), environment);
  }

  /** Starts a command in {@code directory}; what it prints goes to a file in {@code folder}. */
  static ChildProcess command(
      Path folder, Path directory, List<String> command, Map<String, String> environment)
      throws IOException {
    return start(
        folder,
        String.valueOf(Path.of(command.get(0)).getFileName()),
        new ProcessBuilder(command).directory(directory.toFile()),
        environment);
  }

  private static ChildProcess start(
      Path folder, String name, ProcessBuilder builder, Map<String, String> environment)
      throws IOException {
    Path output = Files.createTempFile(folder, name + "-", ".log");
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    return new ChildProcess(name, builder.start(), output);
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Returns what it has printed so far. */
  String output() {
    try {
      return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError("cannot read " + output, e);
    }
  }

  /** Waits until it has printed the pattern, and returns the match. */
  Matcher awaitOutput(Pattern pattern) {
    Matcher[] found = new Matcher[1];
    await()
        .atMost(START_TIMEOUT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              boolean alive = process.isAlive();
              Matcher matcher = pattern.matcher(output());
              if (matcher.find()) {
                found[0] = matcher;
                return true;
              }
              assertThat(alive).as("%s runs; it printed:%n%s", name, output()).isTrue();
              return false;
            });
    return found[0];
  }

  /** Waits until it has ended by itself, and returns its exit code. */
  int awaitExit(Duration timeout) throws InterruptedException {
    assertThat(process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS))
        .as("%s ended within %s; it printed:%n%s", name, timeout, output())
        .isTrue();
    return process.exitValue();
  }

  /** Sends SIGTERM and waits; returns the exit code. */
  int terminate(Duration timeout) throws InterruptedException {
    process.destroy();
    return awaitExit(timeout);
  }

  /** Sends SIGKILL and waits. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    var _ = process.waitFor();
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      process.destroyForcibly();
    }
    // So that nothing writes to its folder any more.
    var _ = process.onExit().join();
  }
}
