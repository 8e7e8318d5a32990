// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.shop.Shop;
import io.roentgen.examples.shop.v1.Capacity;
import io.roentgen.examples.shop.v1.TableAdminServiceGrpc;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.xray.XRayClient;
import software.amazon.awssdk.services.xray.model.Segment;
import software.amazon.awssdk.services.xray.model.Trace;
import software.amazon.awssdk.services.xray.model.TraceSummary;

/** The shop of {@code examples/shop}, all of it in this JVM, as a running server sees it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ITShop {
  private static final ObjectMapper JSON = new ObjectMapper();
  static final Duration PATIENCE = Duration.ofSeconds(60);
  static final String PRODUCT = "6464865908071";
  private static final String FORM =
      "name=Ada&email=ada%40example.org&address=Lane+1&address2=&country=UK&state=London&zip=N1"
          + "&city=London&paymentMethod=invoice";

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Instant begin = Instant.now().minusSeconds(1);
  private ServerProcess server;
  private Api api;
  private XRayClient xray;
  private Shop.Started shop;

  /** Returns what else the shop is told. */
  Map<String, String> settings(Path folder) throws Exception {
    return Map.of();
  }

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    server = ServerProcess.start(folder, folder.resolve("data"));
    api = new Api(server.http());
    xray =
        XRayClient.builder()
            .endpointOverride(server.http())
            .region(Region.US_EAST_1)
            .credentialsProvider(AnonymousCredentialsProvider.create())
            .httpClient(UrlConnectionHttpClient.create())
            .build();
    Map<String, String> environment = new HashMap<>();
    environment.put("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:" + server.xrayUdp().getPort());
    for (String service : List.of("CATALOG", "CART", "ORDER", "RECOMMENDER", "IMAGE", "FRONTEND")) {
      environment.put(service + "_PORT", "0");
    }
    environment.put("RESTART_S", "1");
    environment.put("SHUTDOWN_PAUSE_MS", "0");
    environment.put("SHUTDOWN_DRAIN_MS", "1000");
    environment.putAll(settings(folder));
    shop = new Shop().start(Settings.of(environment));
  }

  @AfterAll
  void stop() {
    if (shop != null) {
      shop.close();
    }
    if (xray != null) {
      xray.close();
    }
    if (api != null) {
      api.close();
    }
    if (server != null) {
      server.close();
    }
    client.close();
  }

  /** A visitor: keeps the cookie that he is given. */
  final class Visitor {
    private String cookie = "";

    HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
      return send(request(path));
    }

    HttpResponse<byte[]> post(String path, String form) throws IOException, InterruptedException {
      return send(
          request(path)
              .header("content-type", "application/x-www-form-urlencoded")
              .POST(BodyPublishers.ofString(form)));
    }

    private HttpRequest.Builder request(String path) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(
              URI.create("http://127.0.0.1:" + shop.ports().get("Frontend") + path));
      return cookie.isEmpty() ? request : request.header("cookie", cookie);
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request)
        throws IOException, InterruptedException {
      HttpResponse<byte[]> answer = client.send(request.build(), BodyHandlers.ofByteArray());
      answer
          .headers()
          .firstValue("set-cookie")
          .ifPresent(given -> cookie = given.substring(0, given.indexOf(';')));
      return answer;
    }

    String id() {
      return cookie.substring(cookie.indexOf('=') + 1);
    }
  }

  static String traceOf(HttpResponse<byte[]> answer) {
    return answer.headers().firstValue("x-amzn-trace-id").orElseThrow().substring("Root=".length());
  }

  static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  List<JsonNode> documents(String trace) throws IOException {
    List<JsonNode> documents = new ArrayList<>();
    for (Trace each : xray.batchGetTraces(request -> request.traceIds(trace)).traces()) {
      for (Segment segment : each.segments()) {
        JsonNode document = JSON.readTree(segment.document());
        // As AWS does, the server adds what stands for those who send nothing, such as Redis.
        if (!document.path("inferred").asBoolean()) {
          documents.add(document);
        }
      }
    }
    return documents;
  }

  /** Returns names by depth, with what went wrong; whose parent is missing stands at the end. */
  static List<String> tree(List<JsonNode> documents) {
    Map<String, List<JsonNode>> byParent = new HashMap<>();
    Set<String> ids = new HashSet<>();
    documents.forEach(
        document -> collect(document, document.path("parent_id").asText(), byParent, ids));
    byParent
        .values()
        .forEach(
            each -> each.sort(Comparator.comparing(node -> node.get("start_time").decimalValue())));
    List<String> lines = new ArrayList<>();
    add("", 0, byParent, lines);
    byParent.keySet().stream()
        .filter(parent -> !parent.isEmpty() && !ids.contains(parent))
        .forEach(parent -> lines.add("orphan of " + parent));
    return lines;
  }

  private static void collect(
      JsonNode node, String parent, Map<String, List<JsonNode>> byParent, Set<String> ids) {
    byParent.computeIfAbsent(parent, key -> new ArrayList<>()).add(node);
    String id = node.get("id").asText();
    ids.add(id);
    node.path("subsegments").forEach(child -> collect(child, id, byParent, ids));
  }

  private static void add(
      String parent, int depth, Map<String, List<JsonNode>> byParent, List<String> lines) {
    for (JsonNode node : byParent.getOrDefault(parent, List.of())) {
      StringBuilder line = new StringBuilder(" ".repeat(depth)).append(node.get("name").asText());
      for (String flag : List.of("error", "throttle", "fault")) {
        if (node.path(flag).asBoolean()) {
          line.append(' ').append(flag);
        }
      }
      lines.add(line.toString());
      add(node.get("id").asText(), depth + 1, byParent, lines);
    }
  }

  private Set<String> search(String filter) {
    Set<String> ids = new TreeSet<>();
    xray
        .getTraceSummariesPaginator(
            request -> request.startTime(begin).endTime(Instant.now()).filterExpression(filter))
        .traceSummaries()
        .stream()
        .map(TraceSummary::id)
        .forEach(ids::add);
    return ids;
  }

  private JsonNode graph() throws IOException, InterruptedException {
    return api.get("/api/graph?start=" + begin);
  }

  /** Returns how many calls of a kind there were from one service to another, by their names. */
  private long calls(String caller, String callee, String count)
      throws IOException, InterruptedException {
    long sum = 0;
    for (JsonNode edge : graph().get("edges")) {
      if (edge.at("/caller/name").asText().equals(caller)
          && edge.at("/callee/name").asText().equals(callee)) {
        sum += edge.at("/statistics/" + count).asLong();
      }
    }
    return sum;
  }

  @Test
  void productPage_ofAKnownVisitor_isTheTraceThatIsDescribed() throws Exception {
    Visitor visitor = new Visitor();
    visitor.get("/");
    HttpResponse<byte[]> page = visitor.get("/product/" + PRODUCT);

    assertThat(page.statusCode()).as(text(page)).isEqualTo(200);
    assertThat(text(page)).contains("<h1>Tissot</h1>", "$499", "You may like, too", traceOf(page));
    String catalog = "catalogservice";
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(tree(documents(traceOf(page))))
                    .containsExactly(
                        "Frontend",
                        " redis",
                        " " + catalog,
                        "  " + catalog,
                        "   DynamoDB",
                        " recommenderservice",
                        "  recommenderservice",
                        "   " + catalog,
                        "    " + catalog,
                        "     DynamoDB",
                        "   " + catalog,
                        "    " + catalog,
                        "     DynamoDB",
                        "   " + catalog,
                        "    " + catalog,
                        "     DynamoDB"));
    assertThat(search("annotation.UserID = \"" + visitor.id() + "\""))
        .contains(traceOf(page))
        .hasSize(2);
    assertThat(
            search(
                "annotation.ProductID = \"" + PRODUCT + "\" AND user = \"" + visitor.id() + "\""))
        .containsExactly(traceOf(page));
  }

  @Test
  void allPages_makeTheMap() throws Exception {
    Visitor visitor = new Visitor();
    assertThat(visitor.get("/product").statusCode()).isEqualTo(200);
    HttpResponse<byte[]> image =
        visitor.get("/images/product-" + PRODUCT + ".jpg?width=32&height=32&filter=greyscale");
    assertThat(image.headers().firstValue("content-type")).hasValue("image/jpeg");
    assertThat(visitor.get("/product/" + PRODUCT).statusCode()).isEqualTo(200);
    assertThat(visitor.post("/cart", "product_id=" + PRODUCT).statusCode()).isEqualTo(303);
    assertThat(visitor.post("/cart", "product_id=3480077496703").statusCode()).isEqualTo(303);
    assertThat(visitor.post("/cart", "product_id=0000000000000").statusCode()).isEqualTo(404);
    assertThat(text(visitor.get("/cart"))).contains("Tissot", "Timex", "$658");
    assertThat(text(visitor.post("/cart/order", ""))).contains("Incomplete arguments provided");
    assertThat(visitor.post("/cart/checkout", FORM).statusCode()).isEqualTo(303);
    assertThat(text(visitor.get("/cart/checkout"))).contains("Ada", "ada@example.org");
    assertThat(visitor.post("/cart/order", "").statusCode()).isEqualTo(303);
    assertThat(text(visitor.get("/cart/order"))).contains("Your order is ");
    assertThat(text(visitor.get("/cart"))).contains("Your cart is empty");
    assertThat(visitor.get("/product/0000000000000").statusCode()).isEqualTo(404);

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              Set<String> edges = new TreeSet<>();
              for (JsonNode edge : graph().get("edges")) {
                String callee = edge.at("/callee/name").asText();
                boolean visited = edge.at("/caller/type").asText().equals("client");
                edges.add((visited ? "client" : edge.at("/caller/name").asText()) + " > " + callee);
              }
              assertThat(edges)
                  .containsExactlyInAnyOrder(
                      "client > Frontend",
                      "Frontend > redis",
                      "Frontend > catalogservice",
                      "Frontend > cartservice",
                      "Frontend > orderservice",
                      "Frontend > recommenderservice",
                      "Frontend > ImageService",
                      "cartservice > redis",
                      "cartservice > catalogservice",
                      "orderservice > cartservice",
                      "orderservice > catalogservice",
                      "orderservice > demostore-orderqueue",
                      "recommenderservice > catalogservice",
                      "catalogservice > ProductCatalog");
            });
    assertThat(search("annotation.OrderID BEGINSWITH \"\" AND annotation.CartSize = 2")).hasSize(1);
    assertThat(search("service(\"ImageService\")")).hasSize(1);
  }

  @Test
  void killedCatalog_faultsOnItsEdge_isToleratedOnTheFirstPage_andComesBack() throws Exception {
    Visitor visitor = new Visitor();
    visitor.get("/");

    shop.kill("catalogservice");

    HttpResponse<byte[]> home = visitor.get("/");
    assertThat(home.statusCode()).isEqualTo(200);
    assertThat(text(home)).contains("not to be had right now");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                // The retry is shown if the deadline left time for it.
                assertThat(tree(documents(traceOf(home))))
                    .isIn(
                        List.of("Frontend", " redis", " catalogservice fault"),
                        List.of(
                            "Frontend",
                            " redis",
                            " catalogservice fault",
                            "  attempt 1 fault",
                            "  attempt 2 fault")));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(calls("Frontend", "catalogservice", "faultCount")).isPositive());
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              HttpResponse<byte[]> page = visitor.get("/product/" + PRODUCT);
              assertThat(page.statusCode()).isEqualTo(200);
              assertThat(text(page)).doesNotContain("not to be had right now");
              // Each of its callers has a connection of its own, and finds out by itself.
              assertThat(visitor.post("/cart", "product_id=" + PRODUCT).statusCode())
                  .isEqualTo(303);
              assertThat(visitor.post("/cart/checkout", FORM).statusCode()).isEqualTo(303);
              assertThat(visitor.post("/cart/order", "").statusCode()).isEqualTo(303);
            });
    assertThat(shop.live()).hasSize(6);
  }

  @Test
  void killedRecommender_leavesTheRootClean() throws Exception {
    Visitor visitor = new Visitor();
    visitor.get("/");

    shop.kill("recommenderservice");

    HttpResponse<byte[]> page = visitor.get("/product/" + PRODUCT);
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(text(page)).contains("Recommendations are not to be had right now");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(tree(documents(traceOf(page))))
                    .contains("Frontend", " recommenderservice fault"));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(text(visitor.get("/product/" + PRODUCT))).doesNotContain("notice"));
  }

  @Test
  void capacityOfOne_throttlesTheTable_untilItIsFortyAgain() throws Exception {
    Visitor visitor = new Visitor();
    visitor.get("/");
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", shop.ports().get("catalogservice"))
            .usePlaintext()
            .build();
    try {
      setCapacity(channel, 1);
      List<CompletableFuture<HttpResponse<byte[]>>> asked = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        asked.add(
            client.sendAsync(visitor.request("/product").build(), BodyHandlers.ofByteArray()));
      }
      for (CompletableFuture<HttpResponse<byte[]>> each : asked) {
        assertThat(each.get().statusCode()).isIn(200, 429);
      }
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(calls("catalogservice", "ProductCatalog", "throttleCount"))
                      .isPositive());
      setCapacity(channel, 40);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                HttpResponse<byte[]> page = visitor.get("/product");
                assertThat(page.statusCode()).isEqualTo(200);
                assertThat(tree(documents(traceOf(page)))).contains("   DynamoDB");
              });
    } finally {
      channel.shutdownNow();
    }
  }

  private static void setCapacity(ManagedChannel channel, int readUnits) {
    // Not recorded: who runs the shop is none of its visitors.
    Metadata untraced = new Metadata();
    untraced.put(
        Metadata.Key.of("x-amzn-trace-id", Metadata.ASCII_STRING_MARSHALLER),
        "Root=1-6553f0e2-bd862e3fe1be46a994272793;Sampled=0");
    Capacity set =
        TableAdminServiceGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(untraced))
            .withDeadlineAfter(20, TimeUnit.SECONDS)
            .withWaitForReady()
            .setCapacity(Capacity.newBuilder().setReadUnits(readUnits).setWriteUnits(15).build());
    assertThat(set.getReadUnits()).isEqualTo(readUnits);
  }

  @Test
  void chaos_marksWhatItDoes() throws Exception {
    Map<String, String> environment = new HashMap<>();
    environment.put("TRACE_MODE", "none");
    environment.put("CHAOS", "true");
    environment.put("CHAOS_MIN_S", "1");
    environment.put("CHAOS_MAX_S", "1");
    environment.put("CHAOS_FACTOR", "6");
    environment.put("CHAOS_KINDS", "kill,latency,status,blackhole,capacity");
    environment.put("CHAOS_EFFECT_S", "1");
    environment.put("RESTART_S", "1");
    environment.put("SEED", "3");
    environment.put("SHUTDOWN_PAUSE_MS", "0");
    environment.put("SHUTDOWN_DRAIN_MS", "100");
    environment.put("ROENTGEN_URL", server.http().toString());
    for (String service : List.of("CATALOG", "CART", "ORDER", "RECOMMENDER", "IMAGE", "FRONTEND")) {
      environment.put(service + "_PORT", "0");
    }
    try (Shop.Started wild = new Shop().start(Settings.of(environment))) {
      assertThat(wild.ports()).hasSize(6);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                Set<String> kinds = new TreeSet<>();
                for (JsonNode mark : api.get("/api/marks?tag=chaos").get("marks")) {
                  assertThat(mark.get("title").asText()).startsWith("chaos: ");
                  assertThat(mark.get("service").asText()).isNotEmpty();
                  kinds.add(mark.at("/tags/1").asText());
                }
                assertThat(kinds)
                    .containsExactlyInAnyOrder(
                        "kill", "latency", "status", "blackhole", "capacity");
              });
    }
  }
}
