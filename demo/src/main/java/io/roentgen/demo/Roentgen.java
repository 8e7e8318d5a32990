// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The server: one that runs already, or one of our own, ended with the demo. */
final class Roentgen implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration END_TIMEOUT = Duration.ofSeconds(20);
  private static final String DEFAULT_XRAY = "127.0.0.1:2000";
  private static final Pattern STARTED =
      Pattern.compile(
          " started .* http=\\S+:(\\d+) otlp-grpc=\\S+:(\\d+) .* xray-udp=\\S+:(\\d+) ");
  private static final Pattern SPANS =
      Pattern.compile("^ingest_spans_total\\{[^}]*} ([0-9.E+]+)$", Pattern.MULTILINE);

  private final URI console;
  private final String xray;
  private final @Nullable Process process;
  private final HttpClient client = client();

  private Roentgen(URI console, String xray, @Nullable Process process) {
    this.console = console;
    this.xray = xray;
    this.process = process;
  }

  /**
   * How one of our own is started.
   *
   * @param java the command
   * @param library folder with the jars of the roentgen command
   * @param data folder of what it stores
   * @param log file of what it prints
   * @param freePorts takes any ports, in place of the usual ones
   */
  record Start(Path java, Path library, Path data, Path log, boolean freePorts) {}

  /**
   * Takes the server at {@code console} if there is one, else starts one.
   *
   * @param xray where a server that runs already takes segments, or null for its usual address
   */
  static Roentgen find(URI console, @Nullable String xray, Start start)
      throws DemoException, InterruptedException {
    if (!start.freePorts() && answers(console)) {
      return new Roentgen(console, xray == null ? DEFAULT_XRAY : xray, null);
    }
    try {
      return start(console, start);
    } catch (IOException e) {
      throw new DemoException("cannot start Roentgen: " + e.getMessage(), e);
    }
  }

  private static boolean answers(URI console) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(console.resolve("/healthz")).timeout(Duration.ofSeconds(2)).build();
    try (HttpClient client = client()) {
      return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private static HttpClient client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(2))
        .build();
  }

  private static Roentgen start(URI console, Start start)
      throws IOException, DemoException, InterruptedException {
    Files.createDirectories(start.data());
    List<String> command = new ArrayList<>();
    command.add(start.java().toString());
    // As the launcher has them.
    command.addAll(
        List.of(
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseCompactObjectHeaders",
            "-XX:+ExitOnOutOfMemoryError",
            "-Xms64m",
            "-Xmx512m",
            "-cp",
            start.library() + "/*",
            "io.roentgen.cli.Main",
            "up",
            "--data",
            start.data().toString()));
    if (start.freePorts()) {
      for (String listener : List.of("http", "otlp-grpc", "otlp-http", "xray-tcp", "xray-udp")) {
        command.addAll(List.of("--" + listener, "0"));
      }
    } else if (console.getPort() > 0) {
      command.addAll(List.of("--http", String.valueOf(console.getPort())));
    }
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(start.log().toFile())
            .start();
    try {
      Matcher started = awaitStart(process, start.log());
      return new Roentgen(
          URI.create("http://127.0.0.1:" + started.group(1)),
          "127.0.0.1:" + started.group(3),
          process);
    } catch (DemoException | IOException | InterruptedException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static Matcher awaitStart(Process process, Path log)
      throws IOException, DemoException, InterruptedException {
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < START_TIMEOUT.toNanos()) {
      boolean ended = process.waitFor(100, TimeUnit.MILLISECONDS);
      Matcher matcher = STARTED.matcher(Files.readString(log));
      if (matcher.find()) {
        return matcher;
      }
      if (ended) {
        List<String> lines = Files.readAllLines(log);
        throw new DemoException(
            "Roentgen does not start; the end of "
                + log
                + ":\n"
                + String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size())));
      }
    }
    throw new DemoException("Roentgen has not started after 60 s; see " + log);
  }

  /** Returns the address of its console. */
  URI console() {
    return console;
  }

  /** Returns where it takes segments. */
  String xray() {
    return xray;
  }

  /** Returns whether it was started for the demo. */
  boolean isOurs() {
    return process != null;
  }

  /** Returns whether it runs, as far as can be known. */
  boolean isAlive() {
    return process == null || process.isAlive();
  }

  /** Returns how many spans it has taken in, if it says so. */
  OptionalLong spans() throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(console.resolve("/metrics")).timeout(Duration.ofSeconds(2)).build();
    try {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      return response.statusCode() == 200 ? sum(response.body()) : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty(); // Busy; the next line may have it.
    }
  }

  static OptionalLong sum(String metrics) {
    Matcher matcher = SPANS.matcher(metrics);
    double sum = 0;
    boolean found = false;
    while (matcher.find()) {
      sum += Double.parseDouble(matcher.group(1));
      found = true;
    }
    return found ? OptionalLong.of((long) sum) : OptionalLong.empty();
  }

  /** Ends it if it was started for the demo. */
  @Override
  public void close() {
    client.shutdownNow();
    if (process == null) {
      return;
    }
    process.destroy();
    try {
      if (!process.waitFor(END_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
