// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs {@code examples/interceptor} as its README says. */
class ITInterceptorExample {
  private static final Pattern TRACE = Pattern.compile("trace (1-[0-9a-f]{8}-[0-9a-f]{24})\\R");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"", "--bare-keys"})
  void demo_oneCallOfEachKind_isOneTraceOfThreeServices(String flag) throws Exception {
    try (ServerProcess server = ServerProcess.start(folder, folder.resolve("data"));
        Api api = new Api(server.http())) {
      String id = run(server, flag.isEmpty() ? List.of() : List.of(flag));
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(tree(api.trace(id).orElseThrow()))
                      .containsExactlyInAnyOrderElementsOf(expected()));
      JsonNode trace = api.trace(id).orElseThrow();
      Set<String> services = new TreeSet<>();
      trace.get("services").forEach(name -> services.add(name.textValue()));
      assertThat(services).containsExactly("back", "customer", "front");
    }
  }

  /** Returns the trace id that the program prints. */
  private String run(ServerProcess server, List<String> arguments) throws Exception {
    String daemon =
        "tcp:127.0.0.1:" + server.xrayTcpPort() + " udp:127.0.0.1:" + server.xrayUdp().getPort();
    try (ChildProcess demo =
        ChildProcess.java(
            folder,
            "io.roentgen.examples.interceptor.InterceptorDemo",
            List.of("-XX:TieredStopAtLevel=1"),
            arguments,
            Map.of("AWS_XRAY_DAEMON_ADDRESS", daemon))) {
      assertThat(demo.awaitExit(Duration.ofSeconds(60))).as(demo.output()).isZero();
      assertThat(demo.output())
          .contains(
              "Say: back: book\n",
              "Spell: b, o, o, k\n",
              "Join: book\n",
              "Chat: back: bo, back: ok\n",
              "open segments and subsegments: 0\n");
      return demo.awaitOutput(TRACE).group(1);
    }
  }

  private static List<String> expected() {
    List<String> lines = new ArrayList<>(List.of("server customer customer root"));
    for (String method : List.of("Say", "Spell", "Join", "Chat")) {
      lines.add("  client customer demo.Echo/" + method + " child");
      lines.add("    server front front child");
      lines.add("      client front demo.Echo/" + method + " child");
      lines.add("        server back back child");
    }
    return lines;
  }

  private static List<String> tree(JsonNode trace) {
    List<String> lines = new ArrayList<>();
    for (JsonNode span : trace.get("spans")) {
      lines.add(
          "  ".repeat(span.get("depth").intValue())
              + String.join(
                  " ",
                  span.get("kind").textValue(),
                  span.get("service").textValue(),
                  span.get("name").textValue(),
                  span.get("placement").textValue()));
    }
    return lines;
  }
}
