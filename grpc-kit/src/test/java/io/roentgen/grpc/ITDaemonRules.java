// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.roentgen.grpc.ActiveSpan.Kind;
import io.roentgen.sampling.SamplingMessages;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Asks a daemon over TCP that answers well, badly, late or not at all. */
class ITDaemonRules {
  private static final String RULES =
      """
      {"SamplingRuleRecords": [{"CreatedAt": 1, "ModifiedAt": 1, "SamplingRule": {
         "RuleName": "none", "Priority": 1, "ReservoirSize": 0, "FixedRate": %s,
         "ServiceName": "shop", "ServiceType": "*", "Host": "*", "HTTPMethod": "*",
         "URLPath": "*", "ResourceARN": "*", "Version": 1, "Attributes": {}}}]}
      """;

  /** What a daemon does with a request. */
  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private final AtomicReference<Answer> answer = new AtomicReference<>(ITDaemonRules::rules);
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);
  private HttpServer daemon;

  @BeforeEach
  void start() throws IOException {
    daemon = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    daemon.setExecutor(threads);
    daemon.createContext(
        "/",
        exchange -> {
          try (exchange) {
            asked.add(
                exchange.getRequestMethod()
                    + ' '
                    + exchange.getRequestURI()
                    + ' '
                    + exchange.getRequestHeaders().getFirst("Content-Type")
                    + ' '
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            answer.get().to(exchange);
          }
        });
    daemon.start();
  }

  @AfterEach
  void stop() {
    closed.countDown();
    daemon.stop(0);
    threads.shutdownNow();
  }

  private static void rules(HttpExchange exchange) throws IOException {
    answer(exchange, 200, RULES.formatted("0"));
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private DaemonHttp http(Duration timeout) {
    return new DaemonHttp("127.0.0.1", daemon.getAddress().getPort(), timeout);
  }

  private GrpcKit kit(int tcpPort) {
    return GrpcKit.builder("shop")
        .environment(Map.of(DaemonAddress.VARIABLE, "udp:127.0.0.1:9 tcp:127.0.0.1:" + tcpPort))
        .build();
  }

  @Test
  void kit_byDefault_decidesByTheDaemonsRules() {
    try (GrpcKit kit = kit(daemon.getAddress().getPort())) {
      // Of the local rules, the first call of each second is traced.
      await().untilAsserted(() -> assertThat(isSampled(kit)).isFalse());
      assertThat(asked).containsExactly("POST /GetSamplingRules application/json {}");
      answer.set(ITDaemonRules::rules);
    }
    await().untilAsserted(() -> assertThat(threadIsAlive()).isFalse());
  }

  private static boolean isSampled(GrpcKit kit) {
    // More than a local reservoir has, so that none of them being traced is the daemon's doing.
    boolean any = false;
    for (int i = 0; i < 200; i++) {
      ActiveSpan span = kit.start("work", Kind.INTERNAL, null);
      any |= span.isSampled();
      span.end();
    }
    return any;
  }

  private static boolean threadIsAlive() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("roentgen-sampling"));
  }

  @Test
  void kit_pollingSwitchedOff_asksNobody() {
    try (GrpcKit kit =
        GrpcKit.builder("shop")
            .environment(Map.of())
            .daemon(new DaemonAddress("127.0.0.1", 9, "127.0.0.1", daemon.getAddress().getPort()))
            .pollSamplingRules(false)
            .build()) {
      assertThat(isSampled(kit)).isTrue();
      assertThat(threadIsAlive()).isFalse();
    }
    assertThat(asked).isEmpty();
  }

  @Test
  void kit_localRulesAndPolling_startsByLocalRules() {
    answer.set(exchange -> answer(exchange, 500, "{}"));
    try (GrpcKit kit =
        GrpcKit.builder("shop")
            .environment(Map.of())
            .daemon(new DaemonAddress("127.0.0.1", 9, "127.0.0.1", daemon.getAddress().getPort()))
            .samplingRules("{\"version\":2,\"default\":{\"fixed_target\":0,\"rate\":0}}")
            .pollSamplingRules(true)
            .build()) {
      await().untilAsserted(() -> assertThat(asked).isNotEmpty());
      assertThat(isSampled(kit)).isFalse();
    }
  }

  @Test
  void kit_nobodyListens_decidesByLocalRules() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    try (GrpcKit kit = kit(port)) {
      assertThat(isSampled(kit)).isTrue();
    }
  }

  @Test
  void kit_daemonHangs_closesAtOnce() {
    answer.set(exchange -> awaitClosed());
    GrpcKit kit = kit(daemon.getAddress().getPort());
    await().untilAsserted(() -> assertThat(asked).isNotEmpty());
    assertThat(isSampled(kit)).isTrue();
    kit.close();
    await().untilAsserted(() -> assertThat(threadIsAlive()).isFalse());
    assertThat(asked).hasSize(1);
  }

  private void awaitClosed() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void post_wellAnswered_returnsTheBody() throws IOException {
    try (DaemonHttp http = http(Duration.ofSeconds(20))) {
      assertThat(http.post("/GetSamplingRules", "{}")).isEqualTo(RULES.formatted("0"));
      assertThat(http.post("/SamplingTargets", "{\"a\":\"\u00e4\"}")).isNotEmpty();
    }
    assertThat(asked)
        .containsExactly(
            "POST /GetSamplingRules application/json {}",
            "POST /SamplingTargets application/json {\"a\":\"\u00e4\"}");
  }

  @ParameterizedTest
  @ValueSource(ints = {201, 301, 400, 403, 404, 429, 500, 502, 503})
  void post_anotherStatus_isRefusedAndNotRepeated(int status) {
    answer.set(
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/elsewhere");
          answer(exchange, status, RULES.formatted("1"));
        });
    assertThatThrownBy(() -> http(Duration.ofSeconds(20)).post("/GetSamplingRules", "{}"))
        .isInstanceOf(IOException.class)
        .hasMessage("HTTP status " + status + " (expected: 200)");
    assertThat(asked).hasSize(1);
  }

  @Test
  void post_brokenOff_isRefusedAndNotRepeated() {
    answer.set(exchange -> exchange.sendResponseHeaders(200, 100));
    assertThatThrownBy(() -> http(Duration.ofSeconds(20)).post("/SamplingTargets", "{}"))
        .isInstanceOf(IOException.class);
    assertThat(asked).hasSize(1);
  }

  @Test
  void post_answerTooLarge_isBrokenOff() {
    answer.set(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          OutputStream body = exchange.getResponseBody();
          byte[] spaces = " ".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
          // Goes on until the other side hangs up.
          while (closed.getCount() > 0) {
            body.write(spaces);
          }
        });
    assertThatThrownBy(() -> http(Duration.ofMinutes(1)).post("/GetSamplingRules", "{}"))
        .isInstanceOf(IOException.class)
        .hasMessage("answer: more bytes (expected: at most " + SamplingMessages.MAX_LENGTH + ")");
  }

  @Test
  void post_answerDoesNotCome_isGivenUp() {
    answer.set(exchange -> awaitClosed());
    assertThatThrownBy(() -> http(Duration.ofMillis(50)).post("/GetSamplingRules", "{}"))
        .isInstanceOf(IOException.class);
  }

  @Test
  void post_answerDrips_isGivenUp() {
    answer.set(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          while (closed.getCount() > 0) {
            exchange.getResponseBody().write(' ');
            exchange.getResponseBody().flush();
          }
        });
    assertThatThrownBy(() -> http(Duration.ofMillis(100)).post("/GetSamplingRules", "{}"))
        .isInstanceOf(IOException.class);
  }

  @Test
  void toString_ofAnIpv6Address_hasBrackets() {
    assertThat(new DaemonHttp("::1", 2000, Duration.ofSeconds(1))).hasToString("http://[::1]:2000");
  }
}
