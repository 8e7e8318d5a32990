// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.benchmarks.HttpAnswers.Dialect;
import io.roentgen.benchmarks.RequestFile.Framing;
import io.roentgen.model.TimeRange;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The same spans and questions with Zipkin's server and its store in memory. */
final class ZipkinRun {
  static final String VERSION = "3.6.1";

  /** What its store in memory keeps by default; beyond it the oldest are dropped. */
  private static final long MAX_SPANS = 500_000;

  private static final double WARM_UP_SHARE = 0.2;
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration IDLE_LIMIT = Duration.ofMinutes(2);
  private static final long DOWNLOAD_MINUTES = 5;
  private static final long STOP_SECONDS = 20;
  private static final Pattern TAKEN =
      Pattern.compile("\"counter\\.zipkin_collector\\.spans\\.http\"\\s*:\\s*([0-9.E]+)");
  private static final String NOTE =
      "Zipkin server "
          + VERSION
          + ", store in memory (nothing is written to disk), at most its default of 500,000 spans,"
          + " default heap; protobuf over HTTP/1.1.";

  private ZipkinRun() {}

  static List<Row> run(
      Workspace workspace, Path cache, ReferenceData data, int streams, double seconds)
      throws IOException, InterruptedException {
    Path jar = cache.resolve("zipkin-server-" + VERSION + "-exec.jar");
    if (!Files.exists(jar)) {
      Progress.say("fetching Zipkin's server " + VERSION + " from Maven Central (130 MB)");
      String problem = fetch(workspace, cache);
      if (!problem.isEmpty()) {
        return List.of(Row.missing("Zipkin", "Zipkin's server could not be fetched: " + problem));
      }
    }
    Progress.say("making spans (Zipkin protobuf)");
    Path requests = workspace.path("zipkin.requests");
    int port = freePort();
    List<Row> rows = new ArrayList<>();
    try (RequestFile file =
        RequestFile.write(
            requests, data.requests(ZipkinRequestEncoder::new), MAX_SPANS, Framing.NONE)) {
      Process process = start(workspace, jar, port);
      try (Sender sender = new Sender(Sender.Protocol.ZIPKIN, port, streams)) {
        rows.addAll(measure(process, port, sender, file, data, streams, seconds));
      } finally {
        stop(process, port);
      }
    }
    Workspace.delete(requests);
    return rows;
  }

  private static List<Row> measure(
      Process process,
      int port,
      Sender sender,
      RequestFile file,
      ReferenceData data,
      int streams,
      double seconds)
      throws IOException, InterruptedException {
    ProcessUsage usage = new ProcessUsage(process.pid());
    int first = file.requestAtSpan((long) (file.spanCount() * WARM_UP_SHARE));
    Progress.say("Zipkin, warm-up with " + file.spanCount(0, first) + " spans");
    sender.send(file, 0, first, streams);
    long spans = file.spanCount(first, file.count());
    Progress.say("Zipkin, ingest of " + spans + " spans");
    double before = usage.cpuSeconds();
    long begin = System.nanoTime();
    sender.send(file, first, file.count(), streams);
    double took = (System.nanoTime() - begin) / 1e9;
    var _ = ServerProcess.awaitIdle(usage, IDLE_LIMIT);
    double cpu = usage.cpuSeconds() - before;
    requireTaken(port, file.spanCount());
    List<Row> rows = new ArrayList<>();
    rows.add(Row.of("Zipkin: ingest, wall", spans / took, "spans/s").note(NOTE));
    rows.add(Row.of("Zipkin: ingest, a core", spans / cpu, "spans/CPU-s").note(NOTE));
    rows.add(Row.of("Zipkin: resident memory, peak", usage.peakResidentMebi(), "MiB").note(NOTE));
    // Traces at the end may have some of their spans in a request that was not sent.
    long traces = Math.max(1, file.spanCount() / ReferenceData.SPANS_PER_TRACE - 100);
    TimeRange all = data.range();
    long end =
        all.startEpochNanos()
            + (long)
                ((double) (all.endEpochNanos() - all.startEpochNanos())
                    * traces
                    / data.traceCount());
    Questions questions = new Questions(data, traces, new TimeRange(all.startEpochNanos(), end));
    rows.addAll(
        questions.askAll(
            new HttpAnswers(Dialect.ZIPKIN, port), "Zipkin: ", Math.max(1, seconds / 4), false));
    return rows;
  }

  private static void requireTaken(int port, long spanCount) {
    String metrics = String.valueOf(ServerProcess.get(port, "/metrics"));
    Matcher counter = TAKEN.matcher(metrics);
    if (!counter.find() || (long) Double.parseDouble(counter.group(1)) != spanCount) {
      throw new IllegalStateException(
          "Zipkin has taken other than " + spanCount + " spans: " + metrics);
    }
  }

  /** Returns why it failed, or an empty text. */
  private static String fetch(Workspace workspace, Path cache)
      throws IOException, InterruptedException {
    Files.createDirectories(cache);
    Path log = workspace.path("maven.log");
    ProcessBuilder maven =
        new ProcessBuilder(
                "mvn",
                "-B",
                "-ntp",
                "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy",
                "-Dartifact=io.zipkin:zipkin-server:" + VERSION + ":jar:exec",
                "-DoutputDirectory=" + cache)
            .directory(workspace.folder().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    Process process;
    try {
      process = workspace.start(maven);
    } catch (IOException e) {
      return "mvn cannot be run: " + e.getMessage();
    }
    if (!process.waitFor(DOWNLOAD_MINUTES, TimeUnit.MINUTES)) {
      process.destroy();
      return "not done after " + DOWNLOAD_MINUTES + " minutes";
    }
    if (process.exitValue() == 0) {
      return "";
    }
    return Files.readAllLines(log).stream()
        .filter(line -> line.contains("ERROR"))
        .findFirst()
        .orElse("mvn exit code " + process.exitValue());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static Process start(Workspace workspace, Path jar, int port)
      throws IOException, InterruptedException {
    Progress.say("starting Zipkin");
    Path log = workspace.path("zipkin.log");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-jar",
            jar.toString());
    builder.environment().put("QUERY_PORT", Integer.toString(port));
    builder.environment().put("STORAGE_TYPE", "mem");
    // One over, so that nothing is dropped; its default is 500,000.
    builder
        .environment()
        .put("MEM_MAX_SPANS", Long.toString(MAX_SPANS + ReferenceData.SPANS_PER_REQUEST * 2));
    Process process =
        workspace.start(builder.redirectErrorStream(true).redirectOutput(log.toFile()));
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (process.isAlive() && System.nanoTime() < deadline) {
      try {
        if (ServerProcess.get(port, "/health") != null) {
          return process;
        }
      } catch (com.linecorp.armeria.client.UnprocessedRequestException notYet) {
        // It does not listen yet.
      }
      Thread.sleep(200);
    }
    process.destroyForcibly();
    List<String> lines = Files.readAllLines(log);
    throw new IOException(
        "Zipkin did not start: "
            + String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size())));
  }

  private static void stop(Process process, int port) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      process.waitFor();
    }
    ServerProcess.requireFree(port);
  }
}
