// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.stub.MetadataUtils;
import io.roentgen.grpc.TraceContext.Decision;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What calls carry that nobody records: the bytes of one header, and nothing made of them. */
class UnsampledHeaderTest {
  private static final String TRACE = "5759e988bd862e3fe1be46a994272793";
  private static final String ROOT = "Root=1-5759e988-bd862e3fe1be46a994272793";
  private static final String SPAN = "53995c3f42cd8ad8";
  private static final Metadata.Key<String> XRAY = key("x-amzn-trace-id");
  private static final Metadata.Key<String> W3C = key("traceparent");
  private static final Metadata.Key<String> REQUEST_ID = key("x-request-id");

  private final List<Metadata> arrived = new CopyOnWriteArrayList<>();

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static Metadata headers(String name, String value) {
    Metadata headers = new Metadata();
    headers.put(key(name), value);
    return headers;
  }

  private static byte @Nullable [] raw(Metadata headers, TraceFormat format) {
    return headers.get(format.rawKeys.get(0));
  }

  @ParameterizedTest
  @CsvSource({
    "x-amzn-trace-id, " + ROOT + ";Sampled=0, XRAY",
    "x-amzn-trace-id, " + ROOT + ";Parent=" + SPAN + ";Sampled=0, XRAY",
    "traceparent, 00-" + TRACE + "-" + SPAN + "-00, W3C",
  })
  void header_inItsUsualForm_isTheVeryBytes(String name, String value, TraceFormat format) {
    Metadata headers = headers(name, value);
    byte[] found = Propagation.defaults().unsampled(headers);
    assertThat(found).isNotNull().isSameAs(raw(headers, format));
    assertThat(UnsampledHeader.context(found)).isEqualTo(Propagation.defaults().extract(headers));
    assertThat(UnsampledHeader.cameWith(headers, found)).isTrue();
    assertThat(UnsampledHeader.cameWith(headers(name, value), found)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "x-amzn-trace-id, " + ROOT + ";Sampled=1",
    "x-amzn-trace-id, " + ROOT + ";Sampled=?",
    "x-amzn-trace-id, " + ROOT,
    "x-amzn-trace-id, " + ROOT + ";Sampled=0;Lineage=a:0",
    "x-amzn-trace-id, Sampled=0;" + ROOT,
    "x-amzn-trace-id, Root=1-5759E988-bd862e3fe1be46a994272793;Sampled=0",
    "x-amzn-trace-id, Root=1-00000000-000000000000000000000000;Sampled=0",
    "x-amzn-trace-id, Root=1-5759e988-bd862e3fe1be46a99427279x;Sampled=0",
    "x-amzn-trace-id, " + ROOT + ";Parent=0000000000000000;Sampled=0",
    "x-amzn-trace-id, " + ROOT + ";Parent=53995C3F42CD8AD8;Sampled=0",
    "x-amzn-trace-id, 0",
    "traceparent, 00-" + TRACE + "-" + SPAN + "-01",
    "traceparent, 01-" + TRACE + "-" + SPAN + "-00",
    "traceparent, 00-" + TRACE + "-" + SPAN + "-10",
    "traceparent, 00-" + TRACE + "-0000000000000000-00",
    "traceparent, 00-00000000000000000000000000000000-" + SPAN + "-00",
    "traceparent, 00-" + TRACE + "+" + SPAN + "-00",
    "b3, 0",
    "x-other, " + ROOT + ";Sampled=0",
  })
  void header_ofAnyOtherForm_isLookedAtMoreClosely(String name, String value) {
    assertThat(Propagation.defaults().unsampled(headers(name, value))).isNull();
  }

  @Test
  void traceState_besideW3c_isNotLost() {
    Metadata headers = headers("traceparent", "00-" + TRACE + "-" + SPAN + "-00");
    headers.put(key("tracestate"), "vendor=1");
    assertThat(Propagation.defaults().unsampled(headers)).isNull();
  }

  @Test
  void order_ofReading_isKept() {
    Metadata headers = headers("x-amzn-trace-id", ROOT + ";Sampled=1");
    headers.put(W3C, "00-" + TRACE + "-" + SPAN + "-00");
    assertThat(Propagation.defaults().unsampled(headers)).isNull();
    Propagation w3cFirst =
        Propagation.of(
            List.of(TraceFormat.W3C, TraceFormat.XRAY), Propagation.DEFAULT_WRITE, List.of());
    assertThat(w3cFirst.unsampled(headers)).isSameAs(raw(headers, TraceFormat.W3C));
    Propagation b3First =
        Propagation.of(
            List.of(TraceFormat.B3_SINGLE, TraceFormat.XRAY), Propagation.DEFAULT_WRITE, List.of());
    assertThat(b3First.unsampled(headers("b3", TRACE + "-" + SPAN + "-0"))).isNull();
  }

  @Test
  void header_written_isWhatItsContextWrites() {
    Random random = new Random(1);
    for (int i = 0; i < 500; i++) {
      TraceContext context =
          TraceContext.of(
              new TraceId(i % 7 == 0 ? 0 : random.nextLong(), random.nextLong() | 1),
              i % 3 == 0 ? null : new SpanId(random.nextLong() | 1),
              Decision.NOT_SAMPLED);
      for (TraceFormat came : List.of(TraceFormat.XRAY, TraceFormat.W3C)) {
        Metadata in = new Metadata();
        Propagation.of(List.of(), List.of(came), List.of()).inject(context, in);
        Propagation all = Propagation.of(List.of(came), List.of(TraceFormat.values()), List.of());
        Metadata bytes = headers("traceparent", "stale");
        byte[] header = all.unsampled(in);
        assertThat(header).isNotNull();
        all.inject(header, bytes);
        Metadata parsed = new Metadata();
        all.inject(all.extract(in), parsed);
        assertThat(bytes.keys()).isEqualTo(parsed.keys());
        for (String name : parsed.keys()) {
          if (name.endsWith("-bin")) {
            Metadata.Key<byte[]> binary = Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER);
            assertThat(bytes.get(binary)).isEqualTo(parsed.get(binary));
          } else {
            assertThat(bytes.getAll(key(name))).containsExactly(parsed.get(key(name)));
          }
        }
      }
    }
  }

  @Test
  void root_ofEitherFormat_isReadBack() {
    for (TraceFormat format : List.of(TraceFormat.XRAY, TraceFormat.W3C)) {
      for (long low : new long[] {0, 7}) {
        byte[] header = UnsampledHeader.root(format, 5, low);
        Metadata headers = new Metadata();
        headers.put(format.rawKeys.get(0), header);
        assertThat(Propagation.defaults().unsampled(headers)).isSameAs(header);
        assertThat(UnsampledHeader.context(header).traceId()).isEqualTo(new TraceId(5, low));
      }
    }
  }

  @Test
  void calls_overThreeServices_carryTheirTraceAndDecisionAndNoOther() {
    Documents documents = new Documents();
    Set<TraceId> traces = new HashSet<>();
    List<ActiveSpan> seen = new ArrayList<>();
    try (Rig rig = new Rig()) {
      GrpcKit back = rig.kit("back", documents, builder -> builder.sampler(CallSampler.ALWAYS));
      GrpcKit front = rig.kit("front", documents, builder -> builder.sampler(CallSampler.NEVER));
      Channel toBack = rig.connect(back, rig.serve(back, seeing(EchoService.echo())));
      Channel toMiddle =
          rig.connect(
              front,
              rig.serve(
                  back,
                  seeing(
                      EchoService.answering(
                          request -> {
                            seen.add(ActiveSpan.current());
                            return Rig.call(toBack, request) + Rig.call(toBack, request);
                          }))));
      for (int i = 0; i < 10; i++) {
        assertThat(Rig.call(toMiddle, "x")).isEqualTo("xx");
      }
      assertThat(arrived).hasSize(30);
      for (int i = 0; i < 30; i += 3) {
        Metadata first = arrived.get(i);
        TraceId trace = Propagation.defaults().extract(first).traceId();
        assertThat(traces.add(trace)).isTrue();
        assertThat(seen.get(i / 3).traceId()).isEqualTo(trace);
        assertThat(seen.get(i / 3).spanId()).isNull();
        assertThat(seen.get(i / 3).isSampled()).isFalse();
        for (Metadata headers : arrived.subList(i, i + 3)) {
          assertThat(headers.getAll(XRAY)).containsExactly(first.get(XRAY));
          assertThat(headers.getAll(W3C)).containsExactly(first.get(W3C));
          assertThat(headers.get(XRAY)).startsWith("Root=" + trace.toXRay()).endsWith(";Sampled=0");
          assertThat(headers.get(W3C)).startsWith("00-" + trace.toHex()).endsWith("-00");
        }
      }
      assertThat(back.openCalls() + front.openCalls()).isZero();
      assertThat(documents.all(back)).isEmpty();
    }
  }

  @Test
  void requestId_ofAnUnsampledCall_isRelayedWithItsTrace() {
    try (Rig rig = new Rig()) {
      GrpcKit kit = rig.kit("shop", new Documents());
      Channel next = rig.connect(kit, rig.serve(kit, seeing(EchoService.echo())));
      String name =
          rig.serve(kit, seeing(EchoService.answering(request -> Rig.call(next, request))));
      Metadata headers = headers("x-amzn-trace-id", ROOT + ";Parent=" + SPAN + ";Sampled=0");
      headers.put(REQUEST_ID, "r-1");
      Channel caller =
          ClientInterceptors.intercept(
              rig.connect(name), MetadataUtils.newAttachHeadersInterceptor(headers));
      assertThat(Rig.call(caller, "x")).isEqualTo("x");
      Metadata passed = arrived.get(1);
      assertThat(passed.get(REQUEST_ID)).isEqualTo("r-1");
      assertThat(passed.get(XRAY)).isEqualTo(ROOT + ";Parent=" + SPAN + ";Sampled=0");
      assertThat(passed.get(W3C)).isEqualTo("00-" + TRACE + "-" + SPAN + "-00");
    }
  }

  @Test
  void interceptor_installedTwice_servesAnUnsampledCallOnce() {
    try (Rig rig = new Rig()) {
      GrpcKit kit = rig.kit("shop", new Documents(), builder -> builder.sampler(CallSampler.NEVER));
      List<TraceId> traces = new ArrayList<>();
      BindableService twice =
          () ->
              ServerInterceptors.intercept(
                  EchoService.answering(
                      request -> {
                        traces.add(ActiveSpan.current().traceId());
                        return request;
                      }),
                  kit.serverInterceptor());
      Channel channel =
          ClientInterceptors.intercept(
              rig.connect(kit, rig.serve(kit, twice)), kit.clientInterceptor());
      assertThat(Rig.call(channel, "x")).isEqualTo("x");
      assertThat(traces).hasSize(1).doesNotContainNull();
    }
  }

  @Test
  void observers_ofAnUnsampledCall_areToldWithItsTrace() {
    List<GrpcCall> ended = new CopyOnWriteArrayList<>();
    try (Rig rig = new Rig()) {
      GrpcKit kit =
          rig.kit(
              "shop",
              new Documents(),
              builder ->
                  builder
                      .sampler(CallSampler.NEVER)
                      .observer(
                          new CallObserver() {
                            @Override
                            public void ended(GrpcCall call) {
                              ended.add(call);
                            }
                          }));
      Channel channel = rig.connect(kit, rig.serve(kit, seeing(EchoService.echo())));
      assertThat(Rig.call(channel, "x")).isEqualTo("x");
      await().until(() -> ended.size() == 2);
      TraceId trace = Propagation.defaults().extract(arrived.get(0)).traceId();
      assertThat(ended)
          .allSatisfy(
              call -> {
                assertThat(call.span().traceId()).isEqualTo(trace);
                assertThat(call.span().isSampled()).isFalse();
              });
    }
  }

  /** Returns the service, whose calls' headers are kept as they came. */
  private BindableService seeing(BindableService service) {
    ServerInterceptor keeping =
        new ServerInterceptor() {
          @Override
          public <Q, A> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            Metadata kept = new Metadata();
            kept.merge(headers);
            arrived.add(kept);
            return next.startCall(call, headers);
          }
        };
    return () -> ServerInterceptors.intercept(service, keeping);
  }
}
