// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.linecorp.armeria.client.grpc.GrpcClients;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.greeting.v3.Greeting;
import io.roentgen.examples.greeting.v3.GreetingRequest;
import io.roentgen.examples.greeting.v3.GreetingResponse;
import io.roentgen.examples.greeting.v3.GreetingServiceGrpc;
import io.roentgen.examples.greeting.v3.GreetingServiceGrpc.GreetingServiceBlockingStub;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bson.Document;
import org.junit.jupiter.api.Test;

/** All of the platform in this process, with what stands in for RabbitMQ and MongoDB. */
class ITPlatformInOneJvm {
  private static final Settings SETTINGS =
      Settings.of(Map.of("ANY_PORTS", "true", "TRACE_MODE", "none", "SHUTDOWN_PAUSE_MS", "0"));
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void oneRequest_isSevenGreetings_andFourDocumentsOfItsCallers() throws Exception {
    try (Running platform = new Platform().start(SETTINGS);
        MongoClient mongo =
            MongoClients.create("mongodb://127.0.0.1:" + platform.ports().get("mongo"))) {
      List<JsonNode> greetings = greetings(get(platform, "/api/greeting"));
      assertThat(greetings)
          .extracting(greeting -> greeting.get("service").asText())
          .containsExactly(
              "Service A",
              "Service B",
              "Service D",
              "Service E",
              "Service G",
              "Service H",
              "Service C");
      assertThat(greetings.get(1).get("message").asText())
          .isEqualTo("Namasté (नमस्ते), from Service B!");
      assertThat(kept(mongo, "service-c", "greetings")).containsExactly(id(greetings, 0));
      assertThat(kept(mongo, "service-g", "greetings")).containsExactly(id(greetings, 3));
      assertThat(kept(mongo, "service-h", "greetings")).containsExactly(id(greetings, 3));
      await()
          .atMost(TIMEOUT)
          .untilAsserted(
              () ->
                  assertThat(kept(mongo, "service-f", "messages"))
                      .containsExactly(id(greetings, 2)));

      // The edge speaks gRPC and gRPC-Web, too.
      for (String protocol : List.of("gproto+http", "gproto-web+http")) {
        GreetingServiceBlockingStub edge =
            GrpcClients.newClient(
                protocol + "://127.0.0.1:" + platform.ports().get("rev-proxy") + "/",
                GreetingServiceBlockingStub.class);
        assertThat(edge.greeting(GreetingRequest.getDefaultInstance()).getGreetingList())
            .extracting(Greeting::getService)
            .hasSize(7)
            .startsWith("Service A", "Service B", "Service D");
      }
    }
  }

  @Test
  void callee_thatIsAway_isAnErrorThatNamesIt_orLeftOutIfOptional() throws Exception {
    String nobody = "127.0.0.1:" + freePort();
    Settings without = SETTINGS.with("SERVICE_G_URL", nobody).with("RPC_TIMEOUT_MS", 2000);
    try (Running platform = new Platform().start(without)) {
      HttpResponse<String> failed = get(platform, "/api/greeting");
      assertThat(failed.statusCode()).isIn(503, 504);
      JsonNode status = new ObjectMapper().readTree(failed.body());
      assertThat(status.get("message").asText()).startsWith("Service G: ");
      assertThat(status.get("code").asInt()).isIn(4, 14);
      assertThat(status.get("details")).isEmpty();
    }
    try (Running platform = new Platform().start(without.with("OPTIONAL_CALLEES", "g"))) {
      HttpResponse<String> partial = get(platform, "/api/greeting");
      assertThat(partial.statusCode()).as(partial.body()).isEqualTo(200);
      assertThat(greetings(partial)).hasSize(6);
      assertThat(partial.headers().firstValue("x-partial")).contains("G");
    }
  }

  @Test
  void callees_inParallel_areAllAskedBeforeOneAnswers_andAnswerInOrder() throws Exception {
    CountDownLatch asked = new CountDownLatch(2);
    try (Waiting g = new Waiting("G", asked);
        Waiting h = new Waiting("H", asked);
        Running platform =
            new Platform()
                .start(
                    SETTINGS
                        .with("FANOUT", "parallel")
                        .with("SERVICE_G_URL", g.address())
                        .with("SERVICE_H_URL", h.address()))) {
      assertThat(greetings(get(platform, "/api/greeting")))
          .extracting(greeting -> greeting.get("service").asText())
          .containsExactly(
              "Service A", "Service B", "Service D", "Service E", "G", "H", "Service C");
    }
  }

  /** A callee that answers when all are asked. */
  private static final class Waiting extends GreetingServiceGrpc.GreetingServiceImplBase
      implements AutoCloseable {
    private final String name;
    private final CountDownLatch asked;
    private final Server server;

    Waiting(String name, CountDownLatch asked) throws IOException {
      this.name = name;
      this.asked = asked;
      server =
          NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .addService(this)
              .build()
              .start();
    }

    String address() {
      return "127.0.0.1:" + server.getPort();
    }

    @Override
    public void greeting(GreetingRequest request, StreamObserver<GreetingResponse> out) {
      asked.countDown();
      try {
        if (!asked.await(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
          out.onError(Status.DEADLINE_EXCEEDED.asRuntimeException());
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      out.onNext(
          GreetingResponse.newBuilder()
              .addGreeting(Greeting.newBuilder().setService(name))
              .build());
      out.onCompleted();
    }

    @Override
    public void close() {
      server.shutdownNow();
    }
  }

  @Test
  void settings_thatCannotBeUsed_keepItFromStarting() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Platform().start(SETTINGS.with("SERVICE_D_URL", "nowhere")))
        .withMessageStartingWith("SERVICE_D_URL: nowhere (expected: host:port)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Platform().start(SETTINGS.with("MONGO_CONN", "postgres://x")))
        .withMessageStartingWith("MONGO_CONN: postgres://x (expected: mongodb://host:port/)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Platform().start(SETTINGS.with("RABBITMQ_CONN", "http://x")))
        .withMessageStartingWith("RABBITMQ_CONN: http://x (expected: amqp://");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Platform().start(SETTINGS.with("FANOUT", "wide")))
        .withMessageStartingWith("FANOUT: wide (expected: sequential or parallel)");
  }

  private HttpResponse<String> get(Running platform, String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + platform.ports().get("rev-proxy") + path))
            .timeout(TIMEOUT)
            .build(),
        BodyHandlers.ofString());
  }

  private static List<JsonNode> greetings(HttpResponse<String> response) throws Exception {
    List<JsonNode> greetings = new ArrayList<>();
    new ObjectMapper().readTree(response.body()).path("greeting").forEach(greetings::add);
    return greetings;
  }

  private static String id(List<JsonNode> greetings, int index) {
    return greetings.get(index).get("id").asText();
  }

  private static List<String> kept(MongoClient mongo, String database, String collection) {
    List<String> ids = new ArrayList<>();
    for (Document document : mongo.getDatabase(database).getCollection(collection).find()) {
      ids.add(document.getString("id"));
    }
    return ids;
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
