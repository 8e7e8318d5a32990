// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.common;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An application in a JVM of its own, on this one's Java and class path, as small as it can be.
 * What it prints is printed here.
 */
public final class ChildJvm implements Application {
  private static final int START_SECONDS = 60;
  private static final int STOP_SECONDS = 40;
  private static final Pattern STARTED = Pattern.compile("\\S+: started \\{(.*)}");

  private final String name;
  private final Class<?> main;
  private final List<String> arguments;

  /**
   * Makes one that has not started.
   *
   * @param main has a main method that calls {@link Launcher#run}
   * @param arguments come before the flags that this process was given
   */
  public ChildJvm(String name, Class<?> main, String... arguments) {
    this.name = name;
    this.main = main;
    this.arguments = List.of(arguments);
  }

  @Override
  public String name() {
    return name;
  }

  /**
   * Starts it and waits until it has started.
   *
   * @throws IOException if it ends before, or does not start within a minute
   */
  @Override
  public Running start(Settings settings) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx96m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(arguments);
    settings
        .flags()
        .forEach(
            (flag, value) ->
                command.add("--" + flag.toLowerCase(Locale.ROOT).replace('_', '-') + "=" + value));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(settings.overrides());
    builder.environment().put(Launcher.END_WITH_PARENT, "true");
    Process process = builder.start();
    CompletableFuture<Map<String, Integer>> started = new CompletableFuture<>();
    Thread reader = new Thread(() -> read(process, started), "output of " + name);
    reader.setDaemon(true);
    reader.start();
    boolean serves = false;
    try {
      Map<String, Integer> ports = started.get(START_SECONDS, TimeUnit.SECONDS);
      serves = true;
      return new Child(process, ports);
    } catch (ExecutionException e) {
      throw new IOException(name + ": ended before it had started", e);
    } catch (TimeoutException e) {
      throw new IOException(name + ": does not start within " + START_SECONDS + " s", e);
    } finally {
      if (!serves) {
        var unused = process.destroyForcibly();
      }
    }
  }

  private static void read(Process process, CompletableFuture<Map<String, Integer>> started) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher matcher = started.isDone() ? null : STARTED.matcher(line);
        if (matcher != null && matcher.matches()) {
          started.complete(ports(matcher.group(1)));
        } else {
          System.out.println(line);
        }
      }
      started.completeExceptionally(new EOFException("no more output of " + process));
    } catch (IOException | RuntimeException e) {
      started.completeExceptionally(e);
    }
  }

  /** Reads what {@link Launcher#run} prints of a map. */
  private static Map<String, Integer> ports(String text) {
    Map<String, Integer> ports = new LinkedHashMap<>();
    for (String each : text.isEmpty() ? new String[0] : text.split(", ")) {
      int equals = each.indexOf('=');
      ports.put(each.substring(0, equals), Integer.valueOf(each.substring(equals + 1)));
    }
    return Collections.unmodifiableMap(ports);
  }

  private record Child(Process process, Map<String, Integer> ports) implements Running {
    @Override
    public void close() {
      process.destroy();
      try {
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
          var unused = process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        var unused = process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
