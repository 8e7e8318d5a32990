// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Channel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.TraceFormat;
import io.roentgen.grpc.opentelemetry.Peer.Tracer;
import io.roentgen.grpc.testing.EchoService;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kit beside another tracer on the same server and channel, and beside itself. */
class ITOtherTracers {
  private static final String LOGGER = "io.roentgen.grpc.OtherTracers";

  @ParameterizedTest
  @CsvSource({
    "KIT_XRAY, OPENTELEMETRY_LIBRARY, W3C, OpenTelemetry",
    "KIT_OPENTELEMETRY, OPENTELEMETRY_LIBRARY, W3C, OpenTelemetry",
    "KIT_XRAY, BRAVE, B3_MULTI, Brave",
    "KIT_OPENTELEMETRY, BRAVE, B3_MULTI, Brave"
  })
  void other_aroundTheKit_makesTheOnlySpansAndIsSaidOnce(
      Tracer ours, Tracer others, TraceFormat format, String name) {
    try (LogLines log = new LogLines(LOGGER);
        Peer kit = ours.peer(format);
        Peer other = others.peer(format)) {
      try (Rig rig = new Rig()) {
        // The one that is added last is the outer one, on both sides.
        int port =
            rig.serveLoopback(
                EchoService.echo(),
                builder -> builder.intercept(kit.server).intercept(other.server));
        Channel channel =
            rig.connectLoopback(
                port, builder -> builder.intercept(kit.client).intercept(other.client));
        Rig.call(channel, "a");
        Rig.call(channel, "b");
        await().untilAsserted(() -> assertThat(other.seen()).hasSize(4));
      }
      assertThat(kit.seen()).isEmpty();
      assertThat(log.all()).hasSize(1).allMatch(line -> line.contains("tracer=" + name + ";"));
    }
  }

  @Test
  void nestedCalls_ofTheKit_areNotTakenForAnothers() {
    try (LogLines log = new LogLines(LOGGER);
        Sdk sdk = new Sdk();
        GrpcKit kit = GrpcKit.builder("kit").spans(OpenTelemetrySpans.of(sdk.api)).build()) {
      try (Rig rig = new Rig()) {
        // On threads of the transport, where contexts that are left behind would be met again.
        int back =
            rig.serveLoopback(
                EchoService.echo(),
                builder -> server(builder.intercept(kit.serverInterceptor()), true));
        Channel toBack =
            rig.connectLoopback(
                back, builder -> channel(builder.intercept(kit.clientInterceptor())));
        int front =
            rig.serveLoopback(
                EchoService.answering(text -> Rig.call(toBack, text) + Rig.call(toBack, text)),
                builder -> server(builder.intercept(kit.serverInterceptor()), false));
        Channel toFront =
            rig.connectLoopback(
                front, builder -> channel(builder.intercept(kit.clientInterceptor())));
        for (int i = 0; i < 10; i++) {
          assertThat(Rig.call(toFront, "a")).isEqualTo("aa");
        }
        await().untilAsserted(() -> assertThat(sdk.all()).hasSize(60));
      }
      List<Seen> spans = sdk.all().stream().map(Seen::of).toList();
      assertThat(spans.stream().map(Seen::trace).distinct()).hasSize(10);
      for (Seen server : spans.stream().filter(Seen::server).toList()) {
        assertThat(spans)
            .filteredOn(span -> !span.server() && span.span().equals(server.parent()))
            .hasSize(1);
      }
      assertThat(log.all()).isEmpty();
      assertThat(kit.statistics().open()).isZero();
    }
  }

  private static void server(ServerBuilder<?> builder, boolean direct) {
    if (direct) {
      builder.directExecutor();
    }
  }

  private static void channel(ManagedChannelBuilder<?> builder) {
    builder.directExecutor();
  }
}
