// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.MetadataUtils;
import io.micrometer.core.instrument.binder.grpc.ObservationGrpcClientInterceptor;
import io.micrometer.core.instrument.binder.grpc.ObservationGrpcServerInterceptor;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.roentgen.grpc.CallObserver;
import io.roentgen.grpc.GrpcCall;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.TraceFormat;
import io.roentgen.grpc.opentelemetry.Peer.Tracer;
import io.roentgen.grpc.testing.EchoService;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kit beside another tracer on the same server and channel, and beside itself. */
class ITOtherTracers {
  private static final String LOGGER = "io.roentgen.grpc.OtherTracers";

  /** Who is the other, by which headers, what it is called around the kit and inside of it. */
  private static final Object[][] OTHERS = {
    {Tracer.OPENTELEMETRY_LIBRARY, TraceFormat.W3C, "OpenTelemetry", "OpenTelemetry"},
    {Tracer.MICROMETER, TraceFormat.W3C, "OpenTelemetry", "Micrometer"},
    {Tracer.BRAVE, TraceFormat.B3_MULTI, "Brave", "Brave"}
  };

  private static List<Arguments> orders() {
    List<Arguments> orders = new ArrayList<>();
    for (Tracer ours : List.of(Tracer.KIT_XRAY, Tracer.KIT_OPENTELEMETRY)) {
      for (Object[] other : OTHERS) {
        for (boolean around : new boolean[] {true, false}) {
          orders.add(Arguments.of(ours, other[0], other[1], around, other[around ? 2 : 3]));
        }
      }
    }
    return orders;
  }

  @ParameterizedTest
  @MethodSource("orders")
  void other_aroundOrInsideTheKit_makesTheOnlySpansAndIsSaidOnce(
      Tracer ours, Tracer others, TraceFormat format, boolean around, String name) {
    try (LogLines log = new LogLines(LOGGER);
        Peer kit = ours.peer(format);
        Peer other = others.peer(format)) {
      try (Rig rig = new Rig()) {
        // The one that is added last is the outer one, on both sides.
        int port =
            rig.serveLoopback(
                EchoService.echo(),
                builder ->
                    builder
                        .intercept(around ? kit.server : other.server)
                        .intercept(around ? other.server : kit.server));
        Channel channel =
            rig.connectLoopback(
                port,
                builder ->
                    builder
                        .intercept(around ? kit.client : other.client)
                        .intercept(around ? other.client : kit.client));
        Rig.call(channel, "a");
        Rig.call(channel, "b");
        await().untilAsserted(() -> assertThat(other.seen()).hasSize(4));
      }
      assertThat(kit.seen()).isEmpty();
      assertThat(log.all()).hasSize(1).allMatch(line -> line.contains("tracer=" + name + ";"));
      // The other's traces are whole: a call and what served it, of no parent that is not sent.
      assertThat(other.seen()).filteredOn(span -> !span.server()).hasSize(2);
      assertThat(other.seen().stream().map(Seen::trace).distinct()).hasSize(2);
      assertThat(other.seen())
          .filteredOn(span -> !span.server())
          .allMatch(span -> span.parent().isEmpty());
    }
  }

  @ParameterizedTest
  @MethodSource("orders")
  void other_aroundOrInsideTheKitOnTheServerAlone_leavesTheCallersSpanToTheKit(
      Tracer ours, Tracer others, TraceFormat format, boolean around, String name) {
    try (LogLines log = new LogLines(LOGGER);
        Peer kit = ours.peer(format);
        Peer other = others.peer(format)) {
      try (Rig rig = new Rig()) {
        // One service alone has the other's: it is found in what the service is made of, too.
        ServerServiceDefinition service =
            ServerInterceptors.interceptForward(
                EchoService.echo(),
                around ? List.of(other.server, kit.server) : List.of(kit.server, other.server));
        int port = rig.serveLoopback(() -> service, builder -> {});
        Channel channel = rig.connectLoopback(port, builder -> builder.intercept(kit.client));
        Rig.call(channel, "a");
        await().untilAsserted(() -> assertThat(other.seen()).hasSize(1));
      }
      assertThat(kit.seen()).hasSize(1);
      assertThat(kit.seen().get(0).server()).isFalse();
      assertThat(other.seen().get(0).trace()).isEqualTo(kit.seen().get(0).trace());
      assertThat(log.all()).hasSize(1).allMatch(line -> line.contains("tracer=" + name + ";"));
    }
  }

  @ParameterizedTest
  @MethodSource("orders")
  void other_aroundOrInsideTheKitOnTheClientAlone_leavesTheServersSpanToTheKit(
      Tracer ours, Tracer others, TraceFormat format, boolean around, String name) {
    try (LogLines log = new LogLines(LOGGER);
        Peer kit = ours.peer(format);
        Peer other = others.peer(format)) {
      try (Rig rig = new Rig()) {
        int port = rig.serveLoopback(EchoService.echo(), builder -> builder.intercept(kit.server));
        // The inner one is put on the channel, the outer one around that, as a stub's would be.
        Channel inner =
            rig.connectLoopback(
                port, builder -> builder.intercept(around ? kit.client : other.client));
        Channel channel = ClientInterceptors.intercept(inner, around ? other.client : kit.client);
        Rig.call(channel, "a");
        await().untilAsserted(() -> assertThat(kit.seen()).hasSize(1));
        await().untilAsserted(() -> assertThat(other.seen()).hasSize(1));
      }
      assertThat(kit.seen().get(0).server()).isTrue();
      assertThat(kit.seen().get(0).parent()).isEqualTo(other.seen().get(0).span());
      assertThat(log.all()).hasSize(1).allMatch(line -> line.contains("tracer=" + name + ";"));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void observations_thatMakeNoSpans_leaveThemToTheKit(boolean around) {
    List<String> observed = new CopyOnWriteArrayList<>();
    ObservationRegistry registry = ObservationRegistry.create();
    registry
        .observationConfig()
        .observationHandler(
            new ObservationHandler.FirstMatchingCompositeObservationHandler(
                new Counting(observed)));
    ServerInterceptor server = new ObservationGrpcServerInterceptor(registry);
    ClientInterceptor client = new ObservationGrpcClientInterceptor(registry);
    try (LogLines log = new LogLines(LOGGER);
        Peer kit = Tracer.KIT_XRAY.peer(TraceFormat.W3C)) {
      try (Rig rig = new Rig()) {
        int port =
            rig.serveLoopback(
                EchoService.echo(),
                builder ->
                    builder
                        .intercept(around ? kit.server : server)
                        .intercept(around ? server : kit.server));
        Channel channel =
            rig.connectLoopback(
                port,
                builder ->
                    builder
                        .intercept(around ? kit.client : client)
                        .intercept(around ? client : kit.client));
        Rig.call(channel, "a");
        await().untilAsserted(() -> assertThat(kit.seen()).hasSize(2));
        await().untilAsserted(() -> assertThat(observed).hasSize(2));
      }
      assertThat(log.all()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void other_thatMakesTheSpans_leavesObserversAndRelayedHeadersToTheKit(boolean around) {
    List<String> ended = new CopyOnWriteArrayList<>();
    List<String> ids = new CopyOnWriteArrayList<>();
    CallObserver observer =
        new CallObserver() {
          @Override
          public void ended(GrpcCall call) {
            ended.add(call.side() + " " + call.span().isSampled());
          }
        };
    try (Peer other = Tracer.OPENTELEMETRY_LIBRARY.peer(TraceFormat.W3C);
        Sdk sdk = new Sdk();
        GrpcKit kit =
            GrpcKit.builder("kit")
                .spans(OpenTelemetrySpans.of(sdk.api))
                .observer(observer)
                .build()) {
      try (Rig rig = new Rig()) {
        int back =
            rig.serveLoopback(
                EchoService.echo(), builder -> builder.intercept(new SeeingRequestIds(ids)));
        Channel toBack =
            rig.connectLoopback(
                back,
                builder ->
                    builder
                        .intercept(around ? kit.clientInterceptor() : other.client)
                        .intercept(around ? other.client : kit.clientInterceptor()));
        int front =
            rig.serveLoopback(
                EchoService.answering(text -> Rig.call(toBack, text)),
                builder ->
                    builder
                        .intercept(around ? kit.serverInterceptor() : other.server)
                        .intercept(around ? other.server : kit.serverInterceptor()));
        Metadata headers = new Metadata();
        headers.put(SeeingRequestIds.KEY, "r-1");
        Channel toFront =
            ClientInterceptors.intercept(
                rig.connectLoopback(front, builder -> {}),
                MetadataUtils.newAttachHeadersInterceptor(headers));
        Rig.call(toFront, "a");
        await().untilAsserted(() -> assertThat(ended).hasSize(2));
      }
      assertThat(ended).containsExactlyInAnyOrder("CLIENT false", "SERVER false");
      assertThat(ids).containsExactly("r-1");
      assertThat(sdk.all()).isEmpty();
      assertThat(other.seen()).hasSize(2);
      assertThat(kit.openCalls()).isZero();
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

  /** Counts observations, and makes no spans. */
  private record Counting(List<String> observed)
      implements ObservationHandler<Observation.Context> {
    @Override
    public void onStop(Observation.Context context) {
      observed.add(String.valueOf(context.getName()));
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
      return true;
    }
  }

  private record SeeingRequestIds(List<String> ids) implements ServerInterceptor {
    static final Metadata.Key<String> KEY =
        Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      ids.add(String.valueOf(headers.get(KEY)));
      return next.startCall(call, headers);
    }
  }
}
