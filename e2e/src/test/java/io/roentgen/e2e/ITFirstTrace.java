// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.xray.XRayClient;
import software.amazon.awssdk.services.xray.model.BatchGetTracesResponse;
import software.amazon.awssdk.services.xray.model.Segment;
import software.amazon.awssdk.services.xray.model.Trace;

/**
 * What a newcomer does: starts the server, runs the two programs of {@code examples/first-trace},
 * looks at the trace, and finds it again after a crash.
 */
class ITFirstTrace {
  private static final Duration EXIT_TIMEOUT = Duration.ofSeconds(10);
  private static final Pattern STOCK_LISTENS =
      Pattern.compile("stock: listening on (http://127\\.0\\.0\\.1:\\d+)");
  private static final Pattern ORDERED = Pattern.compile("trace (1-[0-9a-f]{8}-[0-9a-f]{24})\\R");

  @TempDir private Path folder;

  @Test
  void examples_oneOrder_isOneTraceThatOutlivesACrash() throws Exception {
    Instant begin = Instant.now().minusSeconds(1);
    Path data = folder.resolve("data");
    String xrayTraceId;
    try (ServerProcess server = ServerProcess.start(folder, data)) {
      xrayTraceId = runExamples(server);
      verify(server, xrayTraceId, begin);
      server.kill();
    }
    try (ServerProcess server = ServerProcess.start(folder, data)) {
      verify(server, xrayTraceId, begin);
      verifyCommands(server, xrayTraceId);
      verifyXRayApi(server, xrayTraceId);
      assertThat(server.terminate(EXIT_TIMEOUT)).isIn(0, 143);
    }
    try (ServerProcess server = ServerProcess.start(folder, data)) {
      verify(server, xrayTraceId, begin);
    }
  }

  /** Returns the trace id that the shop prints. */
  private String runExamples(ServerProcess server) throws Exception {
    try (ChildProcess stock =
        example(
            "OtelStock",
            Map.of(
                "STOCK_PORT",
                "0",
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "http://127.0.0.1:" + server.otlpGrpcPort()))) {
      String stockUrl = stock.awaitOutput(STOCK_LISTENS).group(1);
      String daemon =
          "tcp:127.0.0.1:" + server.xrayTcpPort() + " udp:127.0.0.1:" + server.xrayUdp().getPort();
      try (ChildProcess shop =
          example("XRayShop", Map.of("STOCK_URL", stockUrl, "AWS_XRAY_DAEMON_ADDRESS", daemon))) {
        String id = shop.awaitOutput(ORDERED).group(1);
        assertThat(shop.awaitExit(EXIT_TIMEOUT)).as(shop.output()).isZero();
        // Sends what is left when it is ended.
        assertThat(stock.terminate(EXIT_TIMEOUT)).isEqualTo(143);
        assertThat(stock.output()).doesNotContain("Exception");
        return id;
      }
    }
  }

  private ChildProcess example(String name, Map<String, String> environment) throws Exception {
    return ChildProcess.java(
        folder,
        "io.roentgen.examples." + name,
        List.of("-XX:TieredStopAtLevel=1"),
        List.of(),
        environment);
  }

  private static void verify(ServerProcess server, String xrayTraceId, Instant begin)
      throws Exception {
    try (Api api = new Api(server.http())) {
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () ->
                  assertThat(tree(api.trace(xrayTraceId).orElseThrow()))
                      .containsExactlyElementsOf(EXPECTED_TREE));
      JsonNode trace = api.trace(xrayTraceId).orElseThrow();
      String traceId = xrayTraceId.substring(2).replace("-", "");
      assertThat(trace.get("xrayTraceId").textValue()).isEqualTo(xrayTraceId);
      assertThat(trace.get("traceId").textValue()).isEqualTo(traceId);
      assertThat(api.trace(traceId)).contains(trace);
      assertThat(names(trace.get("services"))).containsExactlyInAnyOrder("shop", "stock");

      assertThat(api.search(begin)).containsExactly(traceId);
      assertThat(api.search(begin, "service=shop")).containsExactly(traceId);
      assertThat(api.search(begin, "service=stock")).containsExactly(traceId);
      // An annotation of X-Ray and an attribute of OpenTelemetry.
      assertThat(api.search(begin, "service=shop", "attribute=item=book")).containsExactly(traceId);
      assertThat(api.search(begin, "service=stock", "attribute=item=book"))
          .containsExactly(traceId);
      assertThat(api.search(begin, "operation=charge", "status=fault")).containsExactly(traceId);
      assertThat(api.search(begin, "attribute=item=none")).isEmpty();
      List<String> services = new ArrayList<>();
      api.get("/api/services?start=" + begin)
          .get("services")
          .forEach(service -> services.add(service.asText()));
      assertThat(services).containsExactly("shop", "stock");
    }
  }

  private static final List<String> EXPECTED_TREE =
      List.of(
          "server shop shop xray root",
          "  internal shop charge xray child",
          "  client shop stock xray child",
          "    server stock POST /reserve otlp child",
          "      client stock SELECT stock.items otlp child",
          "      client stock POST otlp child",
          "        server shop shop xray child");

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
                  span.get("format").textValue(),
                  span.get("placement").textValue()));
    }
    return lines;
  }

  private static List<String> names(JsonNode array) {
    List<String> names = new ArrayList<>();
    array.forEach(name -> names.add(name.textValue()));
    return names;
  }

  private void verifyCommands(ServerProcess server, String xrayTraceId) throws Exception {
    String traceId = xrayTraceId.substring(2).replace("-", "");
    assertThat(command(server, "traces")).contains(xrayTraceId).contains("shop").contains("fault");
    assertThat(command(server, "services")).contains("shop").contains("stock");
    String waterfall = command(server, "trace", xrayTraceId);
    assertThat(waterfall)
        .contains(xrayTraceId)
        .contains("charge")
        .contains("POST /reserve")
        .contains("SELECT stock.items");
    assertThat(command(server, "trace", traceId)).isEqualTo(waterfall);
    assertThat(command(server, "trace", "--json", traceId)).contains(traceId);
  }

  private String command(ServerProcess server, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--server");
    all.add(server.http().toString());
    try (ChildProcess command =
        ChildProcess.java(
            folder, "io.roentgen.cli.Main", List.of("-XX:TieredStopAtLevel=1"), all, Map.of())) {
      assertThat(command.awaitExit(Duration.ofSeconds(30))).as(command.output()).isZero();
      return command.output();
    }
  }

  /** Asks as any user of AWS X-Ray would. */
  private static void verifyXRayApi(ServerProcess server, String xrayTraceId) {
    URI endpoint = server.http();
    try (XRayClient client =
        XRayClient.builder()
            .endpointOverride(endpoint)
            .region(Region.US_EAST_1)
            .credentialsProvider(AnonymousCredentialsProvider.create())
            .httpClient(UrlConnectionHttpClient.create())
            .build()) {
      BatchGetTracesResponse response =
          client.batchGetTraces(request -> request.traceIds(xrayTraceId));
      assertThat(response.unprocessedTraceIds()).isEmpty();
      assertThat(response.traces()).extracting(Trace::id).containsExactly(xrayTraceId);
      List<Segment> segments = response.traces().get(0).segments();
      assertThat(segments).hasSizeGreaterThanOrEqualTo(3);
      assertThat(segments)
          .extracting(Segment::document)
          .allMatch(document -> document.contains(xrayTraceId))
          .anyMatch(document -> document.contains("cannot charge: expired card"))
          .anyMatch(document -> document.contains("\"basket\""))
          .anyMatch(document -> document.contains("SELECT count FROM items"));
    }
  }
}
