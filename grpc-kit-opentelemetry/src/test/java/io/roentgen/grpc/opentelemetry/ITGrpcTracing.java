// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Channel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.grpc.opentelemetry.GrpcOpenTelemetry;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.roentgen.grpc.TraceFormat;
import io.roentgen.grpc.opentelemetry.Peer.Tracer;
import io.roentgen.grpc.testing.EchoService;
import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The kit beside gRPC's own tracing, an experiment behind a variable of the environment: it makes a
 * span of each call and each attempt by tracers of streams, and has interceptors besides.
 */
class ITGrpcTracing {
  private static final String LOGGER = "io.roentgen.grpc.OtherTracers";

  @ParameterizedTest
  @CsvSource({
    "KIT_XRAY, true",
    "KIT_XRAY, false",
    "KIT_OPENTELEMETRY, true",
    "KIT_OPENTELEMETRY, false"
  })
  void grpcsOwn_aroundOrInsideTheKit_makesTheOnlySpansAndIsSaid(Tracer ours, boolean around)
      throws Exception {
    try (Flag flag = new Flag(true);
        LogLines log = new LogLines(LOGGER);
        Peer kit = ours.peer(TraceFormat.W3C);
        Sdk sdk = sdk()) {
      assertThat(flag.field.getBoolean(null)).isTrue();
      call(kit, sdk, around);
      assertThat(kit.seen()).isEmpty();
      // The call, its attempt, and what served it, of one trace.
      await().untilAsserted(() -> assertThat(sdk.all()).hasSize(3));
      assertThat(sdk.all().stream().map(span -> Seen.of(span).trace()).distinct()).hasSize(1);
      assertThat(log.all())
          .isNotEmpty()
          .allMatch(
              line ->
                  line.contains("tracer=gRPC's own OpenTelemetry tracing;")
                      || line.contains("tracer=OpenTelemetry;"))
          .anyMatch(line -> line.contains("tracer=gRPC's own OpenTelemetry tracing;"))
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void grpcsOwn_notAskedFor_leavesTheSpansToTheKit() throws Exception {
    try (Flag flag = new Flag(false);
        LogLines log = new LogLines(LOGGER);
        Peer kit = Tracer.KIT_XRAY.peer(TraceFormat.W3C);
        Sdk sdk = sdk()) {
      assertThat(flag.field.getBoolean(null)).isFalse();
      call(kit, sdk, true);
      await().untilAsserted(() -> assertThat(kit.seen()).hasSize(2));
      assertThat(sdk.all()).isEmpty();
      assertThat(log.all()).isEmpty();
    }
  }

  private static Sdk sdk() {
    return new Sdk(
        Sampler.parentBased(Sampler.alwaysOn()), W3CTraceContextPropagator.getInstance());
  }

  private static void call(Peer kit, Sdk sdk, boolean around) {
    GrpcOpenTelemetry grpc = GrpcOpenTelemetry.newBuilder().sdk(sdk.api).build();
    try (Rig rig = new Rig()) {
      // What is added last is the outer one.
      int port =
          rig.serveLoopback(EchoService.echo(), builder -> server(builder, kit, grpc, around));
      Channel channel = rig.connectLoopback(port, builder -> channel(builder, kit, grpc, around));
      assertThat(Rig.call(channel, "a")).isEqualTo("a");
    }
  }

  private static void server(
      ServerBuilder<?> builder, Peer kit, GrpcOpenTelemetry grpc, boolean around) {
    if (around) {
      builder.intercept(kit.server);
    }
    grpc.configureServerBuilder(builder);
    if (!around) {
      builder.intercept(kit.server);
    }
  }

  private static void channel(
      ManagedChannelBuilder<?> builder, Peer kit, GrpcOpenTelemetry grpc, boolean around) {
    if (around) {
      builder.intercept(kit.client);
    }
    grpc.configureChannelBuilder(builder);
    if (!around) {
      builder.intercept(kit.client);
    }
  }

  /** What the variable GRPC_EXPERIMENTAL_ENABLE_OTEL_TRACING sets when gRPC's class is loaded. */
  private static final class Flag implements AutoCloseable {
    private final Field field;
    private final boolean before;

    Flag(boolean on) throws ReflectiveOperationException {
      field = GrpcOpenTelemetry.class.getDeclaredField("ENABLE_OTEL_TRACING");
      field.setAccessible(true);
      before = field.getBoolean(null);
      field.setBoolean(null, on);
    }

    @Override
    public void close() throws IllegalAccessException {
      field.setBoolean(null, before);
    }
  }
}
