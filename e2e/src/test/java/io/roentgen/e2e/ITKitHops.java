// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.xray.XRayClient;
import software.amazon.awssdk.services.xray.model.Segment;
import software.amazon.awssdk.services.xray.model.Trace;
import software.amazon.awssdk.services.xray.model.TraceSummary;

/**
 * The programs of {@code examples/kit-three-lines}, as a user starts them and on a class path of
 * their own, show correct hops in a running server: a shop on plain grpc-java, a stock on Spring
 * Boot and payments on Armeria.
 */
class ITKitHops {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path LIBRARIES =
      Path.of("..", "examples", "kit-three-lines", "target", "lib");
  private static final Duration SHOP_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration EXIT_TIMEOUT = Duration.ofSeconds(20);
  private static final Pattern TRACE = Pattern.compile("trace ([0-9a-f]{8})([0-9a-f]{24})\\R");

  private static final List<String> EXPECTED =
      List.of(
          "shop Order 0 http=200",
          "  shop.Orders/Reserve Reserve 0 http=200 attempts=2",
          "    attempt 1 UNAVAILABLE fault",
          "    attempt 2 OK",
          "    stock Reserve 14 http=503 fault",
          "    stock Reserve 0 http=200",
          "      shop.Orders/Pay Pay 0 http=200",
          "        payments Pay 0 http=200",
          "          shop.Orders/Receipt Receipt 5 http=404 error",
          "            shop Receipt 5 http=404 error");

  /** From the customer, who gives ten seconds, to the one who is asked last. */
  private static final List<String> GIVEN_ON = List.of("Order", "Reserve", "Reserve", "Pay", "Pay");

  @TempDir private Path folder;

  /** The tests' own Java, and the oldest one that the kit, Spring Boot and Armeria run on. */
  static List<Path> javas() throws IOException {
    return List.of(Path.of(System.getProperty("java.home")), Java17.find());
  }

  @ParameterizedTest
  @MethodSource("javas")
  void programs_oneOrder_isOneTraceWithEveryHop(Path java) throws Exception {
    Instant begin = Instant.now().minusSeconds(1);
    try (ServerProcess server = ServerProcess.start(folder, folder.resolve("data"));
        XRayClient xray = client(server)) {
      String id = runPrograms(java, server);
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(Hop.tree(documents(xray, id)))
                      .extracting(Hop::line)
                      .containsExactlyElementsOf(EXPECTED));
      verifyDeadlines(Hop.tree(documents(xray, id)));
      assertThat(search(xray, begin, "annotation[grpc.attempts] = 2")).containsExactly(id);
      assertThat(search(xray, begin, "annotation[grpc.deadline_left_ms] > 0")).containsExactly(id);
      assertThat(search(xray, begin, "service(\"stock\") { fault }")).containsExactly(id);
      assertThat(search(xray, begin, "edge(\"shop\", \"stock\")")).containsExactly(id);
      assertThat(search(xray, begin, "edge(\"stock\", \"payments\")")).containsExactly(id);
      assertThat(search(xray, begin, "edge(\"payments\", \"shop\")")).containsExactly(id);
    }
  }

  private static void verifyDeadlines(List<Hop> hops) {
    List<Long> given = new ArrayList<>();
    for (Hop hop : hops) {
      if (hop.isAttempt()) {
        continue;
      }
      assertThat(hop.deadline()).as(hop.line()).isPositive();
      assertThat(hop.deadlineLeft())
          .as(hop.line())
          .isPositive()
          .isLessThanOrEqualTo(hop.deadline());
      if (hop.isOf("Receipt")) {
        assertThat(hop.deadline()).as(hop.line()).isLessThanOrEqualTo(2_000);
      } else if (!hop.isFault()) {
        given.add(hop.deadline());
      }
    }
    assertThat(given)
        .hasSameSizeAs(GIVEN_ON)
        .isSortedAccordingTo(Comparator.reverseOrder())
        .allMatch(millis -> millis <= 10_000);
  }

  /** Returns the trace id that the shop prints. */
  private String runPrograms(Path java, ServerProcess server) throws Exception {
    Map<String, String> environment = new HashMap<>();
    environment.put("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:" + server.xrayUdp().getPort());
    // Each must know where the next is, and they go in a ring.
    List<ServerSocket> held = new ArrayList<>();
    for (String variable : List.of("SHOP_PORT", "STOCK_PORT", "PAYMENTS_PORT")) {
      ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      held.add(socket);
      environment.put(variable, String.valueOf(socket.getLocalPort()));
    }
    for (ServerSocket socket : held) {
      socket.close();
    }
    try (ChildProcess payments = program(java, "ArmeriaPayments", environment);
        ChildProcess stock = program(java, "SpringStock", environment)) {
      var _ = payments.awaitOutput(Pattern.compile("payments: listening"));
      var _ = stock.awaitOutput(Pattern.compile("stock: listening"));
      try (ChildProcess shop = program(java, "PlainShop", environment)) {
        assertThat(shop.awaitExit(SHOP_TIMEOUT)).as(shop.output()).isZero();
        var id = shop.awaitOutput(TRACE);
        assertThat(shop.output())
            .contains("shop: one book is reserved and paid (no receipt: no address)");
        // Each sends what is left when it is ended.
        assertThat(stock.terminate(EXIT_TIMEOUT)).isEqualTo(143);
        assertThat(payments.terminate(EXIT_TIMEOUT)).isEqualTo(143);
        return "1-" + id.group(1) + "-" + id.group(2);
      }
    }
  }

  private ChildProcess program(Path java, String name, Map<String, String> environment)
      throws IOException {
    return ChildProcess.command(
        folder,
        Path.of("."),
        List.of(
            java.resolve("bin").resolve("java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            LIBRARIES.resolve("*").toString(),
            "io.roentgen.examples.kit." + name),
        environment);
  }

  private static XRayClient client(ServerProcess server) {
    return XRayClient.builder()
        .endpointOverride(server.http())
        .region(Region.US_EAST_1)
        .credentialsProvider(AnonymousCredentialsProvider.create())
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }

  private static List<JsonNode> documents(XRayClient xray, String id)
      throws JsonProcessingException {
    List<JsonNode> documents = new ArrayList<>();
    for (Trace trace : xray.batchGetTraces(request -> request.traceIds(id)).traces()) {
      for (Segment segment : trace.segments()) {
        documents.add(JSON.readTree(segment.document()));
      }
    }
    return documents;
  }

  private static List<String> search(XRayClient xray, Instant begin, String filter) {
    return xray
        .getTraceSummaries(
            request -> request.startTime(begin).endTime(Instant.now()).filterExpression(filter))
        .traceSummaries()
        .stream()
        .map(TraceSummary::id)
        .toList();
  }

  /** A segment or subsegment, and how deep it stands below the first one. */
  private record Hop(JsonNode node, int depth) {
    /** Returns all, each parent before its children. */
    static List<Hop> tree(List<JsonNode> documents) {
      Map<String, List<JsonNode>> byParent = new HashMap<>();
      for (JsonNode document : documents) {
        collect(document, document.path("parent_id").asText(), byParent);
      }
      byParent
          .values()
          .forEach(
              children ->
                  children.sort(
                      Comparator.comparing((JsonNode child) -> !new Hop(child, 0).isAttempt())
                          .thenComparing(child -> child.get("start_time").asDouble())));
      List<Hop> hops = new ArrayList<>();
      add("", 0, byParent, hops);
      return hops;
    }

    private static void collect(
        JsonNode node, String parent, Map<String, List<JsonNode>> byParent) {
      byParent.computeIfAbsent(parent, key -> new ArrayList<>()).add(node);
      String id = node.get("id").asText();
      node.path("subsegments").forEach(child -> collect(child, id, byParent));
    }

    private static void add(
        String parent, int depth, Map<String, List<JsonNode>> byParent, List<Hop> hops) {
      for (JsonNode child : byParent.getOrDefault(parent, List.of())) {
        hops.add(new Hop(child, depth));
        add(child.get("id").asText(), depth + 1, byParent, hops);
      }
    }

    String line() {
      StringBuilder line = new StringBuilder("  ".repeat(depth)).append(node.get("name").asText());
      if (isAttempt()) {
        line.append(' ').append(node.at("/metadata/grpc/status").asText());
      } else {
        line.append(' ')
            .append(node.at("/annotations/rpc.method").asText())
            .append(' ')
            .append(node.at("/annotations/rpc.grpc.status_code").asText())
            .append(" http=")
            .append(node.at("/http/response/status").asText());
      }
      if (node.at("/annotations").has("grpc.attempts")) {
        line.append(" attempts=").append(node.at("/annotations/grpc.attempts").asText());
      }
      for (String flag : List.of("error", "throttle", "fault", "in_progress")) {
        if (node.path(flag).asBoolean()) {
          line.append(' ').append(flag);
        }
      }
      return line.toString();
    }

    boolean isAttempt() {
      return node.get("name").asText().startsWith("attempt ");
    }

    boolean isFault() {
      return node.path("fault").asBoolean();
    }

    boolean isOf(String method) {
      return node.at("/annotations/rpc.method").asText().equals(method);
    }

    long deadline() {
      return node.at("/annotations/grpc.deadline_ms").asLong(-1);
    }

    long deadlineLeft() {
      return node.at("/annotations/grpc.deadline_left_ms").asLong(-1);
    }
  }
}
