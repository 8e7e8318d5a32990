// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_CLIENT;
import static io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_SERVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.roentgen.e2e.ITPlatform.Program;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.xray.XRayClient;

/**
 * The platform in a mesh: its services make no spans and pass headers on, the proxies around them
 * make all spans, and the server has one trace of them.
 */
class ITMesh {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final String INGRESS = "istio-ingressgateway";

  /** Who asks whom, those who are asked first. */
  private static final List<String> CALLS =
      List.of("E > G", "E > H", "B > D", "B > E", "A > B", "A > C", "rev-proxy > A");

  @TempDir private Path folder;

  @Test
  void relayMode_proxiesAroundAllServices_makeOneTraceOfSixteenSpans() throws Exception {
    Instant begin = Instant.now().minusSeconds(1);
    List<Program> parts = new ArrayList<>();
    try (ServerProcess server = ServerProcess.start(folder, folder.resolve("data"));
        Mesh mesh = new Mesh();
        HttpClient http = HttpClient.newHttpClient();
        Api api = new Api(server.http());
        XRayClient xray = ITPlatform.client(server)) {
      try {
        int port = start(server, mesh, parts);
        HttpResponse<String> answer =
            http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/greeting"))
                    .timeout(TIMEOUT)
                    .header("x-b3-flags", "0")
                    .header("x-ot-span-context", "a;b")
                    .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("Service H", "Service C");
      } finally {
        Collections.reverse(parts);
        parts.forEach(Program::close);
      }
      verifyHeaders(mesh);
      HttpResponse<byte[]> taken =
          http.send(
              HttpRequest.newBuilder(server.otlpHttp().resolve("/v1/traces"))
                  .timeout(TIMEOUT)
                  .header("Content-Type", "application/x-protobuf")
                  .POST(BodyPublishers.ofByteArray(mesh.export()))
                  .build(),
              BodyHandlers.ofByteArray());
      assertThat(taken.statusCode()).isEqualTo(200);

      // One trace: no service has made a span of its own.
      await().atMost(TIMEOUT).until(() -> ITPlatform.traces(xray, begin).size() == 1);
      String id = ITPlatform.traces(xray, begin).get(0);
      await()
          .atMost(TIMEOUT)
          .untilAsserted(() -> assertThat(ITPlatform.spans(api, id)).hasSize(16));
      assertThat(ITPlatform.spans(api, id))
          .filteredOn(span -> span.get("placement").asText().equals("root"))
          .extracting(span -> span.get("service").asText())
          .containsExactly(INGRESS);
      assertThat(ITPlatform.spans(api, id))
          .filteredOn(span -> span.get("placement").asText().equals("child"))
          .hasSize(15);
      Set<String> edges = new TreeSet<>(Set.of("client > " + INGRESS, INGRESS + " > rev-proxy"));
      CALLS.forEach(call -> edges.add(title(caller(call)) + " > " + title(callee(call))));
      await()
          .atMost(TIMEOUT)
          .untilAsserted(() -> assertThat(ITPlatform.edges(xray, begin)).isEqualTo(edges));
    }
  }

  /** Starts all of it; returns the port of the ingress. */
  private int start(ServerProcess server, Mesh mesh, List<Program> parts) throws Exception {
    Program standIns = program(server, "stand-ins", Map.of("MONGO_PORT", "0", "BROKER_PORT", "0"));
    parts.add(standIns);
    Map<String, String> where = new HashMap<>();
    where.put("MONGO_CONN", "mongodb://127.0.0.1:" + standIns.port("mongo") + "/");
    where.put("RABBITMQ_CONN", "amqp://guest:guest@127.0.0.1:" + standIns.port("amqp"));
    where.put("PORT", "127.0.0.1:0");
    for (String call : CALLS) {
      String callee = callee(call);
      Program service = program(server, "service-" + callee.toLowerCase(Locale.ROOT), where);
      parts.add(service);
      int in = mesh.grpc(title(callee), SPAN_KIND_SERVER, "127.0.0.1:" + service.port("grpc"));
      int out = mesh.grpc(title(caller(call)), SPAN_KIND_CLIENT, "127.0.0.1:" + in);
      where.put("SERVICE_" + callee + "_URL", "127.0.0.1:" + out);
    }
    where.put("PORT", "0");
    Program gateway = program(server, "rev-proxy", where);
    parts.add(gateway);
    int in = mesh.http("rev-proxy", "127.0.0.1:" + gateway.ports().values().iterator().next());
    return mesh.http(INGRESS, "127.0.0.1:" + in);
  }

  private Program program(ServerProcess server, String name, Map<String, String> settings)
      throws Exception {
    return Program.start(folder, server, "none", settings, name);
  }

  /** All seven headers reach the last service, as those before have passed them on. */
  private static void verifyHeaders(Mesh mesh) {
    assertThat(mesh.seenBy(INGRESS, SPAN_KIND_SERVER))
        .singleElement()
        .satisfies(
            headers -> assertThat(headers).containsOnlyKeys("x-b3-flags", "x-ot-span-context"));
    assertThat(mesh.seenBy("Service H", SPAN_KIND_SERVER))
        .singleElement()
        .satisfies(
            headers ->
                assertThat(headers)
                    .containsOnlyKeys(
                        "x-request-id",
                        "x-b3-traceid",
                        "x-b3-spanid",
                        "x-b3-parentspanid",
                        "x-b3-sampled",
                        "x-b3-flags",
                        "x-ot-span-context")
                    .containsEntry("x-b3-sampled", "1")
                    .containsEntry("x-b3-flags", "0")
                    .containsEntry("x-ot-span-context", "a;b"));
    assertThat(
            mesh.seenBy("Service E", SPAN_KIND_CLIENT).stream()
                .map(headers -> headers.get("x-request-id"))
                .distinct())
        .hasSize(1)
        .doesNotContainNull();
  }

  private static String caller(String call) {
    return call.substring(0, call.indexOf(" > "));
  }

  private static String callee(String call) {
    return call.substring(call.indexOf(" > ") + 3);
  }

  private static String title(String name) {
    return name.length() == 1 ? "Service " + name : name;
  }
}
