// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.xraysdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.amazonaws.xray.AWSXRayRecorder;
import com.amazonaws.xray.entities.Entity;
import com.amazonaws.xray.entities.Segment;
import com.amazonaws.xray.entities.Subsegment;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingClientCall;
import io.grpc.ForwardingClientCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.AbstractBlockingStub;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.roentgen.grpc.CallOutcomes;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.SegmentTransport;
import io.roentgen.grpc.testing.EchoService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class XRaySdkTracingTest {
  private static final Metadata.Key<String> TRACE_HEADER = key("x-amzn-trace-id");
  private static final Metadata.Key<String> TRACE_ID = key("traceId");
  private static final Metadata.Key<String> PARENT_ID = key("parentId");
  private static final String UNARY = "test.Echo/Unary";
  private static final int CALLS = 1000;

  private final Recorded sent = new Recorded();
  private final AWSXRayRecorder recorder = sent.recorder();
  private final XRaySdkTracing front = tracing("front");
  private final XRaySdkTracing back = tracing("back");
  private final AtomicReference<Metadata> headers = new AtomicReference<>(new Metadata());
  private final AtomicReference<Metadata> answered = new AtomicReference<>(new Metadata());
  private final List<Server> servers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private XRaySdkTracing tracing(String service) {
    return XRaySdkTracing.builder(recorder, service).build();
  }

  @AfterEach
  void close() throws InterruptedException {
    channels.forEach(ManagedChannel::shutdownNow);
    servers.forEach(Server::shutdownNow);
    for (Server server : servers) {
      assertThat(server.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }
    recorder.clearTraceEntity();
  }

  /** Starts a server and returns a channel to it that nobody records. */
  private Channel serve(XRaySdkTracing tracing, BindableService service) {
    return serve(tracing, service, null);
  }

  private Channel serve(
      XRaySdkTracing tracing, BindableService service, @Nullable Executor executor) {
    String name = UUID.randomUUID().toString();
    InProcessServerBuilder builder =
        InProcessServerBuilder.forName(name)
            .addService(service)
            .intercept(tracing.serverInterceptor())
            .intercept(keepingHeaders());
    InProcessChannelBuilder channelBuilder = InProcessChannelBuilder.forName(name);
    if (executor != null) {
      builder.executor(executor);
      channelBuilder.executor(executor);
    }
    try {
      servers.add(builder.build().start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ManagedChannel channel = channelBuilder.build();
    channels.add(channel);
    return channel;
  }

  private ServerInterceptor keepingHeaders() {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata given, io.grpc.ServerCallHandler<Q, A> next) {
        headers.set(given);
        return Contexts.interceptCall(Context.current(), call, given, next);
      }
    };
  }

  private static Channel recorded(XRaySdkTracing tracing, Channel channel) {
    return ClientInterceptors.intercept(channel, tracing.clientInterceptor());
  }

  private static String call(Channel channel, String request) {
    return ClientCalls.blockingUnaryCall(channel, EchoService.UNARY, CallOptions.DEFAULT, request);
  }

  /** Puts headers on a call, as if another caller had, and keeps those of the answer. */
  private Channel with(Channel channel, String... keysAndValues) {
    return ClientInterceptors.intercept(
        channel,
        new ClientInterceptor() {
          @Override
          public <Q, A> ClientCall<Q, A> interceptCall(
              MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            return new ForwardingClientCall.SimpleForwardingClientCall<>(
                next.newCall(method, options)) {
              @Override
              public void start(Listener<A> listener, Metadata given) {
                for (int i = 0; i < keysAndValues.length; i += 2) {
                  given.put(key(keysAndValues[i]), keysAndValues[i + 1]);
                }
                super.start(
                    new ForwardingClientCallListener.SimpleForwardingClientCallListener<>(
                        listener) {
                      @Override
                      public void onHeaders(Metadata got) {
                        answered.set(got);
                        super.onHeaders(got);
                      }
                    },
                    given);
              }
            };
          }
        });
  }

  private static List<String> all(Metadata headers, Metadata.Key<String> key) {
    List<String> values = new ArrayList<>();
    Iterable<String> found = headers.getAll(key);
    if (found != null) {
      found.forEach(values::add);
    }
    return values;
  }

  private void assertNothingOpen() {
    await()
        .untilAsserted(
            () -> {
              assertThat(front.openCalls()).isZero();
              assertThat(back.openCalls()).isZero();
            });
  }

  private void awaitSent(int segments) {
    await().untilAsserted(() -> assertThat(sent.segments).hasSize(segments));
    assertNothingOpen();
  }

  private static Subsegment only(Segment segment) {
    assertThat(segment.getSubsegmentsCopy()).hasSize(1);
    return segment.getSubsegmentsCopy().getFirst();
  }

  @Test
  void call_inASegment_isASubsegmentAndTheCalleesSegmentItsChild() {
    Channel channel = recorded(front, serve(back, EchoService.echo()));
    Segment segment = recorder.beginSegment("front");
    assertThat(call(channel, "hello")).isEqualTo("hello");
    assertThat(recorder.getTraceEntity()).isSameAs(segment);
    recorder.endSegment();
    awaitSent(2);

    Subsegment made = only(sent.segment("front"));
    Segment served = sent.segment("back");
    assertThat(made.getName()).isEqualTo(UNARY);
    assertThat(made.getNamespace()).isEqualTo("remote");
    assertThat(made.getHttp().get("response")).isEqualTo(Map.of("status", 200));
    assertThat(served.getTraceId()).isEqualTo(segment.getTraceId());
    assertThat(served.getParentId()).isEqualTo(made.getId());
    assertThat(served.getAnnotations()).containsEntry("rpc.grpc.status_code", 0);
    assertThat(made.isInProgress() || served.isInProgress()).isFalse();
    assertThat(all(headers.get(), TRACE_HEADER))
        .containsExactly("Root=" + segment.getTraceId() + ";Parent=" + made.getId() + ";Sampled=1");
    assertThat(headers.get().keys()).doesNotContain("traceid", "parentid");
  }

  @Test
  void call_noSegment_hasOneOfItsOwnThatIsClosed() {
    Channel channel = recorded(front, serve(back, EchoService.echo()));
    call(channel, "hello");
    assertThat(recorder.getTraceEntity()).isNull();
    awaitSent(2);
    Subsegment made = only(sent.segment(UNARY));
    assertThat(made.getName()).isEqualTo(UNARY);
    assertThat(sent.segment("back").getParentId()).isEqualTo(made.getId());
    assertThat(sent.segment("back").getTraceId()).isEqualTo(sent.segment(UNARY).getTraceId());
  }

  @Test
  void bareKeys_overThreeHops_areReplacedAndNotAppended() {
    XRaySdkTracing writing = XRaySdkTracing.builder(recorder, "front").bareKeys(true).build();
    Channel toBack = recorded(writing, serve(back, EchoService.echo()));
    XRaySdkTracing middle = tracing("middle");
    Channel toMiddle =
        recorded(
            writing,
            serve(
                middle,
                EchoService.answering(
                    text ->
                        call(
                            ClientInterceptors.intercept(toBack, forwarding(headers.get())),
                            text))));
    recorder.beginSegment("front");
    call(toMiddle, "hello");
    recorder.endSegment();
    awaitSent(3);
    Segment first = sent.segment("front");
    assertThat(all(headers.get(), TRACE_ID)).containsExactly(first.getTraceId().toString());
    assertThat(all(headers.get(), PARENT_ID))
        .containsExactly(only(sent.segment("middle")).getId())
        .containsExactly(sent.segment("back").getParentId());
    assertThat(all(headers.get(), TRACE_HEADER)).hasSize(1);
    assertThat(sent.segments).extracting(Segment::getTraceId).containsOnly(first.getTraceId());
    assertThat(sent.segment("middle").getParentId()).isEqualTo(only(first).getId());
  }

  /** Passes all headers on, as services do that copy their metadata. */
  private static ClientInterceptor forwarding(Metadata headers) {
    return io.grpc.stub.MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  @ParameterizedTest
  @CsvSource({
    "x-amzn-trace-id, Root=1-65000000-000000000000000000000001;Parent=00000000000000aa;Sampled=1",
    "traceparent, 00-65000000000000000000000000000001-00000000000000aa-01",
    "b3, 65000000000000000000000000000001-00000000000000aa-1",
  })
  void server_headerOfAnyFormat_joinsItsTrace(String header, String value) {
    call(with(serve(back, EchoService.echo()), header, value), "hello");
    awaitSent(1);
    assertThat(sent.segment("back").getTraceId())
        .hasToString("1-65000000-000000000000000000000001");
    assertThat(sent.segment("back").getParentId()).isEqualTo("00000000000000aa");
  }

  @Test
  void server_bareKeys_joinsTheirTrace() {
    Channel channel =
        with(
            serve(back, EchoService.echo()),
            "traceId",
            "1-65000000-000000000000000000000001",
            "parentId",
            "00000000000000aa");
    call(channel, "hello");
    awaitSent(1);
    assertThat(sent.segment("back").getTraceId())
        .hasToString("1-65000000-000000000000000000000001");
    assertThat(sent.segment("back").getParentId()).isEqualTo("00000000000000aa");
  }

  @Test
  void server_noHeader_beginsATrace() {
    call(serve(back, EchoService.echo()), "hello");
    awaitSent(1);
    assertThat(sent.segment("back").getParentId()).isNull();
    assertThat(sent.segment("back").getTraceId().toString()).matches("1-[0-9a-f]{8}-[0-9a-f]{24}");
  }

  @Test
  void server_notSampled_recordsNothingAndPassesItOn() {
    Channel toBack = recorded(front, serve(back, EchoService.echo()));
    XRaySdkTracing middle = tracing("middle");
    Channel toMiddle =
        serve(
            middle,
            EchoService.answering(
                text -> {
                  try (Subsegment own = recorder.beginSubsegment("own")) {
                    own.putAnnotation("a", 1);
                    return call(toBack, text);
                  }
                }));
    call(
        with(toMiddle, "x-amzn-trace-id", "Root=1-65000000-000000000000000000000001;Sampled=0"),
        "hello");
    assertNothingOpen();
    await().untilAsserted(() -> assertThat(middle.openCalls()).isZero());
    assertThat(sent.segments).isEmpty();
    assertThat(all(headers.get(), TRACE_HEADER))
        .containsExactly("Root=1-65000000-000000000000000000000001;Sampled=0");
  }

  @Test
  void client_samplerSaysNo_passesThatOn() {
    AWSXRayRecorder none = sent.unsampled();
    XRaySdkTracing unsampled = XRaySdkTracing.builder(none, "front").build();
    Channel channel = recorded(unsampled, serve(back, EchoService.echo()));
    call(channel, "hello");
    none.beginNoOpSegment();
    call(channel, "hello");
    none.endSegment();
    assertNothingOpen();
    assertThat(unsampled.openCalls()).isZero();
    assertThat(sent.segments).isEmpty();
    assertThat(all(headers.get(), TRACE_HEADER).getFirst())
        .matches("Root=1-[0-9a-f]{8}-[0-9a-f]{24};Sampled=0")
        .doesNotContain("Root=1-00000000");
  }

  @Test
  void server_askedForADecision_answersIt() {
    String root = "Root=1-65000000-000000000000000000000001";
    call(with(serve(back, EchoService.echo()), "x-amzn-trace-id", root + ";Sampled=?"), "hello");
    awaitSent(1);
    assertThat(all(answered.get(), TRACE_HEADER)).containsExactly(root + ";Sampled=1");
    call(with(serve(back, EchoService.echo()), "x-amzn-trace-id", root), "hello");
    assertThat(all(answered.get(), TRACE_HEADER)).isEmpty();
  }

  @Test
  void interceptors_onChannelAndStub_recordOnce() {
    String name = UUID.randomUUID().toString();
    ManagedChannel channel =
        InProcessChannelBuilder.forName(name).intercept(front.clientInterceptor()).build();
    channels.add(channel);
    try {
      servers.add(
          InProcessServerBuilder.forName(name)
              .intercept(back.serverInterceptor())
              .addService(
                  ServerInterceptors.intercept(
                      EchoService.echo(), back.serverInterceptor(), back.serverInterceptor()))
              .build()
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    recorder.beginSegment("front");
    call(recorded(front, channel), "hello");
    recorder.endSegment();
    awaitSent(2);
    assertThat(only(sent.segment("front")).getSubsegmentsCopy()).isEmpty();
    assertThat(sent.named("back")).hasSize(1);
  }

  @Test
  void service_wrappedAlone_isRecordedAndItsNeighbourIsNot() throws Exception {
    String name = UUID.randomUUID().toString();
    MethodDescriptor<String, String> other =
        EchoService.UNARY.toBuilder().setFullMethodName("test.Other/Unary").build();
    servers.add(
        InProcessServerBuilder.forName(name)
            .addService(
                ServerInterceptors.intercept(EchoService.echo(), List.of(back.serverInterceptor())))
            .addService(
                ServerServiceDefinition.builder("test.Other")
                    .addMethod(
                        other,
                        ServerCalls.asyncUnaryCall(
                            (text, out) -> {
                              out.onNext(text);
                              out.onCompleted();
                            }))
                    .build())
            .build()
            .start());
    ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
    channels.add(channel);
    assertThat(ClientCalls.blockingUnaryCall(channel, other, CallOptions.DEFAULT, "x"))
        .isEqualTo("x");
    assertThat(call(channel, "x")).isEqualTo("x");
    awaitSent(1);
    assertThat(sent.segment("back").getHttp().get("request"))
        .asString()
        .contains("/test.Echo/Unary");
  }

  /** As the generator writes them. */
  private static final class EchoBlockingStub extends AbstractBlockingStub<EchoBlockingStub> {
    EchoBlockingStub(Channel channel, CallOptions options) {
      super(channel, options);
    }

    @Override
    protected EchoBlockingStub build(Channel channel, CallOptions options) {
      return new EchoBlockingStub(channel, options);
    }

    String unary(String text) {
      return ClientCalls.blockingUnaryCall(getChannel(), EchoService.UNARY, getCallOptions(), text);
    }
  }

  @Test
  void stub_withInterceptors_isRecordedAndOtherStubsOfTheChannelAreNot() {
    EchoBlockingStub plain =
        new EchoBlockingStub(serve(back, EchoService.echo()), CallOptions.DEFAULT);
    EchoBlockingStub recorded = plain.withInterceptors(front.clientInterceptor());
    recorder.beginSegment("front");
    assertThat(plain.unary("x")).isEqualTo("x");
    assertThat(recorded.withDeadlineAfter(20, TimeUnit.SECONDS).unary("y")).isEqualTo("y");
    recorder.endSegment();
    awaitSent(3);
    Subsegment made = only(sent.segment("front"));
    assertThat(made.getName()).isEqualTo(UNARY);
    assertThat(sent.named("back"))
        .extracting(Segment::getParentId)
        .containsExactlyInAnyOrder(null, made.getId());
  }

  @Test
  void naming_ofOnesOwn_namesSegments() {
    XRaySdkTracing named =
        XRaySdkTracing.builder(recorder, "back")
            .naming((call, given) -> call.getMethodDescriptor().getServiceName())
            .build();
    call(serve(named, EchoService.echo()), "hello");
    awaitSent(1);
    assertThat(sent.segment("test.Echo").isInProgress()).isFalse();
    assertThatThrownBy(() -> XRaySdkTracing.builder(recorder, "a*b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("service: 'a*b' (expected: ");
  }

  @Test
  void tracingName_ofTheSdk_overridesTheServiceButNoRule() {
    System.setProperty("com.amazonaws.xray.strategy.tracingName", "renamed");
    XRaySdkTracing renamed;
    XRaySdkTracing ruled;
    try {
      renamed = tracing("back");
      ruled = XRaySdkTracing.builder(recorder, "back").naming((call, given) -> "by rule").build();
      System.setProperty("com.amazonaws.xray.strategy.tracingName", "a*b");
      assertThatThrownBy(() -> tracing("back"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(
              "AWS_XRAY_TRACING_NAME or com.amazonaws.xray.strategy.tracingName: 'a*b' (expected: ");
    } finally {
      System.clearProperty("com.amazonaws.xray.strategy.tracingName");
    }
    call(serve(renamed, EchoService.echo()), "hello");
    call(serve(ruled, EchoService.echo()), "hello");
    awaitSent(2);
    assertThat(sent.segments).extracting(Segment::getName).containsExactly("renamed", "by rule");
  }

  @Test
  void requestId_isRelayedToTheCallsMadeForOne() throws Exception {
    Metadata.Key<String> requestId = key("x-request-id");
    Channel last = recorded(front, serve(back, EchoService.echo()));
    List<List<String>> seen = new CopyOnWriteArrayList<>();
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Channel middle =
          serve(
              front,
              EchoService.answering(
                  text -> {
                    String first = call(last, text);
                    seen.add(all(headers.get(), requestId));
                    // Also on another thread, if it has the context.
                    var again = Context.current().wrap(() -> call(last, text));
                    try {
                      String second = executor.submit(again).get(20, TimeUnit.SECONDS);
                      seen.add(all(headers.get(), requestId));
                      return first + second;
                    } catch (Exception e) {
                      throw new IllegalStateException(e);
                    }
                  }));
      assertThat(call(with(middle, "x-request-id", "r-1", "authorization", "secret"), "x"))
          .isEqualTo("xx");
      assertThat(headers.get().keys()).doesNotContain("authorization");
      call(with(middle, "x-request-id", ""), "x");
      assertThat(seen).containsExactly(List.of("r-1"), List.of("r-1"), List.of(), List.of());
    } finally {
      executor.shutdownNow();
    }
    assertNothingOpen();
  }

  /** A kit whose documents are kept. */
  private GrpcKit kit(List<String> documents) {
    return GrpcKit.builder("kit")
        .sampler(CallSampler.ALWAYS)
        .environment(Map.of())
        .transport(
            new SegmentTransport() {
              @Override
              public void send(byte[] buffer, int length) {
                documents.add(new String(buffer, 0, length, StandardCharsets.UTF_8));
              }

              @Override
              public void close() {}
            })
        .build();
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void kitBeside_whicheverIsOuter_recordsEachSideOnce(boolean kitOuter) throws Exception {
    List<String> documents = new CopyOnWriteArrayList<>();
    try (Warnings warnings = new Warnings("io.roentgen.grpc");
        GrpcKit kit = kit(documents)) {
      String name = UUID.randomUUID().toString();
      InProcessServerBuilder server =
          InProcessServerBuilder.forName(name).addService(EchoService.echo());
      InProcessChannelBuilder client = InProcessChannelBuilder.forName(name);
      List<ServerInterceptor> served = List.of(kit.serverInterceptor(), back.serverInterceptor());
      List<ClientInterceptor> made = List.of(kit.clientInterceptor(), front.clientInterceptor());
      // Those that are added last are the outer ones.
      for (int i : kitOuter ? new int[] {1, 0} : new int[] {0, 1}) {
        server.intercept(served.get(i));
        client.intercept(made.get(i));
      }
      servers.add(server.build().start());
      channels.add(client.build());
      for (int i = 0; i < 3; i++) {
        call(channels.getFirst(), "hello");
      }
      assertNothingOpen();
      await().until(() -> kit.openCalls() == 0);
      assertThat(kit.flush(Duration.ofSeconds(20))).isTrue();
      if (kitOuter) {
        assertThat(sent.segments).isEmpty();
        assertThat(documents).hasSizeGreaterThanOrEqualTo(6);
        assertThat(warnings.lines)
            .hasSize(2)
            .allMatch(line -> line.startsWith("second tracer found tracer=roentgen-grpc-kit "));
      } else {
        awaitSent(6);
        assertThat(documents).isEmpty();
        assertThat(warnings.lines)
            .singleElement()
            .asString()
            .startsWith("second tracer found tracer=the X-Ray SDK's interceptor; it records");
      }
    }
  }

  @Test
  void naming_throws_servesUnrecorded() {
    XRaySdkTracing throwing =
        XRaySdkTracing.builder(recorder, "back")
            .naming(
                (call, given) -> {
                  throw new IllegalStateException("as asked");
                })
            .build();
    assertThat(call(serve(throwing, EchoService.echo()), "hello")).isEqualTo("hello");
    assertThat(throwing.openCalls()).isZero();
    assertThat(sent.segments).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Status.Code.class)
  void status_ofEachCode_isErrorFaultOrThrottle(Status.Code code) {
    Channel channel = recorded(front, serve(back, EchoService.echo()));
    recorder.beginSegment("front");
    try {
      call(channel, EchoService.STATUS + code);
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(code);
    }
    recorder.endSegment();
    awaitSent(2);
    boolean fault =
        switch (code) {
          case UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS -> true;
          default -> false;
        };
    for (Entity entity : List.of(sent.segment("back"), only(sent.segment("front")))) {
      assertThat(entity.isFault()).isEqualTo(fault);
      assertThat(entity.isError()).isEqualTo(!fault && code != Status.Code.OK);
      assertThat(entity.isThrottle()).isEqualTo(code == Status.Code.RESOURCE_EXHAUSTED);
      assertThat(entity.getAnnotations()).containsEntry("rpc.grpc.status_code", code.value());
      assertThat(entity.getCause().getExceptions()).isEmpty();
    }
    assertThat(sent.segment("front").isFault() || sent.segment("front").isError()).isFalse();
  }

  @Test
  void outcomes_ofOnesOwn_markBothSides() {
    CallOutcomes outcomes =
        CallOutcomes.defaults()
            .fault("test.Echo/*", Status.Code.NOT_FOUND)
            .ok("test.Echo/Unary", Status.Code.ABORTED)
            .throttle("*", Status.Code.UNAVAILABLE);
    XRaySdkTracing caller = XRaySdkTracing.builder(recorder, "front").outcomes(outcomes).build();
    XRaySdkTracing callee = XRaySdkTracing.builder(recorder, "back").outcomes(outcomes).build();
    Channel channel = recorded(caller, serve(callee, EchoService.echo()));
    for (Status.Code code :
        List.of(Status.Code.NOT_FOUND, Status.Code.ABORTED, Status.Code.UNAVAILABLE)) {
      sent.segments.clear();
      recorder.beginSegment("front");
      assertThatThrownBy(() -> call(channel, EchoService.STATUS + code))
          .isInstanceOf(StatusRuntimeException.class);
      recorder.endSegment();
      awaitSent(2);
      for (Entity entity : List.of(sent.segment("back"), only(sent.segment("front")))) {
        assertThat(entity.isFault()).as("%s", code).isEqualTo(code == Status.Code.NOT_FOUND);
        assertThat(entity.isError()).as("%s", code).isEqualTo(code == Status.Code.UNAVAILABLE);
        assertThat(entity.isThrottle()).as("%s", code).isEqualTo(code == Status.Code.UNAVAILABLE);
      }
    }
  }

  @Test
  void status_withACause_recordsTheException() {
    EchoService failing =
        EchoService.streaming(
            out ->
                out.onError(
                    Status.NOT_FOUND
                        .withCause(new IllegalArgumentException("no such order"))
                        .asRuntimeException()));
    Channel channel = serve(back, failing);
    assertThatThrownBy(() -> stream(channel)).isInstanceOf(StatusRuntimeException.class);
    awaitSent(1);
    Segment segment = sent.segment("back");
    assertThat(segment.getCause().getExceptions())
        .extracting(described -> described.getThrowable().getMessage())
        .contains("no such order");
    assertThat(segment.isError()).isTrue();
    assertThat(segment.isFault()).isFalse();
  }

  private static List<String> stream(Channel channel) {
    List<String> all = new ArrayList<>();
    ClientCalls.blockingServerStreamingCall(channel, EchoService.SERVER, CallOptions.DEFAULT, "x")
        .forEachRemaining(all::add);
    return all;
  }

  @Test
  void handler_throwsInHalfClose_isAFaultWithTheException() {
    Channel channel =
        recorded(
            front,
            serve(
                back,
                EchoService.answering(
                    text -> {
                      throw new IllegalStateException("as asked");
                    })));
    recorder.beginSegment("front");
    assertThatThrownBy(() -> call(channel, "x")).isInstanceOf(StatusRuntimeException.class);
    recorder.endSegment();
    awaitSent(2);
    assertFaultOf(IllegalStateException.class, "as asked");
    assertThat(only(sent.segment("front")).isFault()).isTrue();
  }

  private void assertFaultOf(Class<?> type, String message) {
    Segment segment = sent.segment("back");
    assertThat(segment.isFault()).isTrue();
    assertThat(segment.getCause().getExceptions())
        .hasSize(1)
        .allMatch(described -> described.getThrowable().getClass() == type)
        .allMatch(described -> message.equals(described.getMessage()));
  }

  @Test
  void handler_throwsInMessage_isAFaultWithTheException() {
    Channel channel = recorded(front, serve(back, EchoService.echo()));
    Answers answers = new Answers();
    StreamObserver<String> requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(EchoService.BIDI, CallOptions.DEFAULT), answers);
    requests.onNext("throw");
    assertThat(answers.await()).isEqualTo(Status.Code.UNKNOWN);
    awaitSent(2);
    assertFaultOf(IllegalStateException.class, "thrown in onMessage");
  }

  @Test
  void handler_throwsWhenItStarts_isAFaultWithTheException() {
    BindableService service =
        () ->
            io.grpc.ServerServiceDefinition.builder(EchoService.NAME)
                .addMethod(
                    EchoService.UNARY,
                    (call, given) -> {
                      throw new IllegalStateException("as asked");
                    })
                .build();
    Channel channel = serve(back, service);
    assertThatThrownBy(() -> call(channel, "x")).isInstanceOf(StatusRuntimeException.class);
    awaitSent(1);
    assertFaultOf(IllegalStateException.class, "as asked");
  }

  @Test
  void handler_answersFromAnotherThread_isClosedThere() throws Exception {
    try (ExecutorService elsewhere = Executors.newSingleThreadExecutor()) {
      AtomicReference<@Nullable Entity> left = new AtomicReference<>();
      Channel channel =
          serve(
              back,
              EchoService.streaming(
                  out ->
                      elsewhere.execute(
                          () -> {
                            out.onNext("late");
                            out.onError(Status.ABORTED.asRuntimeException());
                            left.set(recorder.getTraceEntity());
                          })));
      assertThatThrownBy(() -> stream(channel)).isInstanceOf(StatusRuntimeException.class);
      awaitSent(1);
      assertThat(sent.segment("back").isError()).isTrue();
      elsewhere.submit(() -> {}).get();
      assertThat(left.get()).isNull();
    }
  }

  @Test
  void cancel_byTheClient_closesBothSides() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    Channel channel =
        recorded(
            front,
            serve(
                back,
                EchoService.streaming(
                    out -> {
                      out.onNext("first");
                      started.countDown();
                    })));
    Context.CancellableContext context = Context.current().withCancellation();
    Answers answers = new Answers();
    context.run(
        () ->
            ClientCalls.asyncServerStreamingCall(
                channel.newCall(EchoService.SERVER, CallOptions.DEFAULT), "x", answers));
    started.await();
    assertThat(sent.segments).isEmpty();
    context.cancel(new IllegalStateException("no more"));
    assertThat(answers.await()).isEqualTo(Status.Code.CANCELLED);
    awaitSent(2);
    assertThat(sent.segment("back").isError()).isTrue();
    assertThat(sent.segment("back").isFault()).isFalse();
    assertThat(only(sent.segment("test.Echo/ServerStream")).isError()).isTrue();
  }

  @Test
  void cancel_ofTheCall_closesBothSides() {
    Channel channel = recorded(front, serve(back, EchoService.streaming(out -> {})));
    ClientCall<String, String> call = channel.newCall(EchoService.BIDI, CallOptions.DEFAULT);
    call.start(new ClientCall.Listener<>() {}, new Metadata());
    call.sendMessage("x");
    call.cancel("no more", null);
    assertNothingOpen();
    channel.newCall(EchoService.BIDI, CallOptions.DEFAULT).cancel("never started", null);
    assertNothingOpen();
    assertThat(only(sent.segment("test.Echo/Bidi")).isError()).isTrue();
  }

  @Test
  void deadline_exceeded_closesBothSides() {
    Channel channel = recorded(front, serve(back, EchoService.streaming(out -> {})));
    assertThatThrownBy(
            () ->
                ClientCalls.blockingServerStreamingCall(
                        channel,
                        EchoService.SERVER,
                        CallOptions.DEFAULT.withDeadlineAfter(50, TimeUnit.MILLISECONDS),
                        "x")
                    .next())
        .isInstanceOf(StatusRuntimeException.class);
    assertNothingOpen();
    assertThat(only(sent.segment("test.Echo/ServerStream")).isFault()).isTrue();
  }

  @Test
  void stream_ofTheServer_staysOpenUntilItsEnd() throws Exception {
    AtomicReference<StreamObserver<String>> out = new AtomicReference<>();
    Channel channel = recorded(front, serve(back, EchoService.streaming(out::set)));
    Answers answers = new Answers();
    ClientCalls.asyncServerStreamingCall(
        channel.newCall(EchoService.SERVER, CallOptions.DEFAULT), "x", answers);
    await().until(() -> out.get() != null);
    out.get().onNext("1");
    await().until(() -> answers.values.size() == 1);
    assertThat(sent.segments).isEmpty();
    assertThat(front.openCalls()).isEqualTo(1);
    assertThat(back.openCalls()).isEqualTo(1);
    out.get().onCompleted();
    assertThat(answers.await()).isEqualTo(Status.Code.OK);
    awaitSent(2);
  }

  @Test
  void streams_ofTheOtherKinds_areRecordedOnce() throws Exception {
    Channel channel = recorded(front, serve(back, EchoService.echo()));
    for (MethodDescriptor<String, String> method : List.of(EchoService.CLIENT, EchoService.BIDI)) {
      sent.segments.clear();
      Answers answers = new Answers();
      ClientCall<String, String> call = channel.newCall(method, CallOptions.DEFAULT);
      StreamObserver<String> requests =
          method == EchoService.CLIENT
              ? ClientCalls.asyncClientStreamingCall(call, answers)
              : ClientCalls.asyncBidiStreamingCall(call, answers);
      requests.onNext("a");
      requests.onNext("b");
      requests.onCompleted();
      assertThat(answers.await()).isEqualTo(Status.Code.OK);
      awaitSent(2);
      assertThat(only(sent.segment(method.getFullMethodName())).isError()).isFalse();
    }
  }

  @Test
  void handler_inEachCallback_recordsIntoItsSegment() {
    BindableService service =
        () ->
            io.grpc.ServerServiceDefinition.builder(EchoService.NAME)
                .addMethod(EchoService.UNARY, (call, given) -> recordingListener(call))
                .build();
    // With one thread for all, whatever is left on it would be seen.
    assertThat(call(serve(back, service, Runnable::run), "x")).isEqualTo("x");
    awaitSent(1);
    assertThat(sent.segment("back").getSubsegmentsCopy())
        .extracting(Subsegment::getName)
        .contains("start", "message", "half-close");
    assertThat(recorder.getTraceEntity()).isNull();
  }

  private ServerCall.Listener<String> recordingListener(ServerCall<String, String> call) {
    recordOne("start");
    call.request(2);
    call.sendHeaders(new Metadata());
    return new ServerCall.Listener<>() {
      @Override
      public void onMessage(String message) {
        recordOne("message");
      }

      @Override
      public void onHalfClose() {
        recordOne("half-close");
        call.sendMessage("x");
        call.close(Status.OK, new Metadata());
        // The segment is sent: a late subsegment is lost, and does no harm.
        recordOne("late");
      }

      @Override
      public void onComplete() {
        recordOne("complete");
      }
    };
  }

  private void recordOne(String name) {
    recorder.beginSubsegment(name);
    recorder.endSubsegment();
  }

  @Test
  void server_inTheCallersThread_putsTheCallersEntityBack() {
    Channel channel = recorded(front, serve(back, EchoService.echo(), Runnable::run));
    Segment segment = recorder.beginSegment("front");
    Subsegment own = recorder.beginSubsegment("own");
    call(channel, "hello");
    assertThat(recorder.getTraceEntity()).isSameAs(own);
    recorder.endSubsegment();
    recorder.endSegment();
    awaitSent(2);
    assertThat(only(sent.segment("front"))).isSameAs(own);
    assertThat(only(segment).getSubsegmentsCopy()).hasSize(1);
    assertThat(sent.segment("back").getSubsegmentsCopy()).isEmpty();
  }

  @Test
  void listener_onAnotherThread_seesTheCallersEntity() throws Exception {
    Channel channel = recorded(front, serve(back, EchoService.echo()));
    Segment segment = recorder.beginSegment("front");
    AtomicReference<@Nullable Entity> seen = new AtomicReference<>();
    CountDownLatch closed = new CountDownLatch(1);
    ClientCalls.asyncUnaryCall(
        channel.newCall(EchoService.UNARY, CallOptions.DEFAULT),
        "x",
        new StreamObserver<String>() {
          @Override
          public void onNext(String value) {
            seen.set(recorder.getTraceEntity());
          }

          @Override
          public void onError(Throwable t) {
            closed.countDown();
          }

          @Override
          public void onCompleted() {
            recordOne("callback");
            closed.countDown();
          }
        });
    closed.await();
    assertThat(seen.get()).isSameAs(segment);
    recorder.endSegment();
    awaitSent(2);
    assertThat(segment.getSubsegmentsCopy())
        .extracting(Subsegment::getName)
        .containsExactlyInAnyOrder(UNARY, "callback");
  }

  @Test
  void call_thatOutlivesItsSegment_holdsItUntilItEnds() {
    AtomicReference<StreamObserver<String>> out = new AtomicReference<>();
    Channel channel = recorded(front, serve(back, EchoService.streaming(out::set)));
    recorder.beginSegment("front");
    Answers answers = new Answers();
    ClientCalls.asyncServerStreamingCall(
        channel.newCall(EchoService.SERVER, CallOptions.DEFAULT), "x", answers);
    recorder.endSegment();
    assertThat(sent.segments).isEmpty();
    await().until(() -> out.get() != null);
    out.get().onCompleted();
    assertThat(answers.await()).isEqualTo(Status.Code.OK);
    awaitSent(2);
    assertThat(only(sent.segment("front")).isInProgress()).isFalse();
  }

  @Test
  void calls_overTwoExecutors_neverMix() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(3);
    ExecutorService other = Executors.newFixedThreadPool(3);
    XRaySdkTracing middle = tracing("middle");
    Channel toBack =
        recorded(
            middle,
            serve(
                back,
                EchoService.answering(
                    text -> {
                      recorder.getCurrentSegment().putAnnotation("request", text);
                      return text;
                    }),
                pool));
    Channel toMiddle =
        recorded(
            front,
            serve(
                middle,
                EchoService.answering(
                    text -> {
                      recorder.getCurrentSegment().putAnnotation("request", text);
                      Entity entity = recorder.getTraceEntity();
                      try {
                        return other
                            .submit(
                                () -> {
                                  AtomicReference<String> got = new AtomicReference<>();
                                  entity.run(() -> got.set(call(toBack, text)), recorder);
                                  return got.get();
                                })
                            .get();
                      } catch (InterruptedException | ExecutionException e) {
                        throw new IllegalStateException(e);
                      } finally {
                        assertThat(recorder.getTraceEntity()).isSameAs(entity);
                      }
                    })));
    List<Throwable> wrong = Collections.synchronizedList(new ArrayList<>());
    try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < CALLS; i++) {
        String request = "r" + i;
        callers.execute(
            () -> {
              try {
                assertThat(call(toMiddle, request)).isEqualTo(request);
                assertThat(recorder.getTraceEntity()).isNull();
              } catch (RuntimeException | AssertionError e) {
                wrong.add(e);
              }
            });
      }
    }
    assertThat(wrong).isEmpty();
    awaitSent(3 * CALLS);
    for (ExecutorService executor : List.of(pool, other)) {
      for (int i = 0; i < 3; i++) {
        assertThat(executor.submit(() -> recorder.getTraceEntity()).get()).isNull();
      }
      executor.shutdown();
    }
    Map<Object, Segment> served = byRequest("back");
    Map<Object, Segment> between = byRequest("middle");
    assertThat(served).hasSize(CALLS);
    assertThat(between).hasSize(CALLS);
    between.forEach(
        (request, segment) -> {
          Segment callee = served.get(request);
          assertThat(callee.getTraceId()).isEqualTo(segment.getTraceId());
          assertThat(callee.getParentId()).isEqualTo(only(segment).getId());
        });
  }

  private Map<Object, Segment> byRequest(String name) {
    Map<Object, Segment> segments = new HashMap<>();
    for (Segment segment : sent.named(name)) {
      segments.put(segment.getAnnotations().get("request"), segment);
    }
    return segments;
  }

  @Test
  void calls_thatFailInEveryWay_leaveNothingOpen() throws Exception {
    EchoService failing =
        EchoService.answering(
            text -> {
              if (text.equals("throw")) {
                throw new IllegalStateException("as asked");
              }
              return text;
            });
    Channel channel = recorded(front, serve(back, failing));
    try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < CALLS; i++) {
        int way = i % 5;
        callers.execute(() -> callFailing(channel, way));
      }
    }
    assertNothingOpen();
    assertThat(sent.segments).noneMatch(Segment::isInProgress);
  }

  private static void callFailing(Channel channel, int way) {
    try {
      switch (way) {
        case 0 -> call(channel, "throw");
        case 1 -> call(channel, EchoService.STATUS + "INTERNAL");
        case 2 -> {
          ClientCall<String, String> call = channel.newCall(EchoService.UNARY, CallOptions.DEFAULT);
          call.start(new ClientCall.Listener<>() {}, new Metadata());
          call.request(1);
          call.sendMessage("x");
          call.cancel("no more", null);
        }
        case 3 ->
            ClientCalls.blockingUnaryCall(
                channel,
                EchoService.UNARY,
                CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.MICROSECONDS),
                "x");
        default -> call(channel, "x");
      }
    } catch (StatusRuntimeException expected) {
      assertThat(way).isNotEqualTo(4);
    }
  }

  private static final class Answers implements StreamObserver<String> {
    final List<String> values = Collections.synchronizedList(new ArrayList<>());
    private final AtomicReference<Status.@Nullable Code> end = new AtomicReference<>();

    @Override
    public void onNext(String value) {
      values.add(value);
    }

    @Override
    public void onError(Throwable t) {
      end.set(Status.fromThrowable(t).getCode());
    }

    @Override
    public void onCompleted() {
      end.set(Status.Code.OK);
    }

    Status.Code await() {
      org.awaitility.Awaitility.await().until(() -> end.get() != null);
      return end.get();
    }
  }

  /** What is logged as a warning while this is open. */
  private static final class Warnings extends Handler implements AutoCloseable {
    private final Logger logger;
    private final List<String> lines = new CopyOnWriteArrayList<>();

    Warnings(String name) {
      logger = Logger.getLogger(name);
      logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord record) {
      if (record.getLevel().equals(Level.WARNING)) {
        lines.add(record.getMessage());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      logger.removeHandler(this);
    }
  }
}
