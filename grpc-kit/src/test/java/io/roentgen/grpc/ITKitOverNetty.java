// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The kit over real sockets: what the in-process transport does not have. */
class ITKitOverNetty {
  private final Documents front = new Documents();
  private final Documents back = new Documents();
  private final Rig rig = new Rig();
  private final GrpcKit frontKit = rig.kit("front", front);
  private final GrpcKit backKit = rig.kit("back", back);
  private final List<Server> servers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    channels.forEach(ManagedChannel::shutdownNow);
    for (Server server : servers) {
      server.shutdownNow();
      assertThat(server.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }
    await()
        .untilAsserted(
            () -> {
              for (GrpcKit kit : rig.kits) {
                assertThat(kit.openCalls()).isZero();
                assertThat(kit.statistics().open()).isZero();
              }
            });
    rig.close();
  }

  private Server serve(GrpcKit kit, BindableService service) throws Exception {
    Server server =
        kit.instrument(
                NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
            .addService(service)
            .build()
            .start();
    servers.add(server);
    return server;
  }

  private ManagedChannel connect(int port, Map<String, ?> config) {
    return connect(frontKit, port, config);
  }

  private ManagedChannel connect(GrpcKit kit, int port, Map<String, ?> config) {
    NettyChannelBuilder builder = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext();
    if (!config.isEmpty()) {
      builder.defaultServiceConfig(config).enableRetry();
    }
    ManagedChannel channel = kit.instrument(builder).build();
    channels.add(channel);
    return channel;
  }

  @Test
  void unary_tellsBytesAndPeers() throws Exception {
    Server server = serve(backKit, EchoService.echo());
    assertThat(Rig.call(connect(server.getPort(), Map.of()), "12345")).isEqualTo("12345");

    JsonNode client = front.only(frontKit, "test.Echo/Unary").at("/metadata/grpc");
    await().untilAsserted(() -> assertThat(back.all(backKit)).hasSize(1));
    JsonNode segment = back.only(backKit, "back");
    for (JsonNode side : List.of(client, segment.at("/metadata/grpc"))) {
      assertThat(side.get("bytes_sent").asInt()).isEqualTo(5);
      assertThat(side.get("bytes_received").asInt()).isEqualTo(5);
    }
    assertThat(client.get("peer").asText()).contains("127.0.0.1:" + server.getPort());
    assertThat(segment.at("/http/request/client_ip").asText()).isEqualTo("127.0.0.1");
    assertThat(segment.at("/http/request/url").asText())
        .isEqualTo("grpc://127.0.0.1:" + server.getPort() + "/test.Echo/Unary");
    assertThat(front.only(frontKit, "test.Echo/Unary").has("subsegments")).isFalse();
  }

  @Test
  void retries_areChildrenOfTheOneCall() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    Server server =
        serve(
            backKit,
            EchoService.answering(
                text -> {
                  if (calls.incrementAndGet() < 3) {
                    throw Status.UNAVAILABLE.withDescription("not yet").asRuntimeException();
                  }
                  return text;
                }));
    Map<String, ?> config =
        Map.of(
            "methodConfig",
            List.of(
                Map.of(
                    "name",
                    List.of(Map.of("service", EchoService.NAME)),
                    "retryPolicy",
                    Map.of(
                        "maxAttempts",
                        4.0,
                        "initialBackoff",
                        "0.01s",
                        "maxBackoff",
                        "0.01s",
                        "backoffMultiplier",
                        1.0,
                        "retryableStatusCodes",
                        List.of("UNAVAILABLE", "UNKNOWN")))));
    assertThat(Rig.call(connect(server.getPort(), config), "x")).isEqualTo("x");

    JsonNode call = front.only(frontKit, "test.Echo/Unary");
    assertThat(call.at("/annotations/grpc.attempts").asInt()).isEqualTo(3);
    assertThat(call.at("/annotations/rpc.grpc.status_code").asInt()).isZero();
    assertThat(call.get("subsegments")).hasSize(3);
    assertThat(call.at("/subsegments/0/fault").asBoolean()).isTrue();
    assertThat(call.at("/subsegments/2/fault").asBoolean()).isFalse();
    assertThat(call.at("/subsegments/2/annotations/grpc.previous_attempts").asInt()).isEqualTo(2);
    await().untilAsserted(() -> assertThat(back.all(backKit)).hasSize(3));
    assertThat(back.all(backKit))
        .allSatisfy(segment -> assertThat(segment.get("parent_id")).isEqualTo(call.get("id")));
  }

  @Test
  void hedges_areChildrenOfTheOneCallWithTheirNumbers() throws Exception {
    CountDownLatch thirdMayAnswer = new CountDownLatch(1);
    CountDownLatch firstWasCancelled = new CountDownLatch(1);
    EchoService service =
        EchoService.answering(
            text -> {
              switch (PreviousAttempts.KEY.get()) {
                case 0 -> awaitCancelled(Context.current(), firstWasCancelled);
                case 1 -> throw new IllegalStateException("not here");
                default -> awaitUninterruptibly(thirdMayAnswer);
              }
              return text;
            });
    Server server =
        serve(backKit, () -> ServerInterceptors.intercept(service, new PreviousAttempts()));
    Documents documents = new Documents();
    GrpcKit kit =
        rig.kit(
            "hedging",
            documents,
            builder -> builder.inProgress(Duration.ofMillis(1), Duration.ofMillis(1)));
    ManagedChannel channel = connect(kit, server.getPort(), hedging("0.05s", 3));
    CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> Rig.call(channel, "x"));
    // While it goes on, it is told of with the attempts so far.
    await()
        .until(
            () ->
                !documents.find(kit, node -> node.path("subsegments").size() == 3).isEmpty()
                    && backKit.openCalls() == 2);
    thirdMayAnswer.countDown();
    assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("x");
    assertThat(firstWasCancelled.await(20, TimeUnit.SECONDS)).isTrue();

    List<JsonNode> told = documents.find(kit, node -> node.path("subsegments").size() == 3);
    JsonNode call = told.get(told.size() - 1);
    assertThat(call.has("in_progress")).isFalse();
    assertThat(call.get("name").asText()).isEqualTo("test.Echo/Unary");
    assertThat(call.at("/annotations/grpc.attempts").asInt()).isEqualTo(3);
    assertThat(call.at("/annotations/rpc.grpc.status_code").asInt()).isZero();
    assertThat(call.has("fault")).isFalse();
    for (int i = 0; i < 3; i++) {
      JsonNode attempt = call.at("/subsegments/" + i);
      assertThat(attempt.get("name").asText()).isEqualTo("attempt " + (i + 1));
      assertThat(attempt.at("/annotations/grpc.previous_attempts").asInt()).isEqualTo(i);
      assertThat(attempt.at("/annotations/grpc.hedge").asBoolean()).isEqualTo(i > 0);
      assertThat(attempt.has("end_time")).isTrue();
      String path = "/subsegments/" + i + "/id";
      assertThat(told).extracting(node -> node.at(path)).containsOnly(attempt.get("id"));
    }
    // The first is told to end as the call is answered, and may end before it or after.
    assertThat(call.at("/subsegments/0/metadata/grpc/status").asText()).isIn("CANCELLED", "");
    assertThat(call.at("/subsegments/1/metadata/grpc/status").asText()).isEqualTo("UNKNOWN");
    assertThat(call.at("/subsegments/1/fault").asBoolean()).isTrue();
    assertThat(call.at("/subsegments/2/metadata/grpc/status").asText()).isEqualTo("OK");
    assertThat(call.at("/metadata/grpc/bytes_received").asInt()).isEqualTo(1);
    assertThat(call.at("/metadata/grpc/bytes_sent").asInt()).isEqualTo(1);
    await().untilAsserted(() -> assertThat(backKit.openCalls()).isZero());
    List<JsonNode> served = back.find(backKit, node -> node.has("end_time"));
    assertThat(served).hasSize(3);
    assertThat(served).extracting(node -> node.get("parent_id")).containsOnly(call.get("id"));
  }

  @Test
  void hedging_ofACallThatIsAnsweredAtOnce_hasNoChildren() throws Exception {
    Server server = serve(backKit, EchoService.echo());
    Map<String, ?> config = hedging("600s", 3);
    assertThat(Rig.call(connect(server.getPort(), config), "x")).isEqualTo("x");
    JsonNode call = front.only(frontKit, "test.Echo/Unary");
    assertThat(call.has("subsegments")).isFalse();
    assertThat(call.at("/annotations").has("grpc.attempts")).isFalse();
  }

  private static Map<String, ?> hedging(String delay, int attempts) {
    return Map.of(
        "methodConfig",
        List.of(
            Map.of(
                "name",
                List.of(Map.of("service", EchoService.NAME)),
                "hedgingPolicy",
                Map.of(
                    "maxAttempts",
                    (double) attempts,
                    "hedgingDelay",
                    delay,
                    "nonFatalStatusCodes",
                    List.of("UNKNOWN")))));
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Tells a handler which attempt it serves. */
  private static final class PreviousAttempts implements ServerInterceptor {
    static final Context.Key<Integer> KEY = Context.key("previous attempts");
    private static final Metadata.Key<String> HEADER =
        Metadata.Key.of("grpc-previous-rpc-attempts", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      String before = headers.get(HEADER);
      int number = before == null ? 0 : Integer.parseInt(before);
      return Contexts.interceptCall(Context.current().withValue(KEY, number), call, headers, next);
    }
  }

  private static void awaitCancelled(Context context, CountDownLatch seen) {
    CountDownLatch cancelled = new CountDownLatch(1);
    context.addListener(over -> cancelled.countDown(), Runnable::run);
    try {
      assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      seen.countDown();
    }
  }

  @Test
  void server_shutDownInMidStream_endsBothSides() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    Server server =
        serve(
            backKit,
            EchoService.streaming(
                out -> {
                  out.onNext("1");
                  started.countDown();
                }));
    CountDownLatch ended = new CountDownLatch(1);
    ClientCalls.asyncServerStreamingCall(
        connect(server.getPort(), Map.of()).newCall(EchoService.SERVER, CallOptions.DEFAULT),
        "go",
        new StreamObserver<>() {
          @Override
          public void onNext(String value) {}

          @Override
          public void onError(Throwable t) {
            ended.countDown();
          }

          @Override
          public void onCompleted() {
            ended.countDown();
          }
        });
    assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
    server.shutdownNow();
    assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    await().untilAsserted(() -> assertThat(backKit.openCalls()).isZero());
    // Whether the server's last word or the end of its connection comes first is not said.
    JsonNode call = front.only(frontKit, "test.Echo/ServerStream");
    assertThat(call.path("fault").asBoolean() ^ call.path("error").asBoolean()).isTrue();
    assertThat(back.only(backKit, "back").path("error").asBoolean()).isTrue();
  }

  @Test
  void server_thatIsNotThere_isAFaultOfTheCall() {
    ManagedChannel channel = connect(1, Map.of());
    assertThatThrownBy(() -> Rig.call(channel, "x")).hasMessageContaining("UNAVAILABLE");
    JsonNode call = front.only(frontKit, "test.Echo/Unary");
    assertThat(call.path("fault").asBoolean()).isTrue();
    assertThat(call.at("/cause/exceptions/0/message").asText()).isNotEmpty();
  }

  @Test
  void messages_canHaveTheirTimesKept() throws Exception {
    Documents documents = new Documents();
    GrpcKit kit = rig.kit("ticking", documents, builder -> builder.messageTicks(3));
    Server server = serve(kit, EchoService.echo());
    ManagedChannel channel = connect(server.getPort(), Map.of());
    var answers =
        ClientCalls.blockingServerStreamingCall(
            channel, EchoService.SERVER, CallOptions.DEFAULT, "x");
    assertThat(answers).toIterable().containsExactly("1", "2");
    await().untilAsserted(() -> assertThat(documents.all(kit)).hasSize(1));
    JsonNode ticks = documents.only(kit, "ticking").at("/metadata/grpc/messages");
    assertThat(ticks).hasSize(3);
    assertThat(ticks.get(0).has("received_us")).isTrue();
    assertThat(ticks.get(1).has("sent_us")).isTrue();
  }

  @Test
  void daemon_namedByTheEnvironment_getsDatagramsThatItCanRead() throws Exception {
    try (DatagramSocket daemon = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      daemon.setSoTimeout(20_000);
      GrpcKit kit =
          GrpcKit.builder("by env")
              .environment(
                  Map.of(
                      DaemonAddress.VARIABLE,
                      "tcp:127.0.0.1:1 udp:127.0.0.1:" + daemon.getLocalPort(),
                      GrpcKit.NAME_VARIABLE,
                      "renamed"))
              .sampler(CallSampler.ALWAYS)
              .build();
      rig.kits.add(kit);
      Server server = serve(kit, EchoService.echo());
      Rig.call(connect(server.getPort(), Map.of()), "x");
      DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
      daemon.receive(packet);
      String text = new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
      assertThat(text).startsWith("{\"format\":\"json\",\"version\":1}\n");
      JsonNode segment = new ObjectMapper().readTree(text.substring(text.indexOf('\n')));
      assertThat(segment.get("name").asText()).isEqualTo("renamed");
    }
  }
}
