// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.CallOutcomes;
import io.roentgen.grpc.GrpcCall;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.Propagation;
import io.roentgen.grpc.RpcNames;
import io.roentgen.grpc.TraceFormat;
import io.roentgen.grpc.testing.EchoService;
import io.roentgen.model.Outcome;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The spans of calls over the in-process transport, as an SDK gets them. */
class OpenTelemetrySpansTest {
  private static final Set<Status.Code> SERVER_ERRORS =
      EnumSet.of(
          Status.Code.UNKNOWN,
          Status.Code.DEADLINE_EXCEEDED,
          Status.Code.UNIMPLEMENTED,
          Status.Code.INTERNAL,
          Status.Code.UNAVAILABLE,
          Status.Code.DATA_LOSS);

  private final Rig rig = new Rig();
  private final Sdk sdk = new Sdk();
  private final GrpcKit kit =
      kit(OpenTelemetrySpans.builder(sdk.api).rpcNames(RpcNames.OLD).build());

  @AfterEach
  void close() {
    rig.close();
    assertThat(kit.openCalls()).isZero();
    assertThat(kit.statistics().open()).isZero();
    kit.close();
    sdk.close();
  }

  private static GrpcKit kit(OpenTelemetrySpans spans) {
    return GrpcKit.builder("test").spans(spans).environment(Map.of()).build();
  }

  private static Consumer<ServerBuilder<?>> served(GrpcKit by) {
    return builder -> builder.intercept(by.serverInterceptor());
  }

  private static Consumer<ManagedChannelBuilder<?>> called(GrpcKit by) {
    return builder -> builder.intercept(by.clientInterceptor());
  }

  private Channel echo(EchoService service) {
    return echo(kit, service);
  }

  private Channel echo(GrpcKit by, EchoService service) {
    return rig.connect(rig.serve(service, served(by)), called(by));
  }

  /** Waits for the server's span, which may end after the answer came. */
  private SpanData server() {
    await().until(() -> sdk.all().stream().anyMatch(s -> s.getKind() == SpanKind.SERVER));
    return sdk.only(SpanKind.SERVER);
  }

  @Test
  void unary_bothSides_areOneTraceWithTheFactsOfTheCall() {
    assertThat(Rig.call(echo(EchoService.echo()), "hello")).isEqualTo("hello");
    SpanData server = server();
    SpanData client = sdk.only(SpanKind.CLIENT);
    assertThat(server.getParentSpanContext().isRemote()).isTrue();
    assertThat(server.getParentSpanId()).isEqualTo(client.getSpanId());
    assertThat(server.getTraceId()).isEqualTo(client.getTraceId());
    assertThat(client.getParentSpanContext().isValid()).isFalse();
    for (SpanData side : List.of(client, server)) {
      assertThat(side.getName()).isEqualTo("test.Echo/Unary");
      assertThat(side.getInstrumentationScopeInfo().getName()).isEqualTo("io.roentgen.grpc");
      assertThat(side.getAttributes().get(stringKey("rpc.system"))).isEqualTo("grpc");
      assertThat(side.getAttributes().get(stringKey("rpc.service"))).isEqualTo("test.Echo");
      assertThat(side.getAttributes().get(stringKey("rpc.method"))).isEqualTo("Unary");
      assertThat(side.getAttributes().get(longKey("rpc.grpc.status_code"))).isZero();
      assertThat(side.getAttributes().get(CallAttributes.MESSAGES_SENT)).isEqualTo(1);
      assertThat(side.getAttributes().get(CallAttributes.MESSAGES_RECEIVED)).isEqualTo(1);
      assertThat(side.getAttributes().get(CallAttributes.HEADERS_MICROS)).isNotNegative();
      assertThat(side.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
      assertThat(side.getEvents()).isEmpty();
      assertThat(side.hasEnded()).isTrue();
    }
    assertThat(client.getAttributes().get(CallAttributes.SERVER_ADDRESS)).isNotEmpty();
  }

  @Test
  void outcomes_ofAMethod_decideOverErrorsOfBothSides() {
    CallOutcomes outcomes =
        CallOutcomes.defaults()
            .fault("test.Echo/Unary", Status.Code.NOT_FOUND)
            .ok("test.Echo/*", Status.Code.INTERNAL);
    GrpcKit said =
        kit(OpenTelemetrySpans.builder(sdk.api).rpcNames(RpcNames.OLD).outcomes(outcomes).build());
    Channel channel = echo(said, EchoService.echo());
    for (Status.Code code : List.of(Status.Code.NOT_FOUND, Status.Code.INTERNAL)) {
      assertThatThrownBy(() -> Rig.call(channel, EchoService.STATUS + code))
          .isInstanceOf(StatusRuntimeException.class);
    }
    await().untilAsserted(() -> assertThat(sdk.all()).hasSize(4));
    for (SpanData span : sdk.all()) {
      long status = span.getAttributes().get(longKey("rpc.grpc.status_code"));
      assertThat(span.getStatus().getStatusCode() == StatusCode.ERROR)
          .isEqualTo(status == Status.Code.NOT_FOUND.value());
    }
  }

  @ParameterizedTest
  @EnumSource(Status.Code.class)
  void status_each_isAnErrorByTheRulesOfItsSide(Status.Code code) {
    Channel channel = echo(EchoService.echo());
    try {
      Rig.call(channel, EchoService.STATUS + code);
      assertThat(code).isEqualTo(Status.Code.OK);
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(code);
    }
    SpanData server = server();
    SpanData client = sdk.only(SpanKind.CLIENT);
    assertThat(client.getStatus().getStatusCode() == StatusCode.ERROR)
        .isEqualTo(code != Status.Code.OK);
    assertThat(server.getStatus().getStatusCode() == StatusCode.ERROR)
        .isEqualTo(SERVER_ERRORS.contains(code));
    if (code != Status.Code.OK) {
      assertThat(client.getStatus().getDescription()).isEqualTo("as asked");
    }
    assertThat(server.getAttributes().get(longKey("rpc.grpc.status_code"))).isEqualTo(code.value());
  }

  @ParameterizedTest
  @EnumSource(RpcNames.class)
  void names_each_followTheSwitch(RpcNames names) {
    GrpcKit named = kit(OpenTelemetrySpans.builder(sdk.api).rpcNames(names).build());
    Rig.call(echo(named, EchoService.echo()), "a");
    server();
    SpanData client = sdk.only(SpanKind.CLIENT);
    assertThat(client.getAttributes().get(stringKey("rpc.system")))
        .isEqualTo(names == RpcNames.NEW ? null : "grpc");
    assertThat(client.getAttributes().get(stringKey("rpc.response.status_code")))
        .isEqualTo(names == RpcNames.OLD ? null : "OK");
    assertThat(client.getAttributes().get(stringKey("rpc.method")))
        .isEqualTo(names == RpcNames.OLD ? "Unary" : "test.Echo/Unary");
  }

  @Test
  void exception_recordedAndThrown_isOneEvent() {
    IllegalStateException thrown = new IllegalStateException("out of stock");
    Channel channel =
        echo(
            EchoService.answering(
                text -> {
                  ActiveSpan.current().recordException(thrown).annotate("order", 7);
                  throw thrown;
                }));
    assertThatThrownBy(() -> Rig.call(channel, "a")).isInstanceOf(StatusRuntimeException.class);
    SpanData server = server();
    assertThat(server.getEvents()).hasSize(1);
    assertThat(server.getEvents().get(0).getAttributes().get(stringKey("exception.message")))
        .isEqualTo("out of stock");
    assertThat(server.getAttributes().get(longKey("order"))).isEqualTo(7);
    assertThat(server.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
  }

  @Test
  void retry_twoAttempts_areChildrenOfTheCall() {
    AtomicInteger calls = new AtomicInteger();
    ServerInterceptor refusingOnce =
        new ServerInterceptor() {
          @Override
          public <Q, A> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            if (calls.getAndIncrement() > 0) {
              return next.startCall(call, headers);
            }
            call.close(Status.UNAVAILABLE.withDescription("not yet"), new Metadata());
            return new ServerCall.Listener<>() {};
          }
        };
    String name = rig.serve(EchoService.echo(), builder -> builder.intercept(refusingOnce));
    Channel channel =
        rig.connect(
            name,
            called(kit)
                .andThen(
                    builder -> builder.enableRetry().defaultServiceConfig(retryUnavailable())));
    Rig.call(channel, "a");

    SpanData client = sdk.only(SpanKind.CLIENT);
    List<SpanData> attempts =
        sdk.all().stream().filter(span -> span.getKind() == SpanKind.INTERNAL).toList();
    assertThat(attempts).extracting(SpanData::getName).containsExactly("attempt 1", "attempt 2");
    assertThat(attempts)
        .allSatisfy(
            span -> {
              assertThat(span.getParentSpanId()).isEqualTo(client.getSpanId());
              assertThat(span.getStartEpochNanos()).isLessThanOrEqualTo(span.getEndEpochNanos());
            });
    assertThat(attempts)
        .extracting(span -> span.getAttributes().get(CallAttributes.PREVIOUS_ATTEMPTS))
        .containsExactly(0L, 1L);
    assertThat(attempts)
        .extracting(span -> span.getStatus().getStatusCode())
        .containsExactly(StatusCode.ERROR, StatusCode.UNSET);
    assertThat(client.getAttributes().get(longKey("grpc.attempts"))).isEqualTo(2);
    assertThat(client.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
  }

  private static Map<String, ?> retryUnavailable() {
    Map<String, ?> policy =
        Map.of(
            "maxAttempts",
            3.0,
            "initialBackoff",
            "0.01s",
            "maxBackoff",
            "0.01s",
            "backoffMultiplier",
            1.0,
            "retryableStatusCodes",
            List.of("UNAVAILABLE"));
    return Map.of(
        "methodConfig",
        List.of(
            Map.of("name", List.of(Map.of("service", EchoService.NAME)), "retryPolicy", policy)));
  }

  @Test
  void messageTicks_asked_areEvents() {
    GrpcKit telling =
        kit(OpenTelemetrySpans.builder(sdk.api).messageTicks(10).rpcNames(RpcNames.OLD).build());
    Rig.call(echo(telling, EchoService.echo()), "a");
    assertThat(server().getEvents())
        .extracting(event -> event.getAttributes().get(stringKey("rpc.message.type")))
        .containsExactly("RECEIVED", "SENT");
    assertThat(sdk.only(SpanKind.CLIENT).getEvents())
        .extracting(event -> event.getAttributes().get(stringKey("rpc.message.type")))
        .containsExactly("SENT", "RECEIVED");
  }

  @Test
  void handler_runsInTheSpanOfItsCall_andWhatItCallsIsPartOfIt() {
    Channel back = echo(EchoService.echo());
    Channel front =
        echo(
            EchoService.answering(
                text -> {
                  Span inner = sdk.api.getTracer("app").spanBuilder("inner").startSpan();
                  try (Scope scope = inner.makeCurrent()) {
                    assertThat(scope).isNotNull();
                    return Rig.call(back, text);
                  } finally {
                    inner.end();
                  }
                }));
    Rig.call(front, "a");
    await().until(() -> sdk.all().size() == 5);
    // Ends from the inside out.
    SpanData inner = named("inner").get(0);
    List<SpanData> clients = ofKind(SpanKind.CLIENT);
    List<SpanData> servers = ofKind(SpanKind.SERVER);
    SpanData outerServer =
        servers.stream()
            .filter(s -> s.getSpanId().equals(inner.getParentSpanId()))
            .findFirst()
            .orElseThrow();
    SpanData innerClient =
        clients.stream()
            .filter(s -> s.getParentSpanId().equals(inner.getSpanId()))
            .findFirst()
            .orElseThrow();
    assertThat(servers)
        .anySatisfy(s -> assertThat(s.getParentSpanId()).isEqualTo(innerClient.getSpanId()));
    assertThat(clients)
        .anySatisfy(s -> assertThat(s.getSpanId()).isEqualTo(outerServer.getParentSpanId()));
    assertThat(Span.current().getSpanContext().isValid()).isFalse();
  }

  private List<SpanData> named(String name) {
    return sdk.all().stream().filter(span -> span.getName().equals(name)).toList();
  }

  private List<SpanData> ofKind(SpanKind kind) {
    return sdk.all().stream().filter(span -> span.getKind() == kind).toList();
  }

  @Test
  void nested_onTheCallersThread_isNotTakenForAnotherTracers() {
    String backName =
        rig.serve(EchoService.echo(), served(kit).andThen(ServerBuilder::directExecutor));
    Channel back =
        rig.connect(backName, called(kit).andThen(ManagedChannelBuilder::directExecutor));
    EchoService calling =
        EchoService.answering(text -> Rig.call(back, text) + Rig.call(back, text));
    String frontName = rig.serve(calling, served(kit).andThen(ServerBuilder::directExecutor));
    Channel front =
        rig.connect(frontName, called(kit).andThen(ManagedChannelBuilder::directExecutor));
    assertThat(Rig.call(front, "a")).isEqualTo("aa");
    await().until(() -> sdk.all().size() == 6);
    assertThat(sdk.all())
        .extracting(SpanData::getTraceId)
        .containsOnly(sdk.all().get(0).getTraceId());
    for (SpanData server : ofKind(SpanKind.SERVER)) {
      assertThat(ofKind(SpanKind.CLIENT))
          .extracting(SpanData::getSpanId)
          .contains(server.getParentSpanId());
    }
  }

  @Test
  void client_calledInASpanOfOpenTelemetryAlone_isItsChildAndRunsCallbacksInIt() throws Exception {
    Channel channel = echo(EchoService.echo());
    Span http =
        sdk.api.getTracer("http").spanBuilder("GET /").setSpanKind(SpanKind.CONSUMER).startSpan();
    AtomicReference<Span> inCallback = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(1);
    try (Scope scope = http.makeCurrent()) {
      assertThat(scope).isNotNull();
      ClientCall<String, String> call = channel.newCall(EchoService.UNARY, CallOptions.DEFAULT);
      ClientCalls.asyncUnaryCall(
          call,
          "a",
          new StreamObserver<>() {
            @Override
            public void onNext(String value) {}

            @Override
            public void onError(Throwable t) {}

            @Override
            public void onCompleted() {
              inCallback.set(Span.current());
              done.countDown();
            }
          });
    }
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    http.end();
    server();
    assertThat(sdk.only(SpanKind.CLIENT).getParentSpanId())
        .isEqualTo(http.getSpanContext().getSpanId());
    assertThat(inCallback.get()).isSameAs(http);
  }

  @Test
  void unsampled_carriesTheTraceOnInBothContexts() {
    try (Sdk off = new Sdk(Sampler.alwaysOff())) {
      GrpcKit silent = kit(OpenTelemetrySpans.of(off.api));
      AtomicReference<Span> seen = new AtomicReference<>();
      AtomicReference<ActiveSpan> active = new AtomicReference<>();
      Channel channel =
          echo(
              silent,
              EchoService.answering(
                  text -> {
                    seen.set(Span.current());
                    active.set(ActiveSpan.current());
                    return text;
                  }));
      Rig.call(channel, "a");
      assertThat(seen.get().getSpanContext().isValid()).isTrue();
      assertThat(seen.get().getSpanContext().isSampled()).isFalse();
      assertThat(active.get().isSampled()).isFalse();
      assertThat(active.get().traceId().toString()).isNotEmpty();
      assertThat(off.all()).isEmpty();
      assertThat(silent.statistics().open()).isZero();
    }
  }

  @Test
  void recordedOnly_isEndedThoughNotSent() {
    try (Sdk recording =
        new Sdk(
            new Sampler() {
              @Override
              public SamplingResult shouldSample(
                  io.opentelemetry.context.Context parent,
                  String traceId,
                  String name,
                  SpanKind kind,
                  io.opentelemetry.api.common.Attributes attributes,
                  List<io.opentelemetry.sdk.trace.data.LinkData> links) {
                return SamplingResult.recordOnly();
              }

              @Override
              public String getDescription() {
                return "record only";
              }
            })) {
      GrpcKit recordingKit = kit(OpenTelemetrySpans.of(recording.api));
      Rig.call(echo(recordingKit, EchoService.echo()), "a");
      await().until(() -> recordingKit.statistics().open() == 0);
      assertThat(recording.all()).isEmpty();
    }
  }

  /** Calls with headers as they are, and returns what the handler's own calls would carry. */
  private Metadata relayed(GrpcKit by, Map<String, String> headers) {
    AtomicReference<Metadata> carried = new AtomicReference<>();
    EchoService service =
        EchoService.answering(
            text -> {
              Metadata out = new Metadata();
              if (ActiveSpan.current().context() != null) {
                Propagation.of(List.of(), List.of(TraceFormat.values()), List.of())
                    .inject(ActiveSpan.current().context(), out);
              }
              carried.set(out);
              return text;
            });
    Metadata sent = new Metadata();
    headers.forEach((name, value) -> sent.put(key(name), value));
    Channel channel =
        rig.connect(
            rig.serve(service, served(by)),
            builder -> builder.intercept(MetadataUtils.newAttachHeadersInterceptor(sent)));
    Rig.call(channel, "a");
    return carried.get();
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  @Test
  void traceState_andUnknownParts_areCarriedOn() {
    Metadata out =
        relayed(
            kit(OpenTelemetrySpans.of(sdk.api)),
            Map.of(
                "traceparent",
                "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01",
                "tracestate",
                "b=2, a=1"));
    SpanData server = server();
    assertThat(server.getTraceId()).isEqualTo("5759e988bd862e3fe1be46a994272793");
    assertThat(server.getParentSpanId()).isEqualTo("53995c3f42cd8ad8");
    assertThat(server.getSpanContext().getTraceState().asMap())
        .containsExactly(Map.entry("b", "2"), Map.entry("a", "1"));
    assertThat(out.get(key("tracestate"))).isEqualTo("b=2,a=1");
    assertThat(out.get(key("traceparent")))
        .isEqualTo("00-5759e988bd862e3fe1be46a994272793-" + server.getSpanId() + "-01");
  }

  @Test
  void undecidedCallerWithoutSpan_keepsItsTrace() {
    Metadata out =
        relayed(
            kit, Map.of("x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=a:0"));
    SpanData server = server();
    assertThat(server.getTraceId()).isEqualTo("5759e988bd862e3fe1be46a994272793");
    assertThat(out.get(key("x-amzn-trace-id")))
        .isEqualTo(
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent="
                + server.getSpanId()
                + ";Sampled=1;Lineage=a:0");
  }

  @Test
  void refusal_withoutATrace_isHeard() {
    Metadata out = relayed(kit, Map.of("b3", "0"));
    assertThat(sdk.all()).isEmpty();
    assertThat(out.get(key("traceparent"))).endsWith("-00");
  }

  @Test
  void noSdk_passesOnWhatCame() {
    GrpcKit none = kit(OpenTelemetrySpans.of(OpenTelemetry.noop()));
    String header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8";
    assertThat(relayed(none, Map.of("x-amzn-trace-id", header)).get(key("x-amzn-trace-id")))
        .isEqualTo(header);
    assertThat(relayed(none, Map.of()).keys()).isEmpty();
    assertThat(none.openCalls()).isZero();
  }

  @Test
  void start_isWorkThatItsOwnerEnds() {
    ActiveSpan job = kit.start("job", ActiveSpan.Kind.CONSUMER, null);
    try (ActiveSpan.Scope scope = job.makeCurrent()) {
      assertThat(scope).isNotNull();
      Rig.call(echo(EchoService.echo()), "a");
      job.startChild("step").recordException(new IllegalStateException("no")).end();
    }
    assertThat(kit.statistics().open()).isEqualTo(1);
    job.end();
    job.end();
    server();
    SpanData consumer = sdk.only(SpanKind.CONSUMER);
    assertThat(sdk.only(SpanKind.CLIENT).getParentSpanId()).isEqualTo(consumer.getSpanId());
    SpanData step = sdk.only(SpanKind.INTERNAL);
    assertThat(step.getParentSpanId()).isEqualTo(consumer.getSpanId());
    assertThat(step.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
  }

  @ParameterizedTest
  @CsvSource({
    "SERVER, 404, UNSET",
    "SERVER, 503, ERROR",
    "CLIENT, 200, UNSET",
    "CLIENT, 404, ERROR",
  })
  void httpStatus_isAnErrorOfTheSideWhoseItIs(
      ActiveSpan.Kind kind, long status, StatusCode expected) {
    kit.start("GET /", kind, null).annotate("http.response.status_code", status).end();
    assertThat(sdk.only(SpanKind.valueOf(kind.name())).getStatus().getStatusCode())
        .isEqualTo(expected);
  }

  @Test
  void outcome_isTheStatus() {
    kit.start("a", ActiveSpan.Kind.CLIENT, null).outcome(new Outcome(true, false, true)).end();
    kit.start("b", ActiveSpan.Kind.INTERNAL, null).outcome(Outcome.OK).end();
    assertThat(sdk.only(SpanKind.CLIENT).getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(sdk.only(SpanKind.INTERNAL).getStatus().getStatusCode()).isEqualTo(StatusCode.OK);
  }

  @Test
  void flush_statisticsAndClose_tellNoMoreThanTheyKnow() throws Exception {
    assertThat(kit.flush(Duration.ofSeconds(1))).isFalse();
    assertThat(kit.statistics().sent()).isEqualTo(GrpcCall.UNKNOWN);
    assertThat(kit.statistics().dropped()).isEqualTo(GrpcCall.UNKNOWN);
    GrpcKit flushing =
        kit(
            OpenTelemetrySpans.builder(sdk.api)
                .flush(
                    timeout ->
                        sdk.api
                            .getSdkTracerProvider()
                            .forceFlush()
                            .join(timeout.toMillis(), TimeUnit.MILLISECONDS)
                            .isSuccess())
                .build());
    assertThat(flushing.flush(Duration.ofSeconds(20))).isTrue();
    flushing.close();
    Rig.call(echo(flushing, EchoService.echo()), "a");
    assertThat(sdk.all()).isEmpty();
    assertThat(flushing.statistics().open()).isZero();
  }

  @Test
  void messageTicks_belowZero_isRefused() {
    assertThatThrownBy(() -> OpenTelemetrySpans.builder(sdk.api).messageTicks(-1))
        .hasMessage("messageTicks: -1 (expected: 0 to 1000)");
  }
}
