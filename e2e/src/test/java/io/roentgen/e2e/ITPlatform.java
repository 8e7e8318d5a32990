// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.xray.XRayClient;
import software.amazon.awssdk.services.xray.model.Edge;
import software.amazon.awssdk.services.xray.model.Segment;
import software.amazon.awssdk.services.xray.model.Service;
import software.amazon.awssdk.services.xray.model.Trace;

/**
 * The platform of {@code examples/platform}, in processes of its own as a user starts it, shows in
 * a running server what its requests did: eight services, a gateway, a queue and four databases.
 */
class ITPlatform {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path LIBRARIES = Path.of("..", "examples", "platform", "target", "lib");
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Pattern PORT = Pattern.compile("([a-z-]+)=(\\d+)");
  private static final int USERS = 20;
  private static final int REQUESTS_OF_EACH = 5;
  private static final int HEY_REQUESTS = 200;

  private static final List<String> ANSWER =
      List.of(
          "Service A",
          "Service B",
          "Service D",
          "Service E",
          "Service G",
          "Service H",
          "Service C");

  private static final MethodDescriptor<byte[], byte[]> HEALTH =
      Bytes.unary("grpc.health.v1.Health/Check");

  @TempDir private Path folder;

  private final HttpClient http = HttpClient.newHttpClient();

  /** What is the queue. */
  private enum Queue {
    STAND_IN,
    RABBITMQ
  }

  @ParameterizedTest
  @EnumSource
  void otlp_oneRequest_isOneTraceOfAllComponents_andLoadMixesNothing(Queue queue) throws Exception {
    Instant begin = Instant.now().minusSeconds(1);
    try (RabbitMq rabbit = queue == Queue.RABBITMQ ? rabbit() : null;
        ServerProcess server = ServerProcess.start(folder, folder.resolve("data"));
        Program platform = program(server, "otlp", connection(rabbit), "platform");
        XRayClient xray = client(server);
        Api api = new Api(server.http())) {
      String id = ask(platform).traceId();
      List<JsonNode> spans = awaitSpans(api, id, 21);
      assertThat(spans).filteredOn(span -> isOf(span, "root")).hasSize(1);
      assertThat(spans).filteredOn(span -> isOf(span, "child")).hasSize(20);
      assertThat(spans).noneMatch(ITPlatform::isFault);
      assertThat(kinds(spans))
          .containsExactlyInAnyOrderEntriesOf(
              Map.of("server", 8, "client", 11, "producer", 1, "consumer", 1));
      await()
          .atMost(TIMEOUT)
          .untilAsserted(() -> assertThat(edges(xray, begin)).isEqualTo(mapOfOtlp()));

      probe(platform);
      List<Answer> answers = load(platform);
      assertThat(answers).hasSize(USERS * REQUESTS_OF_EACH);
      Set<String> ids = new HashSet<>();
      for (Answer answer : answers) {
        ids.addAll(answer.greetingIds());
        assertThat(awaitSpans(api, answer.traceId(), 21))
            .noneMatch(ITPlatform::isFault)
            .filteredOn(span -> isOf(span, "root"))
            .hasSize(1);
      }
      assertThat(ids).hasSize(answers.size() * ANSWER.size());
      // Neither probes nor pages are traces.
      List<String> known = traces(xray, begin);
      assertThat(known).hasSize(answers.size() + 1);
      hey(platform);
      await()
          .atMost(TIMEOUT)
          .untilAsserted(
              () -> assertThat(traces(xray, begin)).hasSize(known.size() + HEY_REQUESTS));
      for (String trace : traces(xray, begin)) {
        assertThat(awaitSpans(api, trace, 21)).noneMatch(ITPlatform::isFault);
      }
      verifyLogs(platform, id);
      assertThat(platform.process.terminate(TIMEOUT)).isEqualTo(143);
    }
  }

  @Test
  void xray_oneRequestThroughTenProcesses_isNineSegmentsAndTwelveSubsegments() throws Exception {
    Instant begin = Instant.now().minusSeconds(1);
    try (ServerProcess server = ServerProcess.start(folder, folder.resolve("data"));
        Program platform = program(server, "xray", Map.of("PROCESSES", "true"), "platform");
        XRayClient xray = client(server)) {
      String id = ask(platform).traceId();
      await().atMost(TIMEOUT).untilAsserted(() -> assertThat(documents(xray, id)).hasSize(9));
      List<JsonNode> segments = documents(xray, id);
      assertThat(segments)
          .extracting(segment -> segment.get("name").asText())
          .containsExactlyInAnyOrder(
              "rev-proxy",
              "Service A",
              "Service B",
              "Service C",
              "Service D",
              "Service E",
              "Service F",
              "Service G",
              "Service H");
      List<String> subsegments = new ArrayList<>();
      segments.forEach(segment -> collect(segment.path("subsegments"), subsegments));
      assertThat(subsegments)
          .containsExactlyInAnyOrder(
              "greeting.v3.GreetingService/Greeting",
              "greeting.v3.GreetingService/Greeting",
              "greeting.v3.GreetingService/Greeting",
              "greeting.v3.GreetingService/Greeting",
              "greeting.v3.GreetingService/Greeting",
              "greeting.v3.GreetingService/Greeting",
              "greeting.v3.GreetingService/Greeting",
              "service-c@mongodb",
              "service-f@mongodb",
              "service-g@mongodb",
              "service-h@mongodb",
              "service-d.greeting");
      JsonNode edge =
          segments.stream()
              .filter(segment -> segment.get("name").asText().equals("rev-proxy"))
              .findFirst()
              .orElseThrow();
      assertThat(edge.at("/http/request/method").asText()).isEqualTo("GET");
      assertThat(edge.at("/http/response/status").asInt()).isEqualTo(200);
      assertThat(edge.has("parent_id")).isFalse();
      await()
          .atMost(TIMEOUT)
          .untilAsserted(() -> assertThat(edges(xray, begin)).isEqualTo(mapOfXRay()));
    }
  }

  @Test
  void outages_areFaultsWhereTheyAre_andHeal() throws Exception {
    try (ServerProcess server = ServerProcess.start(folder, folder.resolve("data"));
        Api api = new Api(server.http())) {
      Program standIns = program(server, "otlp", ports(0, 0), "stand-ins");
      Map<String, String> where = connections(standIns);
      Program d = program(server, "otlp", with(where, "PORT", "127.0.0.1:0"), "service-d");
      try (Program platform =
          program(
              server,
              "otlp",
              with(where, "SERVICE_D_URL", "127.0.0.1:" + d.port("grpc")),
              "platform")) {
        awaitHealthy(platform, api);

        d.process.kill();
        HttpResponse<String> failed = get(platform, "/api/greeting");
        assertThat(failed.statusCode()).isEqualTo(503);
        assertThat(JSON.readTree(failed.body()).get("message").asText()).startsWith("Service D: ");
        String id = traceId(failed);
        // gateway, A, B and B's try, each of the calls between them by both sides.
        List<JsonNode> spans = awaitSpans(api, id, 6);
        assertThat(spans).allMatch(ITPlatform::isFault);
        assertThat(services(spans)).containsExactly("Service A", "Service B", "rev-proxy");
        for (String alive : List.of("service-a", "service-c", "service-h")) {
          assertThat(health(platform.port(alive))).isEqualTo(new byte[] {8, 1});
        }
        String port = "127.0.0.1:" + d.port("grpc");
        d = program(server, "otlp", with(where, "PORT", port), "service-d");
        awaitHealthy(platform, api);

        // The queue and the databases are gone: all answer, and say what they could not do.
        standIns.process.kill();
        Answer answer = ask(platform);
        await()
            .atMost(TIMEOUT)
            .untilAsserted(() -> assertThat(faults(api, answer.traceId())).hasSize(4));
        assertThat(platform.process.isAlive()).isTrue();
        standIns =
            program(
                server, "otlp", ports(standIns.port("mongo"), standIns.port("amqp")), "stand-ins");
        awaitHealthy(platform, api);
        assertThat(platform.process.isAlive()).isTrue();
      } finally {
        d.close();
        standIns.close();
      }
    }
  }

  @Test
  void realBroker_thatIsAway_isAFaultOfItsPublisher_andHeals_andSoDoDatabases() throws Exception {
    try (RabbitMq rabbit = rabbit();
        ServerProcess server = ServerProcess.start(folder, folder.resolve("data"));
        Api api = new Api(server.http())) {
      Program standIns = program(server, "otlp", ports(0, 0), "stand-ins");
      Map<String, String> where = connections(standIns);
      where.putAll(connection(rabbit));
      try (Program platform = program(server, "otlp", where, "platform")) {
        awaitHealthy(platform, api);

        rabbit.kill();
        // What was under way when it went may be lost without a fault: nobody confirms messages.
        awaitFaults(platform, api, "service-d.greeting publish");
        rabbit.restart();
        awaitHealthy(platform, api);

        standIns.process.kill();
        awaitFaults(platform, api, "insert greetings", "insert greetings", "insert greetings");
        standIns =
            program(
                server, "otlp", ports(standIns.port("mongo"), standIns.port("amqp")), "stand-ins");
        awaitHealthy(platform, api);
        assertThat(platform.process.isAlive()).isTrue();
      } finally {
        standIns.close();
      }
    }
  }

  private RabbitMq rabbit() throws IOException {
    return RabbitMq.start(folder.resolve("rabbitmq"));
  }

  private static Map<String, String> connection(@Nullable RabbitMq rabbit) {
    return rabbit == null ? Map.of() : Map.of("RABBITMQ_CONN", rabbit.connection());
  }

  /** Asks until an answer, complete as ever, has just these faults, but for those of Service F. */
  private void awaitFaults(Program platform, Api api, String... names) {
    await()
        .atMost(TIMEOUT)
        .ignoreExceptionsInstanceOf(ConditionTimeoutException.class)
        .untilAsserted(
            () -> {
              String id = ask(platform).traceId();
              await()
                  .atMost(Duration.ofSeconds(10))
                  .untilAsserted(
                      () ->
                          assertThat(spans(api, id))
                              .filteredOn(ITPlatform::isFault)
                              .filteredOn(span -> !span.get("service").asText().equals("Service F"))
                              .extracting(span -> span.get("name").asText())
                              .containsExactlyInAnyOrder(names));
            });
  }

  /** Has {@code hey} ask the gateway, as a user would. */
  private void hey(Program platform) throws Exception {
    ChildProcess hey =
        ChildProcess.command(
            folder,
            folder,
            List.of(
                "hey",
                "-n",
                String.valueOf(HEY_REQUESTS),
                "-c",
                String.valueOf(USERS),
                "http://127.0.0.1:" + platform.port("rev-proxy") + "/api/greeting"),
            Map.of());
    assertThat(hey.awaitExit(TIMEOUT)).as(hey.output()).isZero();
    assertThat(hey.output())
        .containsPattern("\\[200\\]\\s+" + HEY_REQUESTS + " responses")
        .doesNotContain("Error distribution");
    assertThat(Pattern.compile("\\[\\d{3}\\]\\s").matcher(hey.output()).results()).hasSize(1);
  }

  private static Map<String, String> ports(int mongo, int amqp) {
    return Map.of("MONGO_PORT", String.valueOf(mongo), "BROKER_PORT", String.valueOf(amqp));
  }

  private static Map<String, String> connections(Program standIns) {
    return new HashMap<>(
        Map.of(
            "MONGO_CONN",
            "mongodb://127.0.0.1:" + standIns.port("mongo") + "/",
            "RABBITMQ_CONN",
            "amqp://guest:guest@127.0.0.1:" + standIns.port("amqp")));
  }

  private static Map<String, String> with(Map<String, String> settings, String name, String value) {
    Map<String, String> more = new HashMap<>(settings);
    more.put(name, value);
    return more;
  }

  /** Asks until a request is complete in all its parts, and nothing of it a fault. */
  private void awaitHealthy(Program platform, Api api) {
    await()
        .atMost(TIMEOUT)
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> {
              HttpResponse<String> response = get(platform, "/api/greeting");
              return response.statusCode() == 200 && isComplete(api, traceId(response));
            });
  }

  private static boolean isComplete(Api api, String id) throws Exception {
    try {
      await().atMost(Duration.ofSeconds(10)).until(() -> spans(api, id).size() == 21);
    } catch (ConditionTimeoutException e) {
      // What is missing by now was not done, as something was away.
      return false;
    }
    return spans(api, id).stream().noneMatch(ITPlatform::isFault);
  }

  private List<Answer> load(Program platform) throws Exception {
    try (ExecutorService users = Executors.newFixedThreadPool(USERS)) {
      List<Callable<List<Answer>>> all = new ArrayList<>();
      for (int user = 0; user < USERS; user++) {
        all.add(
            () -> {
              List<Answer> answers = new ArrayList<>();
              for (int i = 0; i < REQUESTS_OF_EACH; i++) {
                answers.add(ask(platform));
              }
              return answers;
            });
      }
      List<Answer> answers = new ArrayList<>();
      for (Future<List<Answer>> future : users.invokeAll(all)) {
        answers.addAll(future.get());
      }
      return answers;
    }
  }

  /** Asks what operators and browsers ask. */
  private void probe(Program platform) throws Exception {
    assertThat(get(platform, "/api/health").body()).isEqualTo("{\"alive\": true}");
    assertThat(get(platform, "/metrics").body()).contains("grpc_client_requests_total");
    assertThat(get(platform, "/openapi/greeting.swagger.json").body()).contains("/api/greeting");
    assertThat(send("http://127.0.0.1:" + platform.port("ui") + "/").body()).contains("API host");
    for (String service : List.of("service-a", "service-d", "service-f")) {
      // A HealthCheckResponse with SERVING.
      assertThat(health(platform.port(service))).isEqualTo(new byte[] {8, 1});
    }
  }

  private static byte[] health(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      return ClientCalls.blockingUnaryCall(channel, HEALTH, CallOptions.DEFAULT, new byte[0]);
    } finally {
      channel.shutdownNow();
    }
  }

  private static void verifyLogs(Program platform, String traceId) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : platform.process.output().lines().toList()) {
      if (!line.startsWith("platform: ")) {
        lines.add(JSON.readTree(line));
      }
    }
    assertThat(lines)
        .allSatisfy(
            line ->
                assertThat(line.fieldNames())
                    .toIterable()
                    .contains("time", "level", "msg", "service"));
    assertThat(lines).anyMatch(line -> line.get("msg").asText().startsWith("embedded in place of"));
    Set<String> services = new TreeSet<>();
    for (JsonNode line : lines) {
      if (line.path("trace_id").asText().equals(traceId.substring(2).replace("-", ""))) {
        services.add(line.get("service").asText());
      }
    }
    assertThat(services)
        .contains("rev-proxy", "Service A", "Service B", "Service D", "Service E", "Service H");
  }

  /** What the gateway answered. */
  private record Answer(String traceId, List<String> greetingIds) {}

  private Answer ask(Program platform) throws Exception {
    HttpResponse<String> response = get(platform, "/api/greeting");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    List<String> services = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (JsonNode greeting : JSON.readTree(response.body()).get("greeting")) {
      services.add(greeting.get("service").asText());
      ids.add(greeting.get("id").asText());
      assertThat(Instant.parse(greeting.get("created").asText())).isBefore(Instant.MAX);
    }
    assertThat(services).isEqualTo(ANSWER);
    return new Answer(traceId(response), ids);
  }

  private static String traceId(HttpResponse<String> response) {
    Matcher root =
        Pattern.compile("Root=([^;]+)")
            .matcher(response.headers().firstValue("x-amzn-trace-id").orElseThrow());
    assertThat(root.find()).isTrue();
    return root.group(1);
  }

  private HttpResponse<String> get(Program platform, String path) throws Exception {
    return send("http://127.0.0.1:" + platform.port("rev-proxy") + path);
  }

  private HttpResponse<String> send(String url) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(url)).timeout(TIMEOUT).build(), BodyHandlers.ofString());
  }

  private static List<JsonNode> awaitSpans(Api api, String id, int count) {
    await().atMost(TIMEOUT).untilAsserted(() -> assertThat(spans(api, id)).hasSize(count));
    try {
      return spans(api, id);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  static List<JsonNode> spans(Api api, String id) throws Exception {
    List<JsonNode> spans = new ArrayList<>();
    api.trace(id).ifPresent(trace -> trace.get("spans").forEach(spans::add));
    return spans;
  }

  private static List<String> faults(Api api, String id) throws Exception {
    return spans(api, id).stream()
        .filter(ITPlatform::isFault)
        .map(span -> span.get("name").asText())
        .toList();
  }

  private static boolean isOf(JsonNode span, String placement) {
    return span.get("placement").asText().equals(placement);
  }

  private static boolean isFault(JsonNode span) {
    return span.at("/outcome/fault").asBoolean() || span.path("fault").asBoolean();
  }

  private static Map<String, Integer> kinds(List<JsonNode> spans) {
    Map<String, Integer> kinds = new HashMap<>();
    spans.forEach(span -> kinds.merge(span.get("kind").asText(), 1, Integer::sum));
    return kinds;
  }

  private static Set<String> services(List<JsonNode> spans) {
    Set<String> services = new TreeSet<>();
    spans.forEach(span -> services.add(span.get("service").asText()));
    return services;
  }

  private static void collect(JsonNode subsegments, List<String> names) {
    for (JsonNode subsegment : subsegments) {
      names.add(subsegment.get("name").asText());
      collect(subsegment.path("subsegments"), names);
    }
  }

  private static Set<String> mapOfOtlp() {
    Set<String> edges = new TreeSet<>(calls());
    edges.addAll(
        List.of(
            "Service D > service-d.greeting",
            "service-d.greeting > Service F",
            "Service C > service-c",
            "Service F > service-f",
            "Service G > service-g",
            "Service H > service-h"));
    return edges;
  }

  private static Set<String> mapOfXRay() {
    Set<String> edges = new TreeSet<>(calls());
    edges.addAll(
        List.of(
            "Service D > service-d.greeting",
            "service-d.greeting > Service F",
            "Service C > service-c@mongodb",
            "Service F > service-f@mongodb",
            "Service G > service-g@mongodb",
            "Service H > service-h@mongodb"));
    return edges;
  }

  private static List<String> calls() {
    return List.of(
        "client > rev-proxy",
        "rev-proxy > Service A",
        "Service A > Service B",
        "Service A > Service C",
        "Service B > Service D",
        "Service B > Service E",
        "Service E > Service G",
        "Service E > Service H");
  }

  /** Returns the edges of the map. */
  static Set<String> edges(XRayClient xray, Instant begin) {
    List<Service> services =
        xray.getServiceGraph(request -> request.startTime(begin).endTime(Instant.now())).services();
    Map<Integer, String> names = new HashMap<>();
    for (Service service : services) {
      boolean client = "client".equals(service.type());
      names.put(service.referenceId(), client ? "client" : service.name());
    }
    Set<String> edges = new TreeSet<>();
    for (Service service : services) {
      for (Edge edge : service.edges()) {
        edges.add(names.get(service.referenceId()) + " > " + names.get(edge.referenceId()));
      }
    }
    return edges;
  }

  static List<String> traces(XRayClient xray, Instant begin) {
    List<String> ids = new ArrayList<>();
    xray.getTraceSummariesPaginator(request -> request.startTime(begin).endTime(Instant.now()))
        .traceSummaries()
        .forEach(summary -> ids.add(summary.id()));
    return ids;
  }

  /** Returns what was sent, without the segments that are made for callees that send nothing. */
  private static List<JsonNode> documents(XRayClient xray, String id) throws IOException {
    List<JsonNode> documents = new ArrayList<>();
    for (Trace trace : xray.batchGetTraces(request -> request.traceIds(id)).traces()) {
      for (Segment segment : trace.segments()) {
        JsonNode document = JSON.readTree(segment.document());
        if (!document.path("inferred").asBoolean()) {
          documents.add(document);
        }
      }
    }
    return documents;
  }

  static XRayClient client(ServerProcess server) {
    return XRayClient.builder()
        .endpointOverride(server.http())
        .region(Region.US_EAST_1)
        .credentialsProvider(AnonymousCredentialsProvider.create())
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }

  /** A process of the example, and the ports it told. */
  record Program(ChildProcess process, Map<String, Integer> ports) implements AutoCloseable {
    /** Starts one that sends its spans to the server, and waits until it serves. */
    static Program start(
        Path folder, ServerProcess server, String mode, Map<String, String> settings, String name)
        throws IOException {
      Map<String, String> environment = new HashMap<>(settings);
      environment.put("TRACE_MODE", mode);
      environment.put("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:" + server.xrayUdp().getPort());
      environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + server.otlpGrpcPort());
      environment.put("ANY_PORTS", "true");
      environment.put("SHUTDOWN_PAUSE_MS", "0");
      ChildProcess process =
          ChildProcess.command(
              folder,
              Path.of("."),
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-Xmx256m",
                  "--sun-misc-unsafe-memory-access=allow",
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  LIBRARIES.resolve("*").toString(),
                  "io.roentgen.examples.platform.Main",
                  name),
              environment);
      Matcher started = process.awaitOutput(Pattern.compile(name + ": started \\{(.*)\\}"));
      Map<String, Integer> ports = new HashMap<>();
      Matcher each = PORT.matcher(started.group(1));
      while (each.find()) {
        ports.put(each.group(1), Integer.valueOf(each.group(2)));
      }
      return new Program(process, ports);
    }

    int port(String name) {
      return ports.get(name);
    }

    @Override
    public void close() {
      process.close();
    }
  }

  private Program program(
      ServerProcess server, String mode, Map<String, String> settings, String name)
      throws IOException {
    return Program.start(folder, server, mode, settings, name);
  }
}
