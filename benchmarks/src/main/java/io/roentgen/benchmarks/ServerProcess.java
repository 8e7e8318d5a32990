// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.client.WebClient;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A Roentgen server in a process of its own, started with the launcher's flags. */
final class ServerProcess implements AutoCloseable {
  /** What the launcher runs everything with. */
  static final List<String> COMMON_FLAGS =
      List.of(
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "--enable-native-access=ALL-UNNAMED");

  /** What the launcher runs {@code up} with. */
  static final List<String> UP_FLAGS =
      List.of("-XX:+UseCompactObjectHeaders", "-XX:+ExitOnOutOfMemoryError", "-Xms64m", "-Xmx512m");

  private static final long STOP_SECONDS = 30;
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final int CONNECT_MILLIS = 1_000;

  private final Process process;
  private final Path log;
  private final double startSeconds;
  private final int httpPort;
  private final int otlpGrpcPort;
  private final int udpPort;

  private ServerProcess(Process process, Path log, double startSeconds, String[] ready) {
    this.process = process;
    this.log = log;
    this.startSeconds = startSeconds;
    httpPort = Integer.parseInt(ready[1]);
    otlpGrpcPort = Integer.parseInt(ready[2]);
    udpPort = Integer.parseInt(ready[3]);
  }

  /**
   * Starts a server over a data folder and waits until it is ready.
   *
   * @throws IOException if it does not start; its log is in the message
   */
  static ServerProcess start(Workspace workspace, Path dataFolder) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(COMMON_FLAGS);
    command.addAll(UP_FLAGS);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            ServerMain.class.getName(),
            dataFolder.toString()));
    Path log = Files.createTempFile(workspace.folder(), "server-", ".log");
    long begin = System.nanoTime();
    Process process = workspace.start(new ProcessBuilder(command).redirectError(log.toFile()));
    // Ends the reading below, too.
    Thread watch = Thread.ofVirtual().start(() -> endUnlessReady(process));
    try {
      BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
      StringBuilder said = new StringBuilder();
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith(ServerMain.READY)) {
          double seconds = (System.nanoTime() - begin) / 1e9;
          String[] ready = line.split(" ", -1);
          ServerProcess server = new ServerProcess(process, log, seconds, ready);
          if (server.get("/healthz") == null) {
            throw new IOException("the server does not answer /healthz; " + tail(log));
          }
          return server;
        }
        said.append(line).append('\n');
      }
      throw new IOException("the server did not start; " + tail(log) + "\n" + said);
    } finally {
      watch.interrupt();
    }
  }

  /** Has a process that is not ready in time write what its threads do, and kills it. */
  private static void endUnlessReady(Process process) {
    try {
      Thread.sleep(START_LIMIT);
      Progress.say("the server is not ready after " + START_LIMIT.toSeconds() + " s, killing it");
      new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid())).start().waitFor();
      Thread.sleep(1_000);
    } catch (InterruptedException ready) {
      return;
    } catch (IOException e) {
      Progress.say("no thread dump: " + e.getMessage());
    }
    process.destroyForcibly();
  }

  private static String tail(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return "its log: "
        + String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
  }

  /** Returns the seconds from its start to its word that it is ready. */
  double startSeconds() {
    return startSeconds;
  }

  int httpPort() {
    return httpPort;
  }

  int otlpGrpcPort() {
    return otlpGrpcPort;
  }

  int udpPort() {
    return udpPort;
  }

  ProcessUsage usage() {
    return new ProcessUsage(process.pid());
  }

  /** Returns the answer to a GET, or null if it is not 200. */
  @Nullable String get(String path) {
    return get(httpPort, path);
  }

  static @Nullable String get(int port, String path) {
    BlockingWebClient client =
        WebClient.builder("http://127.0.0.1:" + port)
            .maxResponseLength(0)
            .responseTimeout(Duration.ofSeconds(60))
            .build()
            .blocking();
    var response = client.get(path);
    return response.status().code() == 200 ? response.contentUtf8() : null;
  }

  /** Returns a counter of {@code /metrics}, all labels added up. */
  double counter(String name) {
    String text = get("/metrics");
    if (text == null) {
      throw new IllegalStateException("/metrics: no answer");
    }
    return text.lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /**
   * Has the server put everything that it holds into parts, and waits until it has.
   *
   * @throws IOException if it does not
   */
  void seal() throws IOException {
    BufferedWriter in = process.outputWriter(StandardCharsets.UTF_8);
    in.write(ServerMain.SEAL);
    in.newLine();
    in.flush();
    String answer = process.inputReader(StandardCharsets.UTF_8).readLine();
    if (!ServerMain.SEALED.equals(answer)) {
      throw new IOException("the server could not seal: " + answer + "; " + tail(log));
    }
  }

  /**
   * Waits until it takes less than a tenth of a core, at most {@code limit}; returns whether it
   * did.
   */
  boolean awaitIdle(Duration limit) throws IOException, InterruptedException {
    return awaitIdle(usage(), limit);
  }

  static boolean awaitIdle(ProcessUsage usage, Duration limit)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() < deadline) {
      double before = usage.cpuSeconds();
      Thread.sleep(2_000);
      if (usage.cpuSeconds() - before < 0.2) {
        return true;
      }
    }
    return false;
  }

  /**
   * Tells the process to end, as an operator would, and waits until it has.
   *
   * @throws IllegalStateException if it does not end or a port of it is still taken
   */
  @Override
  public void close() throws IOException {
    process.destroy();
    boolean ended;
    try {
      ended = process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      ended = false;
    }
    if (!ended) {
      process.destroyForcibly();
      throw new IllegalStateException(
          "the server did not end within " + STOP_SECONDS + " s; " + tail(log));
    }
    for (int port : new int[] {httpPort, otlpGrpcPort}) {
      requireFree(port);
    }
  }

  /** Fails if something listens on a port. */
  static void requireFree(int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
      throw new IllegalStateException("port " + port + ": still taken after the process has ended");
    } catch (IOException _) {
      // Nobody answers, as it should be.
    }
  }
}
