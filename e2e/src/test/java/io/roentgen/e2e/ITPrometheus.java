// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.shop.Shop;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's Prometheus, with the configuration of {@code examples/prometheus.yml}, scrapes a server,
 * the platform and the shop.
 */
class ITPrometheus {
  private static final Path EXAMPLES = Path.of("..", "examples");
  private static final String CONFIGURATION = "prometheus.yml";
  private static final String RULES = "prometheus-rules.yml";
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** As the configuration has them: services by their ports of metrics. */
  private static final Map<String, Integer> SHOP =
      Map.of(
          "FRONTEND", 9101,
          "CATALOG", 9102,
          "CART", 9103,
          "ORDER", 9104,
          "RECOMMENDER", 9105,
          "IMAGE", 9106);

  @TempDir private Path folder;

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void configurationOfTheExamples_findsAllUp_andCountsTheirCalls() throws Exception {
    Map<String, String> ports = new LinkedHashMap<>();
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("TRACE_MODE", "xray");
    settings.put("SHUTDOWN_PAUSE_MS", "0");
    SHOP.forEach(
        (service, documented) -> {
          int port = FreePorts.next();
          settings.put(service + "_PORT", "0");
          settings.put(service + "_METRICS_PORT", String.valueOf(port));
          ports.put("localhost:" + documented, "127.0.0.1:" + port);
        });
    try (ServerProcess server = ServerProcess.start(folder, folder.resolve("data"))) {
      settings.put("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:" + server.xrayUdp().getPort());
      try (ITPlatform.Program platform =
              ITPlatform.Program.start(folder, server, "otlp", Map.of(), "platform");
          Shop.Started shop = new Shop().start(Settings.of(settings))) {
        String gateway = "127.0.0.1:" + platform.port("rev-proxy");
        ports.put("localhost:8600", server.http().getAuthority());
        ports.put("localhost:8080", gateway);
        URI shopPage = URI.create("http://127.0.0.1:" + shop.ports().get("Frontend") + "/product");
        assertThat(get(URI.create("http://" + gateway + "/api/greeting"))).contains("Service H");
        assertThat(get(shopPage)).contains("Tissot");
        int port = FreePorts.next();
        try (ChildProcess prometheus = prometheus(ports, port);
            Api api = new Api(URI.create("http://127.0.0.1:" + port))) {
          await().atMost(TIMEOUT).until(() -> FreePorts.isTaken(port));
          await().atMost(TIMEOUT).untilAsserted(() -> verifyTargets(api, ports));
          assertThat(prometheus.isAlive()).isTrue();
          verifyCounts(api);
          verifyQueries(api);
          assertThat(api.get("/api/v1/rules").at("/data/groups/0/rules"))
              .hasSize(2)
              .allSatisfy(rule -> assertThat(rule.get("health").asText()).isIn("ok", "unknown"));
        }
        for (String scraped : ports.values()) {
          lint(scraped);
        }
      }
    }
  }

  /** Starts it with the documented configuration, but for ports and how often it scrapes. */
  private ChildProcess prometheus(Map<String, String> ports, int port) throws IOException {
    String configuration = Files.readString(EXAMPLES.resolve(CONFIGURATION));
    for (Map.Entry<String, String> each : ports.entrySet()) {
      assertThat(configuration).contains('"' + each.getKey() + '"');
      configuration = configuration.replace('"' + each.getKey() + '"', '"' + each.getValue() + '"');
    }
    assertThat(configuration).doesNotContain("\"localhost:");
    configuration =
        configuration
            .replaceFirst("scrape_interval: \\S+", "scrape_interval: 1s")
            .replaceFirst("scrape_timeout: \\S+", "scrape_timeout: 1s");
    Path file = Files.writeString(folder.resolve(CONFIGURATION), configuration);
    Files.copy(EXAMPLES.resolve(RULES), folder.resolve(RULES));
    return ChildProcess.command(
        folder,
        folder,
        List.of(
            "prometheus",
            "--config.file=" + file,
            "--storage.tsdb.path=" + folder.resolve("prometheus"),
            "--web.listen-address=127.0.0.1:" + port),
        Map.of());
  }

  private static void verifyTargets(Api prometheus, Map<String, String> ports) throws Exception {
    JsonNode targets = prometheus.get("/api/v1/targets").at("/data/activeTargets");
    assertThat(targets).hasSize(ports.size());
    assertThat(targets)
        .allSatisfy(
            target ->
                assertThat(target.get("health").asText())
                    .as(target.get("scrapeUrl") + ": " + target.get("lastError"))
                    .isEqualTo("up"));
  }

  private static void verifyCounts(Api prometheus) throws Exception {
    assertThat(values(prometheus, "up")).hasSize(8).containsOnly(1.0);
    // The gateway's call of A, as its client counts it.
    assertThat(values(prometheus, "sum(grpc_client_requests_total{job=\"platform\",code=\"OK\"})"))
        .containsExactly(1.0);
    // The calls that the catalog served for the page.
    assertThat(
            values(
                prometheus,
                "sum(grpc_requests_total{job=\"shop\",service=\"catalogservice\",code=\"OK\"})"))
        .singleElement()
        .satisfies(count -> assertThat(count).isPositive());
    assertThat(
            values(
                prometheus,
                "histogram_quantile(0.9, sum by (le)"
                    + " (grpc_request_duration_seconds_bucket{service=\"catalogservice\"}))"))
        .singleElement()
        .satisfies(seconds -> assertThat(seconds).isPositive());
    assertThat(values(prometheus, "ingest_admitted_bytes{job=\"roentgen\"}")).hasSize(1);
  }

  /** Every query of the documentation has an answer. */
  private static void verifyQueries(Api prometheus) throws Exception {
    List<String> queries =
        Pattern.compile("```promql\n(.*?)\n```", Pattern.DOTALL)
            .matcher(Files.readString(EXAMPLES.resolve("prometheus.md")))
            .results()
            .map(found -> found.group(1))
            .toList();
    assertThat(queries).hasSizeGreaterThan(5);
    for (String query : queries) {
      await()
          .atMost(TIMEOUT)
          .untilAsserted(() -> assertThat(values(prometheus, query)).as(query).isNotEmpty());
    }
  }

  @Test
  void alerts_ofTheExamples_fireWhenTheyShould() throws Exception {
    Files.copy(EXAMPLES.resolve(RULES), folder.resolve(RULES));
    Path tests = folder.resolve("prometheus-rules-test.yml");
    try (InputStream in = ITPrometheus.class.getResourceAsStream("/prometheus-rules-test.yml")) {
      Files.copy(Objects.requireNonNull(in), tests);
    }
    assertThat(promtool("exec promtool test rules \"$1\"", tests, "alerts")).contains("SUCCESS");
  }

  private static List<Double> values(Api prometheus, String query) throws Exception {
    JsonNode result =
        prometheus
            .get("/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8))
            .at("/data/result");
    List<Double> values = new ArrayList<>();
    result.forEach(series -> values.add(Double.valueOf(series.at("/value/1").asText())));
    return values;
  }

  /** Has promtool look for what is not as it should be in the text format. */
  private void lint(String scraped) throws Exception {
    Path metrics =
        Files.writeString(
            folder.resolve("metrics.txt"), get(URI.create("http://" + scraped + "/metrics")));
    assertThat(promtool("exec promtool check metrics <\"$1\"", metrics, scraped))
        .as(scraped)
        .isEmpty();
  }

  /** Returns what it says, once it has ended well. */
  private String promtool(String command, Path file, String of) throws Exception {
    try (ChildProcess promtool =
        ChildProcess.command(
            folder, folder, List.of("sh", "-c", command, "sh", file.toString()), Map.of())) {
      assertThat(promtool.awaitExit(TIMEOUT)).as(of + ": " + promtool.output()).isZero();
      return promtool.output();
    }
  }

  private String get(URI uri) throws IOException, InterruptedException {
    var response =
        http.send(
            HttpRequest.newBuilder(uri).timeout(TIMEOUT).build(),
            BodyHandlers.ofString(StandardCharsets.UTF_8));
    assertThat(response.statusCode()).as(uri + ": " + response.body()).isEqualTo(200);
    return response.body();
  }
}
