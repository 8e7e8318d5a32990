// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unmodified X-Ray SDK for Node, on Express. */
class ITNodeSdk {
  private static final Pattern LISTENS = Pattern.compile("listening on (http://\\S+)");

  @TempDir private Path folder;

  @Test
  void express_orderCallsStock_isOneTrace() throws Exception {
    NodeProject.install(folder);
    try (ServerProcess server = ServerProcess.start(folder, folder.resolve("data"));
        Api api = new Api(server.http())) {
      Instant begin = Instant.now().minusSeconds(1);
      Map<String, String> environment =
          Map.of(
              "AWS_XRAY_DAEMON_ADDRESS",
              "tcp:127.0.0.1:"
                  + server.xrayTcpPort()
                  + " udp:127.0.0.1:"
                  + server.xrayUdp().getPort());
      try (ChildProcess shop = NodeProject.start(folder, "shop.js", List.of(), environment)) {
        URI url = URI.create(shop.awaitOutput(LISTENS).group(1));
        order(url.resolve("/order?item=book"));
        await()
            .atMost(Duration.ofSeconds(20))
            .untilAsserted(
                () ->
                    assertThat(api.search(begin, "service=node-shop", "attribute=item=book"))
                        .hasSize(1));
        String traceId = api.search(begin, "service=node-shop").get(0);
        await()
            .atMost(Duration.ofSeconds(20))
            .untilAsserted(
                () ->
                    assertThat(lines(api.trace(traceId).orElseThrow()))
                        .containsExactly(
                            "0 server node-shop ok",
                            "1 client 127.0.0.1 fault",
                            "2 server node-shop fault"));
        assertThat(shop.output()).doesNotContainIgnoringCase("error");
      }
    }
  }

  private static void order(URI url) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
      assertThat(response.body()).isEqualTo("ordered");
    }
  }

  private static List<String> lines(JsonNode trace) {
    List<String> lines = new ArrayList<>();
    for (JsonNode span : trace.get("spans")) {
      lines.add(
          span.get("depth").intValue()
              + " "
              + span.get("kind").textValue()
              + " "
              + span.get("name").textValue()
              + " "
              + (span.get("fault").booleanValue() ? "fault" : "ok"));
    }
    return lines;
  }
}
