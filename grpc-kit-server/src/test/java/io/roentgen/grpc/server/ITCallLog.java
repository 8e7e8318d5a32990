// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.stub.ClientCalls;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.GrpcKit;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The log beside tracing. The kit sends to a daemon that is not there. */
class ITCallLog {
  private static final String TRACE = " trace=1-[0-9a-f]{8}-[0-9a-f]{24}";

  @Test
  void observer_seesBothSidesOfACall_inOneTrace() {
    try (LogLines lines = LogLines.of(CallLog.class);
        GrpcKit kit = kit(GrpcKit.builder("orders").observer(CallLog.builder().build()));
        TestServer server =
            TestServer.netty(
                ServerSlots.builder().add(Slot.TRACE, kit.serverInterceptor()).build()::installOn,
                TestServer.echo())) {
      call(kit, server);
      await().untilAsserted(() -> assertThat(lines.messages()).hasSize(2));
      assertThat(lines.messages())
          .allMatch(
              line ->
                  line.matches(
                      "INFO call ended side=(server|client) method=test.Service/Unary code=OK"
                          + " duration_ms=[0-9.]+"
                          + TRACE));
      assertThat(lines.messages().stream().map(line -> line.replaceAll(".* trace=", "")).distinct())
          .hasSize(1);
    }
  }

  @Test
  void interceptor_insideTheTraceSlot_hasTheTrace() {
    try (LogLines lines = LogLines.of(CallLog.class);
        GrpcKit kit = kit(GrpcKit.builder("orders"));
        TestServer server =
            TestServer.netty(
                ServerSlots.builder().defaults().add(Slot.TRACE, kit.serverInterceptor()).build()
                    ::installOn,
                TestServer.echo())) {
      call(kit, server);
      await().untilAsserted(() -> assertThat(lines.messages()).hasSize(1));
      assertThat(lines.messages())
          .allMatch(
              line ->
                  line.matches(
                      "INFO call ended side=server method=test.Service/Unary code=OK"
                          + " duration_ms=[0-9.]+"
                          + TRACE));
    }
  }

  private static GrpcKit kit(GrpcKit.Builder builder) {
    return builder.environment(Map.of()).sampler(CallSampler.ALWAYS).build();
  }

  private static void call(GrpcKit kit, TestServer server) {
    ClientCalls.blockingUnaryCall(
        ClientInterceptors.intercept(server.channel(), kit.clientInterceptor()),
        TestServer.UNARY,
        CallOptions.DEFAULT,
        "x");
  }
}
