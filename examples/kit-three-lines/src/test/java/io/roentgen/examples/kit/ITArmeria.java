// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.linecorp.armeria.client.grpc.GrpcClients;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.grpc.GrpcService;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.roentgen.examples.kit.OrdersGrpc.OrdersBlockingStub;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.SegmentTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The kit's interceptors in an Armeria service and in an Armeria client, over sockets. */
class ITArmeria {
  private final Sent frontSent = new Sent();
  private final Sent backSent = new Sent();
  private final GrpcKit frontKit = kit("front", frontSent);
  private final GrpcKit backKit = kit("back", backSent);
  private Server back;
  private Server front;
  private OrdersBlockingStub untraced;

  private static final class Sent implements SegmentTransport {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final List<JsonNode> documents = new CopyOnWriteArrayList<>();

    @Override
    public void send(byte[] buffer, int length) throws IOException {
      documents.add(JSON.readTree(buffer, 0, length));
    }

    @Override
    public void close() {}

    JsonNode awaitOne() {
      await().until(() -> !documents.isEmpty());
      assertThat(documents).hasSize(1);
      return documents.get(0);
    }
  }

  private static GrpcKit kit(String name, SegmentTransport transport) {
    return GrpcKit.builder(name)
        .environment(Map.of())
        .transport(transport)
        .sampler(CallSampler.ALWAYS)
        // Longer than any test: one document a call.
        .inProgress(Duration.ofMinutes(10), Duration.ofMinutes(10))
        .build();
  }

  private static final class Back extends OrdersGrpc.OrdersImplBase {
    @Override
    void pay(String what, StreamObserver<String> out) {
      if (what.isEmpty()) {
        out.onError(Status.INVALID_ARGUMENT.withDescription("nothing").asRuntimeException());
        return;
      }
      out.onNext("paid " + what);
      out.onCompleted();
    }

    @Override
    void receipt(String what, StreamObserver<String> out) {
      throw new IllegalStateException("no paper");
    }
  }

  private static final class Front extends OrdersGrpc.OrdersImplBase {
    private final OrdersBlockingStub back;

    Front(OrdersBlockingStub back) {
      this.back = back;
    }

    @Override
    void reserve(String what, StreamObserver<String> out) {
      out.onNext(back.withDeadlineAfter(20, TimeUnit.SECONDS).pay(what));
      out.onCompleted();
    }

    @Override
    void order(String what, StreamObserver<String> out) {
      out.onNext(back.receipt(what));
      out.onCompleted();
    }
  }

  private static Server serve(GrpcKit kit, OrdersGrpc.OrdersImplBase service) {
    Server server =
        Server.builder()
            .http(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .service(
                GrpcService.builder()
                    .intercept(kit.serverInterceptor())
                    .addService(service)
                    .useBlockingTaskExecutor(true)
                    .build())
            .build();
    server.start().join();
    return server;
  }

  private static String uri(Server server) {
    return "gproto+http://127.0.0.1:" + server.activeLocalPort() + '/';
  }

  @BeforeEach
  void start() {
    back = serve(backKit, new Back());
    front =
        serve(
            frontKit,
            new Front(
                GrpcClients.builder(uri(back))
                    .intercept(frontKit.clientInterceptor())
                    .build(OrdersBlockingStub.class)));
    untraced = GrpcClients.newClient(uri(front), OrdersBlockingStub.class);
  }

  @AfterEach
  void stop() {
    CompletableFuture.allOf(front.stop(), back.stop()).join();
    for (GrpcKit kit : List.of(frontKit, backKit)) {
      assertThat(kit.openCalls()).isZero();
      assertThat(kit.statistics().open()).isZero();
      kit.close();
    }
  }

  @Test
  void call_throughBoth_isOneTraceWithTheClientsCallBetween() {
    assertThat(untraced.withDeadlineAfter(30, TimeUnit.SECONDS).reserve("book"))
        .isEqualTo("paid book");

    JsonNode caller = frontSent.awaitOne();
    JsonNode callee = backSent.awaitOne();
    JsonNode client = caller.at("/subsegments/0");
    assertThat(caller.has("parent_id")).isFalse();
    assertThat(client.get("name").asText()).isEqualTo("shop.Orders/Pay");
    assertThat(callee.get("trace_id")).isEqualTo(caller.get("trace_id"));
    assertThat(callee.get("parent_id")).isEqualTo(client.get("id"));
    for (JsonNode span : List.of(caller, client, callee)) {
      assertThat(span.at("/annotations/rpc.grpc.status_code").asInt(-1)).isZero();
      assertThat(span.at("/metadata/grpc/messages_sent").asInt()).isEqualTo(1);
      assertThat(span.at("/metadata/grpc/messages_received").asInt()).isEqualTo(1);
    }
  }

  @Test
  void deadline_ofTheCaller_isKnownOnBothSides() {
    untraced.withDeadlineAfter(30, TimeUnit.SECONDS).reserve("book");

    JsonNode caller = frontSent.awaitOne();
    for (JsonNode side : List.of(caller.at("/subsegments/0"), backSent.awaitOne())) {
      assertThat(side.at("/annotations/grpc.deadline_ms").asLong()).isBetween(1L, 20_000L);
      assertThat(side.at("/annotations/grpc.deadline_left_ms").asLong())
          .isBetween(1L, side.at("/annotations/grpc.deadline_ms").asLong());
    }
    assertThat(caller.at("/annotations/grpc.deadline_ms").asLong()).isBetween(1L, 30_000L);
  }

  @Test
  void refusal_ofTheCallee_isAnErrorOnBothSides() {
    assertThatThrownBy(() -> untraced.reserve("")).isInstanceOf(StatusRuntimeException.class);

    for (JsonNode side : List.of(frontSent.awaitOne().at("/subsegments/0"), backSent.awaitOne())) {
      assertThat(side.at("/annotations/rpc.grpc.status_code").asInt())
          .isEqualTo(Status.Code.INVALID_ARGUMENT.value());
      assertThat(side.path("error").asBoolean()).isTrue();
      assertThat(side.at("/metadata/grpc/message").asText()).isEqualTo("nothing");
    }
  }

  @Test
  void exception_ofTheCallee_isAFaultWithItsStack() {
    assertThatThrownBy(() -> untraced.order("book")).isInstanceOf(StatusRuntimeException.class);

    JsonNode callee = backSent.awaitOne();
    assertThat(callee.path("fault").asBoolean()).isTrue();
    assertThat(callee.at("/cause/exceptions/0/message").asText()).isEqualTo("no paper");
    assertThat(frontSent.awaitOne().at("/subsegments/0").path("fault").asBoolean()).isTrue();
  }

  /** What differs from grpc-java's own transports, as the kit's README says. */
  @Test
  void facts_thatArmeriaDoesNotTell_areLeftOut() {
    untraced.reserve("book");

    JsonNode client = frontSent.awaitOne().at("/subsegments/0");
    for (JsonNode side : List.of(client, backSent.awaitOne())) {
      assertThat(side.at("/metadata/grpc").has("bytes_sent")).isFalse();
      assertThat(side.at("/metadata/grpc").has("bytes_received")).isFalse();
      assertThat(side.at("/metadata/grpc").has("peer")).isFalse();
    }
    assertThat(client.at("/annotations").has("grpc.attempts")).isFalse();
  }
}
