// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.xray.XRayClient;
import software.amazon.awssdk.services.xray.model.SamplingRule;
import software.amazon.awssdk.services.xray.model.SamplingStatisticSummary;

/**
 * Unmodified X-Ray SDKs follow changes of the server's rules while they run. They ask for targets,
 * which have the rate and the quota of rules that they use, every ten seconds; and for rules every
 * five minutes and at their start, and the Node SDK never uses a quota. So a changed rule must be
 * followed within two reports, and a new one is shown to a program that starts.
 */
class ITSamplingRules {
  /** Two reports and some more, as other tests may have the machine. */
  private static final Duration FOLLOWED = Duration.ofSeconds(40);

  /** What the report that was just seen covers for certain. */
  private static final Duration REPORTED = Duration.ofSeconds(7);

  private static final int WINDOW_SECONDS = 10;
  private static final int QUOTA = 5;
  private static final String JAVA = "java-sampled";
  private static final String NODE = "node-sampled";
  private static final Pattern LISTENS = Pattern.compile("listening on http://\\S+");

  @TempDir private Path folder;
  private Api api;
  private XRayClient aws;
  private Instant changed = Instant.EPOCH;

  @Test
  void sdks_rulesChangeWhileTheyRun_followWithinTheirPollingInterval() throws Exception {
    NodeProject.install(folder);
    try (ServerProcess server = ServerProcess.start(folder, folder.resolve("data"));
        Api opened = new Api(server.http());
        XRayClient client = client(server)) {
      api = opened;
      aws = client;
      create(rule("node").serviceName(NODE).fixedRate(0.0).build());
      Map<String, String> environment = environment(server);
      try (ChildProcess java = java(environment);
          ChildProcess node = NodeProject.start(folder, "sampled.js", List.of(NODE), environment)) {
        var _ = node.awaitOutput(LISTENS);
        reported("Default", window -> window.borrowCount() > 0 && sampled(window) > 0);
        reported("node", window -> sampled(window) == 0);
        assertThat(traces(JAVA, Instant.EPOCH)).isNotEmpty();
        // Before it has the rules, the SDK decides by its own.
        assertThat(traces(NODE, Instant.now().minus(REPORTED))).isEmpty();

        change("Default", 0, 0);
        change("node", 1, 0);
        reported("Default", window -> sampled(window) == 0);
        assertThat(traces(JAVA, Instant.now().minus(REPORTED))).isEmpty();
        reported("node", window -> sampled(window) == window.requestCount());
        assertThat(traces(NODE, Instant.now().minus(REPORTED))).isNotEmpty();

        change("Default", 0, QUOTA);
        change("node", 0, 0);
        reported(
            "Default", window -> window.borrowCount() == 0 && window.sampledCount() >= 8 * QUOTA);
        assertThat(perSecond(traces(JAVA, Instant.now().minus(REPORTED))).values())
            .contains(QUOTA)
            .allMatch(count -> count <= QUOTA);
        reported("node", window -> sampled(window) == 0);
        assertThat(traces(NODE, Instant.now().minus(REPORTED))).isEmpty();
        assertThat(java.isAlive()).as(java.output()).isTrue();
        assertThat(node.isAlive()).as(node.output()).isTrue();
      }

      create(rule("new").serviceName(JAVA).fixedRate(1.0).build());
      try (ChildProcess java = java(environment)) {
        reported("new", window -> sampled(window) == window.requestCount());
        assertThat(java.isAlive()).as(java.output()).isTrue();
      }
    }
  }

  private static XRayClient client(ServerProcess server) {
    return XRayClient.builder()
        .endpointOverride(server.http())
        .region(Region.US_EAST_1)
        .credentialsProvider(AnonymousCredentialsProvider.create())
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }

  private static Map<String, String> environment(ServerProcess server) {
    return Map.of(
        "AWS_XRAY_DAEMON_ADDRESS",
        "tcp:127.0.0.1:" + server.xrayTcpPort() + " udp:127.0.0.1:" + server.xrayUdp().getPort());
  }

  private ChildProcess java(Map<String, String> environment) throws IOException {
    return ChildProcess.java(
        folder,
        SampledSegments.class.getName(),
        List.of("-XX:TieredStopAtLevel=1"),
        List.of(JAVA),
        environment);
  }

  private static SamplingRule.Builder rule(String name) {
    return SamplingRule.builder()
        .ruleName(name)
        .priority(10)
        .reservoirSize(0)
        .serviceType("*")
        .host("*")
        .httpMethod("*")
        .urlPath("*")
        .resourceARN("*")
        .version(1);
  }

  private void create(SamplingRule rule) {
    var _ = aws.createSamplingRule(request -> request.samplingRule(rule));
    changed = Instant.now();
  }

  private void change(String name, double fixedRate, int reservoirSize) {
    var _ =
        aws.updateSamplingRule(
            request ->
                request.samplingRuleUpdate(
                    update ->
                        update.ruleName(name).fixedRate(fixedRate).reservoirSize(reservoirSize)));
    changed = Instant.now();
  }

  /** Borrowed requests are not in the sampled ones of these SDKs. */
  private static int sampled(SamplingStatisticSummary window) {
    return window.sampledCount() + window.borrowCount();
  }

  /** Waits until an SDK has reported what it did with a rule after the last change. */
  private void reported(String rule, Predicate<SamplingStatisticSummary> expected) {
    long from = Math.floorDiv(changed.getEpochSecond(), WINDOW_SECONDS) * WINDOW_SECONDS;
    await()
        .atMost(FOLLOWED)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () ->
                assertThat(aws.getSamplingStatisticSummaries().samplingStatisticSummaries())
                    .filteredOn(window -> window.ruleName().equals(rule))
                    .filteredOn(window -> window.timestamp().getEpochSecond() >= from)
                    .filteredOn(window -> window.requestCount() > 0)
                    .anyMatch(expected));
  }

  private List<Instant> traces(String service, Instant from) throws Exception {
    JsonNode found =
        api.get("/api/traces?limit=1000&start=" + from + "&service=" + service).get("traces");
    return found.valueStream().map(ITSamplingRules::start).toList();
  }

  private static Instant start(JsonNode trace) {
    long nanos = Long.parseLong(trace.get("startEpochNanos").textValue());
    return Instant.ofEpochSecond(0, nanos);
  }

  private static Map<Long, Integer> perSecond(List<Instant> times) {
    Map<Long, Integer> counts = new TreeMap<>();
    times.forEach(time -> counts.merge(time.getEpochSecond(), 1, Integer::sum));
    return counts;
  }
}
