// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.server.ListenerName;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ITUpCommand {
  private static final int SIGTERM_EXIT = 143;

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /** The server as a process of its own, on free ports. */
  private final class Up implements AutoCloseable {
    final Process process;
    final String url;
    final List<String> announced = new ArrayList<>();

    Up(Path data) throws IOException {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
      command.add("--sun-misc-unsafe-memory-access=allow");
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("-cp");
      command.add(System.getProperty("java.class.path"));
      command.add(Main.class.getName());
      command.addAll(List.of("up", "--http=0", "--otlp-grpc=0", "--otlp-http=off"));
      command.addAll(List.of("--xray-udp=0", "--xray-tcp=0", "--data=" + data));
      process =
          new ProcessBuilder(command).redirectError(folder.resolve("stderr").toFile()).start();
      BufferedReader lines = process.inputReader();
      String line = lines.readLine();
      while (line != null && !line.startsWith("  data")) {
        announced.add(line);
        line = lines.readLine();
      }
      assertThat(line)
          .as(Files.readString(folder.resolve("stderr")))
          .isEqualTo("  data       " + data.toAbsolutePath());
      url = announced.get(1).replaceFirst("  http +", "");
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }

  @Test
  void up_killedAndStartedAgain_stillHasTheTrace() throws Exception {
    Path data = folder.resolve("data");
    long now = Instant.now().getEpochSecond();
    String id = "1-" + Long.toHexString(now) + "-0123456789abcdef01234567";
    try (Up first = new Up(data)) {
      assertThat(first.announced.getFirst())
          .isEqualTo("roentgen " + Version.current() + " is up; Ctrl-C stops it");
      assertThat(first.announced.stream().skip(1).map(line -> line.strip().split(" ")[0]))
          .containsExactly("http", "otlp-grpc", "xray-tcp", "xray-udp");
      send(
          first.url,
          "{\"trace_id\":\"%s\",\"id\":\"0000000000000001\",\"name\":\"shop\",\"start_time\":%d,\"end_time\":%d.5}"
              .formatted(id, now, now));
      assertThat(run("traces", "--server", first.url)).isZero();
      assertThat(out.toString()).contains(id, "shop", "500ms");
    } // killed
    try (Up second = new Up(data)) {
      assertThat(run("trace", id, "--server", second.url)).isZero();
      assertThat(out.toString()).contains("trace " + id, "shop ", "500ms  ok");
      second.process.destroy();
      assertThat(second.process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(second.process.exitValue()).isEqualTo(SIGTERM_EXIT);
    }
  }

  private static void send(String url, String document) throws Exception {
    String body = "{\"TraceSegmentDocuments\":[\"" + document.replace("\"", "\\\"") + "\"]}";
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(url + "/TraceSegments"))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.body()).isEqualTo("{\"UnprocessedTraceSegments\":[]}");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--retention=soon | store.retention: soon (expected: a duration such as 30s or 5m",
        "--disk-limit=lots | store.disk-limit-bytes: lots (expected: a size such as 64MiB",
        "--host=0.0.0.0 | server.http: 0.0.0.0:8600 can be reached from outside (expected:",
        "--http=off | server.http: off (expected: a port",
        "--set=no.such=1 | no.such: no such setting",
        "--tls-cert=none | server.tls-key: (empty) (expected: a PEM file",
        "--config=none.properties | cannot read settings none.properties",
        "--prot=1 | Unknown option: '--prot=1'"
      })
  void wrongUse_isOneClearLineAndExitCode2(String option, String message) {
    assertThat(run("up", "--data=" + folder, option)).isEqualTo(2);
    assertThat(err.toString()).startsWith("roentgen: " + message);
    assertThat(err.toString().lines().count()).isLessThanOrEqualTo(2);
  }

  @Test
  void port_inUse_isOneClearLineAndExitCode1() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(
              run(
                  "up",
                  "--data=" + folder,
                  "--http=" + taken.getLocalPort(),
                  "--otlp-grpc=off",
                  "--otlp-http=off",
                  "--xray-udp=off",
                  "--xray-tcp=off"))
          .isEqualTo(1);
    }
    assertThat(err.toString())
        .startsWith("roentgen: cannot listen on TCP 127.0.0.1:")
        .contains("option --http");
    assertThat(err.toString().lines()).hasSize(1);
  }

  @Test
  void samplingRules_unusableFile_isOneClearLineAndExitCode1() throws IOException {
    Path file = Files.writeString(folder.resolve("rules.json"), "{\"version\":3}");
    assertThat(run("up", "--data=" + folder, "--sampling-rules=" + file)).isEqualTo(1);
    assertThat(err.toString().strip())
        .isEqualTo(
            "roentgen: server.sampling-rules: "
                + file
                + ": version: 3 (expected: 1 or 2), line 1, column 12");
  }

  @Test
  void options_winOverFiles() throws IOException {
    Path file =
        Files.writeString(folder.resolve("settings"), "store.retention=7d\nserver.otlp-grpc=off\n");
    UpCommand up = new UpCommand(new Terminal(100, false, true, ZoneOffset.UTC));
    new CommandLine(up)
        .parseArgs("--config=" + file, "--set=server.otlp-grpc=1234", "--retention=2d");

    assertThat(up.config().storage().retention().toDays()).isEqualTo(2);
    assertThat(up.config().listeners().get(ListenerName.OTLP_GRPC).getPort()).isEqualTo(1234);
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Main.commandLine(new Terminal(100, false, true, ZoneOffset.UTC))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
