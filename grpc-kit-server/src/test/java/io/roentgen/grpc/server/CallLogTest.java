// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.roentgen.grpc.CallOutcomes;
import io.roentgen.model.TraceId;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CallLogTest {
  private final AtomicLong now = new AtomicLong();
  private final CallLog log = CallLog.builder().nanoTime(() -> now.getAndAdd(12_345_678)).build();
  private LogLines lines;

  @BeforeEach
  void listen() {
    lines = LogLines.of(CallLog.class);
  }

  @AfterEach
  void stop() {
    lines.close();
  }

  @Test
  void call_succeeds_isLoggedOnceWithItsRequestId() {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER), "r 1 code=OK");
    try (TestServer server = server(TestServer.echo())) {
      server.call("x", headers);
    }
    assertThat(lines.messages())
        .containsExactly(
            "INFO call ended side=server method=test.Service/Unary code=OK duration_ms=12.346"
                + " request=r_1_code=OK");
  }

  @Test
  void call_callersFault_isInfo() {
    fails(Status.NOT_FOUND.asRuntimeException());
    assertThat(lines.messages())
        .containsExactly(
            "INFO call ended side=server method=test.Service/Unary code=NOT_FOUND"
                + " duration_ms=12.346");
  }

  @Test
  void call_handlerThrows_isAWarningWithTheMappedCode() {
    fails(new IllegalStateException("bug"));
    assertThat(lines.messages())
        .containsExactly(
            "WARNING call ended side=server method=test.Service/Unary code=INTERNAL"
                + " duration_ms=12.346");
  }

  @Test
  void call_handlerThrowsAndNothingMapsIt_isUnknown() {
    ServerSlots slots = ServerSlots.builder().add(Slot.LOG, log.interceptor()).build();
    ServerServiceDefinition service =
        TestServer.unary(
            (request, responses) -> {
              throw new IllegalStateException("bug");
            });
    try (LogLines grpc = LogLines.warningsOfGrpc();
        TestServer server = TestServer.inProcess(slots::installOn, service)) {
      assertThat(catchThrowable(() -> server.call("x"))).hasMessageContaining("UNKNOWN");
      await().untilAsserted(() -> assertThat(lines.messages()).hasSize(1));
      assertThat(grpc.thrown()).isNotEmpty();
    }
    assertThat(lines.messages()).singleElement().asString().contains("code=UNKNOWN");
  }

  @Test
  void stream_cancelled_isLoggedOnce() {
    ServerServiceDefinition service =
        TestServer.service(
            TestServer.SERVER_STREAM,
            io.grpc.stub.ServerCalls.asyncServerStreamingCall(
                (request, responses) -> responses.onNext("one")));
    try (TestServer server = server(service)) {
      ClientCall<String, String> call =
          server.channel().newCall(TestServer.SERVER_STREAM, CallOptions.DEFAULT);
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onMessage(String message) {
              call.cancel("enough", null);
            }
          },
          new Metadata());
      call.request(1);
      call.sendMessage("x");
      call.halfClose();
      await().untilAsserted(() -> assertThat(lines.messages()).hasSize(1));
    }
    assertThat(lines.messages()).singleElement().asString().contains("code=CANCELLED");
  }

  @Test
  void healthCheck_succeeds_isNotLogged_failingIs() {
    try (TestServer server = server(new ServerHealth().service().bindService())) {
      var health = HealthGrpc.newBlockingStub(server.channel());
      health.check(HealthCheckRequest.getDefaultInstance());
      assertThat(lines.messages()).isEmpty();
      assertThat(
              catchThrowable(
                  () -> health.check(HealthCheckRequest.newBuilder().setService("?").build())))
          .hasMessageContaining("NOT_FOUND");
    }
    assertThat(lines.messages()).singleElement().asString().contains("code=NOT_FOUND");
  }

  @Test
  void log_withTrace_hasItInXRaysSpelling() {
    log.log(
        "client",
        TestServer.UNARY,
        Status.Code.UNAVAILABLE,
        1_500_000,
        TraceId.parse("1-5759e988-bd862e3fe1be46a994272793"),
        "");
    assertThat(lines.messages())
        .containsExactly(
            "WARNING call ended side=client method=test.Service/Unary code=UNAVAILABLE duration_ms=1.500"
                + " trace=1-5759e988-bd862e3fe1be46a994272793");
  }

  @Test
  void outcomes_ofOnesOwn_decideTheLevel() {
    CallOutcomes outcomes =
        CallOutcomes.defaults()
            .fault("test.Service/Unary", Status.Code.NOT_FOUND)
            .error("*", Status.Code.UNAVAILABLE);
    CallLog own = CallLog.builder().outcomes(outcomes).nanoTime(() -> 0).build();
    fails(own, Status.NOT_FOUND.asRuntimeException());
    fails(own, Status.UNAVAILABLE.asRuntimeException());
    own.log("client", TestServer.BIDI, Status.Code.NOT_FOUND, 0, null, null);
    assertThat(lines.messages())
        .containsExactly(
            "WARNING call ended side=server method=test.Service/Unary code=NOT_FOUND"
                + " duration_ms=0.000",
            "INFO call ended side=server method=test.Service/Unary code=UNAVAILABLE"
                + " duration_ms=0.000",
            "INFO call ended side=client method=test.Service/Bidi code=NOT_FOUND"
                + " duration_ms=0.000");
  }

  private void fails(RuntimeException thrown) {
    fails(log, thrown);
  }

  private static void fails(CallLog by, RuntimeException thrown) {
    ServerServiceDefinition service =
        TestServer.unary(
            (request, responses) -> {
              throw thrown;
            });
    try (LogLines mapping = LogLines.of(ErrorMapping.class);
        TestServer server = server(by, service)) {
      assertThat(catchThrowable(() -> server.call("x"))).isNotNull();
      assertThat(mapping.thrown()).hasSize(thrown instanceof StatusRuntimeException ? 0 : 1);
    }
  }

  private TestServer server(ServerServiceDefinition service) {
    return server(log, service);
  }

  private static TestServer server(CallLog by, ServerServiceDefinition service) {
    ServerSlots slots =
        ServerSlots.builder()
            .add(Slot.ERROR_MAPPING, ErrorMapping.builder().build())
            .add(Slot.LOG, by.interceptor())
            .build();
    return TestServer.inProcess(slots::installOn, service);
  }
}
