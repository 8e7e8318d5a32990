// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server as {@code ./roentgen up} starts it, on free ports of this machine. */
final class ServerProcess implements AutoCloseable {
  /** As the launcher has them, and a start as short as can be. */
  private static final List<String> FLAGS =
      List.of(
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "--enable-native-access=ALL-UNNAMED",
          "-XX:+UseCompactObjectHeaders",
          "-XX:+ExitOnOutOfMemoryError",
          "-XX:TieredStopAtLevel=1");

  private static final String MAIN = "io.roentgen.cli.Main";
  private static final Pattern STARTED =
      Pattern.compile(
          " started .* http=\\S+:(\\d+) otlp-grpc=\\S+:(\\d+) otlp-http=\\S+:(\\d+)"
              + " xray-tcp=\\S+:(\\d+) xray-udp=\\S+:(\\d+) ");

  private final ChildProcess process;
  private int[] ports = {};

  private ServerProcess(ChildProcess process) {
    this.process = process;
  }

  /** Starts one and waits until it serves. */
  static ServerProcess start(Path folder, Path data, String... settings) throws IOException {
    ServerProcess server = launch(folder, data, List.of(), settings);
    server.awaitStart();
    return server;
  }

  /** Starts one and does not wait. */
  static ServerProcess launch(Path folder, Path data, List<String> moreFlags, String... settings)
      throws IOException {
    List<String> flags = new ArrayList<>(FLAGS);
    flags.addAll(moreFlags);
    return new ServerProcess(
        ChildProcess.java(folder, MAIN, flags, arguments(data, settings), Map.of()));
  }

  /** Returns a command line with free ports; {@code settings} are {@code key=value}. */
  private static List<String> arguments(Path data, String... settings) {
    List<String> arguments = new ArrayList<>(List.of("up", "--data", data.toString()));
    for (String listener : List.of("http", "otlp-grpc", "otlp-http", "xray-tcp", "xray-udp")) {
      arguments.addAll(List.of("--" + listener, "0"));
    }
    for (String setting : settings) {
      arguments.addAll(List.of("--set", setting));
    }
    return arguments;
  }

  /** Waits until it serves. */
  void awaitStart() {
    Matcher started = process.awaitOutput(STARTED);
    ports = new int[started.groupCount()];
    for (int i = 0; i < ports.length; i++) {
      ports[i] = Integer.parseInt(started.group(i + 1));
    }
  }

  URI http() {
    return URI.create("http://127.0.0.1:" + ports[0]);
  }

  int otlpGrpcPort() {
    return ports[1];
  }

  URI otlpHttp() {
    return URI.create("http://127.0.0.1:" + ports[2]);
  }

  int xrayTcpPort() {
    return ports[3];
  }

  InetSocketAddress xrayUdp() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), ports[4]);
  }

  /** Returns what it has printed. */
  String output() {
    return process.output();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Returns the memory that the process has in use now, as the kernel counts it. */
  long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    throw new AssertionError("no VmRSS of process " + process.pid());
  }

  /** Sends SIGKILL and waits. */
  void kill() throws InterruptedException {
    process.kill();
  }

  /** Sends SIGTERM and waits; returns the exit code. */
  int terminate(Duration timeout) throws InterruptedException {
    return process.terminate(timeout);
  }

  @Override
  public void close() {
    process.close();
  }
}
