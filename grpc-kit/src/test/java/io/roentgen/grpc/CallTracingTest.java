// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.roentgen.model.GrpcStatus;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent of calls, over the in-process transport. */
class CallTracingTest {
  private final Rig rig = new Rig();
  private final Documents front = new Documents();
  private final Documents back = new Documents();
  private final GrpcKit frontKit = rig.kit("front", front);
  private final GrpcKit backKit = rig.kit("back", back);

  /** Every call that a test made must be over on both sides, and its spans too. */
  @AfterEach
  void close() {
    await()
        .untilAsserted(
            () -> {
              for (GrpcKit kit : rig.kits) {
                assertThat(kit.openCalls()).isZero();
                assertThat(kit.statistics().open()).isZero();
                assertThat(kit.statistics().dropped()).isZero();
              }
            });
    rig.close();
  }

  private Channel echo(EchoService service) {
    return rig.connect(frontKit, rig.serve(backKit, service));
  }

  @Test
  void unary_bothSides_areOneTraceWithTheSubsegmentAsParent() {
    assertThat(Rig.call(echo(EchoService.echo()), "hello")).isEqualTo("hello");

    JsonNode client = front.only(frontKit, "test.Echo/Unary");
    JsonNode caller = front.only(frontKit, "front");
    JsonNode server = back.only(backKit, "back");
    assertThat(caller.get("subsegments")).containsExactly(client);
    assertThat(server.get("trace_id")).isEqualTo(caller.get("trace_id"));
    assertThat(server.get("parent_id")).isEqualTo(client.get("id"));
    assertThat(client.get("namespace").asText()).isEqualTo("remote");
    assertThat(server.at("/http/request/url").asText()).endsWith("/test.Echo/Unary");
    assertThat(server.at("/http/response/status").asInt()).isEqualTo(200);
    for (JsonNode side : List.of(client, server)) {
      assertThat(side.at("/annotations/rpc.system").asText()).isEqualTo("grpc");
      assertThat(side.at("/annotations/rpc.service").asText()).isEqualTo("test.Echo");
      assertThat(side.at("/annotations/rpc.method").asText()).isEqualTo("Unary");
      assertThat(side.at("/annotations/rpc.grpc.status_code").asInt()).isZero();
      assertThat(side.has("error")).isFalse();
      assertThat(side.has("fault")).isFalse();
      assertThat(side.at("/metadata/grpc/messages_sent").asInt()).isEqualTo(1);
      assertThat(side.at("/metadata/grpc/messages_received").asInt()).isEqualTo(1);
      assertThat(side.get("end_time").decimalValue())
          .isGreaterThanOrEqualTo(side.get("start_time").decimalValue());
    }
    assertThat(client.at("/metadata/grpc/headers_us").asLong()).isNotNegative();
    assertThat(client.at("/metadata/grpc/first_message_us").asLong())
        .isGreaterThanOrEqualTo(client.at("/metadata/grpc/headers_us").asLong());
  }

  @Test
  void unary_calleeNamed_subsegmentHasItsName() {
    Channel named =
        ClientInterceptors.intercept(
            rig.connect(rig.serve(backKit, EchoService.echo())),
            frontKit.clientInterceptor("back"));

    assertThat(Rig.call(named, "hello")).isEqualTo("hello");

    JsonNode client = front.only(frontKit, "front").get("subsegments").get(0);
    assertThat(client.get("name").asText()).isEqualTo("back");
    assertThat(client.get("namespace").asText()).isEqualTo("remote");
    assertThat(client.at("/annotations/rpc.method").asText()).isEqualTo("Unary");
    assertThat(back.only(backKit, "back").get("parent_id")).isEqualTo(client.get("id"));
  }

  @Test
  void clientInterceptor_calleeEmpty_isRefused() {
    assertThatThrownBy(() -> frontKit.clientInterceptor(""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("callee: '' (expected: the name of a service)");
  }

  @Test
  void hops_three_shareTheTraceAndEachHasOneParent() {
    Documents middle = new Documents();
    GrpcKit middleKit = rig.kit("middle", middle);
    Channel toBack = rig.connect(middleKit, rig.serve(backKit, EchoService.echo()));
    Channel toMiddle =
        rig.connect(
            frontKit, rig.serve(middleKit, EchoService.answering(text -> Rig.call(toBack, text))));
    Rig.call(toMiddle, "a");

    JsonNode middleSegment = middle.only(middleKit, "middle");
    JsonNode middleCall = middle.only(middleKit, "test.Echo/Unary");
    JsonNode backSegment = back.only(backKit, "back");
    JsonNode frontCall = front.only(frontKit, "test.Echo/Unary");
    assertThat(middleSegment.get("parent_id")).isEqualTo(frontCall.get("id"));
    assertThat(middleSegment.get("subsegments")).containsExactly(middleCall);
    assertThat(backSegment.get("parent_id")).isEqualTo(middleCall.get("id"));
    assertThat(backSegment.get("trace_id")).isEqualTo(middleSegment.get("trace_id"));
    assertThat(backSegment.get("trace_id"))
        .isEqualTo(front.only(frontKit, "front").get("trace_id"));
  }

  @ParameterizedTest
  @EnumSource(Status.Code.class)
  void status_each_isMarkedByTheTableOnBothSides(Status.Code code) {
    Channel channel = echo(EchoService.echo());
    try {
      Rig.call(channel, EchoService.STATUS + code);
      assertThat(code).isEqualTo(Status.Code.OK);
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(code);
    }

    int bits = GrpcStatus.outcomeBits(code.value());
    for (JsonNode side :
        List.of(front.only(frontKit, "test.Echo/Unary"), back.only(backKit, "back"))) {
      assertThat(side.at("/annotations/rpc.grpc.status_code").asInt()).isEqualTo(code.value());
      assertThat(side.path("error").asBoolean()).isEqualTo((bits & 1) != 0);
      assertThat(side.path("fault").asBoolean()).isEqualTo((bits & 2) != 0);
      assertThat(side.path("throttle").asBoolean()).isEqualTo((bits & 4) != 0);
      assertThat(side.at("/http/response/status").asInt()).isEqualTo(RpcNames.httpStatus(code));
    }
  }

  @Test
  void serverStream_isOneSpanThatLastsUntilItsEnd() {
    CountDownLatch go = new CountDownLatch(1);
    Channel channel =
        echo(
            EchoService.streaming(
                out -> {
                  out.onNext("1");
                  awaitUninterruptibly(go);
                  out.onNext("2");
                  out.onCompleted();
                }));
    Iterator<String> answers =
        ClientCalls.blockingServerStreamingCall(
            channel, EchoService.SERVER, CallOptions.DEFAULT, "go");
    assertThat(answers.next()).isEqualTo("1");
    assertThat(front.find(frontKit, node -> node.has("end_time"))).isEmpty();
    assertThat(frontKit.openCalls()).isEqualTo(1);
    go.countDown();
    assertThat(answers.next()).isEqualTo("2");
    assertThat(answers.hasNext()).isFalse();

    assertThat(
            front
                .only(frontKit, "test.Echo/ServerStream")
                .at("/metadata/grpc/messages_received")
                .asInt())
        .isEqualTo(2);
    assertThat(back.only(backKit, "back").at("/metadata/grpc/messages_sent").asInt()).isEqualTo(2);
  }

  @Test
  void clientStreamAndBidi_countTheirMessages() throws Exception {
    Channel channel = echo(EchoService.echo());
    assertThat(stream(channel, EchoService.CLIENT, "a", "b", "c")).containsExactly("abc");
    assertThat(stream(channel, EchoService.BIDI, "a", "b")).containsExactly("a", "b");

    JsonNode client = front.only(frontKit, "test.Echo/ClientStream");
    assertThat(client.at("/metadata/grpc/messages_sent").asInt()).isEqualTo(3);
    assertThat(client.at("/metadata/grpc/type").asText()).isEqualTo("CLIENT_STREAMING");
    JsonNode bidi = front.only(frontKit, "test.Echo/Bidi");
    assertThat(bidi.at("/metadata/grpc/messages_sent").asInt()).isEqualTo(2);
    assertThat(bidi.at("/metadata/grpc/messages_received").asInt()).isEqualTo(2);
  }

  @Test
  void cancel_ofAStream_endsBothSidesOnceAsError() {
    CountDownLatch started = new CountDownLatch(1);
    Channel channel =
        echo(
            EchoService.streaming(
                out -> {
                  out.onNext("1");
                  started.countDown();
                }));
    io.grpc.ClientCall<String, String> call =
        channel.newCall(EchoService.SERVER, CallOptions.DEFAULT);
    ClientCalls.asyncServerStreamingCall(call, "go", new Ignoring());
    awaitUninterruptibly(started);
    call.cancel("enough", null);

    await().untilAsserted(() -> assertThat(backKit.openCalls()).isZero());
    for (JsonNode side :
        List.of(front.only(frontKit, "test.Echo/ServerStream"), back.only(backKit, "back"))) {
      assertThat(side.at("/annotations/rpc.grpc.status_code").asInt())
          .isEqualTo(Status.Code.CANCELLED.value());
      assertThat(side.path("error").asBoolean()).isTrue();
    }
  }

  @Test
  void deadline_exceeded_isAFaultAndTellsWhatWasLeft() {
    CountDownLatch never = new CountDownLatch(1);
    Channel channel =
        echo(
            EchoService.answering(
                text -> {
                  awaitUninterruptibly(never);
                  return text;
                }));
    CallOptions soon = CallOptions.DEFAULT.withDeadlineAfter(50, TimeUnit.MILLISECONDS);
    assertThatThrownBy(
            () -> ClientCalls.blockingUnaryCall(channel, EchoService.UNARY, soon, "late"))
        .hasMessageContaining("DEADLINE_EXCEEDED");
    JsonNode client = front.only(frontKit, "test.Echo/Unary");
    assertThat(client.path("fault").asBoolean()).isTrue();
    assertThat(client.at("/annotations/grpc.deadline_ms").asLong()).isBetween(1L, 50L);
    assertThat(client.at("/annotations/grpc.deadline_left_ms").asLong()).isLessThanOrEqualTo(0);
    never.countDown();
    await().untilAsserted(() -> assertThat(backKit.openCalls()).isZero());
    assertThat(back.only(backKit, "back").at("/annotations/grpc.deadline_ms").asLong())
        .isLessThanOrEqualTo(client.at("/annotations/grpc.deadline_ms").asLong());
  }

  @Test
  void handler_thatThrows_isAFaultWithItsStackAndCause() {
    Channel channel =
        echo(
            EchoService.answering(
                text -> {
                  throw new IllegalStateException("out of stock", new java.io.IOException("disk"));
                }));
    assertThatThrownBy(() -> Rig.call(channel, "x")).isInstanceOf(StatusRuntimeException.class);

    JsonNode server = back.only(backKit, "back");
    assertThat(server.path("fault").asBoolean()).isTrue();
    JsonNode exceptions = server.at("/cause/exceptions");
    assertThat(exceptions).hasSize(2);
    assertThat(exceptions.at("/0/type").asText()).isEqualTo("java.lang.IllegalStateException");
    assertThat(exceptions.at("/0/message").asText()).isEqualTo("out of stock");
    assertThat(exceptions.at("/0/cause")).isEqualTo(exceptions.at("/1/id"));
    assertThat(exceptions.at("/0/stack").size()).isBetween(1, 100);
    assertThat(exceptions.at("/1/message").asText()).isEqualTo("disk");
    assertThat(server.at("/cause/working_directory").asText()).isNotEmpty();
  }

  @Test
  void onMessage_thatThrows_endsTheSpanOnce() {
    Channel channel = echo(EchoService.echo());
    assertThatThrownBy(() -> stream(channel, EchoService.BIDI, "a", "throw"))
        .hasMessageContaining("UNKNOWN");
    JsonNode server = back.only(backKit, "back");
    assertThat(server.at("/cause/exceptions/0/message").asText()).isEqualTo("thrown in onMessage");
  }

  @Test
  void interceptorInside_thatThrowsAtTheStart_endsTheSpan() {
    ServerInterceptor throwing =
        new ServerInterceptor() {
          @Override
          public <Q, A> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            throw new IllegalArgumentException("no");
          }
        };
    String name =
        rig.serve(backKit, () -> ServerInterceptors.intercept(EchoService.echo(), throwing));
    assertThatThrownBy(() -> Rig.call(rig.connect(frontKit, name), "x"))
        .isInstanceOf(StatusRuntimeException.class);
    assertThat(back.only(backKit, "back").at("/cause/exceptions/0/message").asText())
        .isEqualTo("no");
  }

  @Test
  void refusal_followedByHalfClose_isOneErrorAndNothingElse() {
    ServerInterceptor refusing =
        new ServerInterceptor() {
          @Override
          public <Q, A> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            call.close(Status.UNAUTHENTICATED, new Metadata());
            return new ServerCall.Listener<>() {};
          }
        };
    String name =
        rig.serve(backKit, () -> ServerInterceptors.intercept(EchoService.echo(), refusing));
    assertThatThrownBy(() -> Rig.call(rig.connect(frontKit, name), "x"))
        .hasMessageContaining("UNAUTHENTICATED");
    JsonNode server = back.only(backKit, "back");
    assertThat(server.path("error").asBoolean()).isTrue();
    assertThat(server.path("fault").asBoolean()).isFalse();
  }

  @Test
  void nested_callInAHandler_usesTheSegmentThatIsThere() {
    Channel self =
        rig.connect(backKit, rig.serve(rig.kit("third", new Documents()), EchoService.echo()));
    Channel channel =
        echo(EchoService.answering(text -> Rig.call(self, text) + Rig.call(self, text)));
    Rig.call(channel, "a");
    assertThat(back.all(backKit)).hasSize(1);
    assertThat(back.only(backKit, "back").get("subsegments")).hasSize(2);
  }

  @Test
  void callback_ofAClient_runsInTheContextOfItsCaller() throws Exception {
    AtomicReference<ActiveSpan> inCallback = new AtomicReference<>();
    Channel channel = echo(EchoService.echo());
    ActiveSpan span = frontKit.start("job", ActiveSpan.Kind.INTERNAL, null);
    CountDownLatch done = new CountDownLatch(1);
    try (ActiveSpan.Scope scope = span.makeCurrent()) {
      assertThat(scope).isNotNull();
      ClientCalls.asyncUnaryCall(
          channel.newCall(EchoService.UNARY, CallOptions.DEFAULT),
          "a",
          new Ignoring() {
            @Override
            public void onCompleted() {
              inCallback.set(ActiveSpan.current());
              done.countDown();
            }
          });
    }
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    span.end();
    assertThat(inCallback.get()).isSameAs(span);
    JsonNode job = front.only(frontKit, "front");
    assertThat(job.at("/annotations/operation").asText()).isEqualTo("job");
    assertThat(job.get("subsegments")).hasSize(1);
  }

  @Test
  void handler_annotates_itsSpan() {
    Channel channel =
        echo(
            EchoService.answering(
                text -> {
                  ActiveSpan.current()
                      .annotate("order_id", "o-1\n\"ü\"😀")
                      .annotate("count", 3)
                      .annotate("share", 0.5)
                      .annotate("express", true)
                      .annotate("count", 4);
                  ActiveSpan child = ActiveSpan.current().startChild("look up");
                  child.annotate("rows", 7).recordException(new IllegalStateException("gone"));
                  child.end();
                  return text;
                }));
    Rig.call(channel, "x");
    JsonNode annotations = back.only(backKit, "back").get("annotations");
    assertThat(annotations.get("order_id").asText()).isEqualTo("o-1\n\"ü\"😀");
    assertThat(annotations.get("count").asInt()).isEqualTo(4);
    assertThat(annotations.get("share").asDouble()).isEqualTo(0.5);
    assertThat(annotations.get("express").asBoolean()).isTrue();
    JsonNode child = back.only(backKit, "look up");
    assertThat(child.at("/annotations/rows").asInt()).isEqualTo(7);
    assertThat(child.path("fault").asBoolean()).isTrue();
    assertThat(child.has("namespace")).isFalse();
    assertThat(back.only(backKit, "back").has("fault")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "?", ""})
  void decision_ofTheCaller_isObeyedAndAQuestionAnswered(String sampled) {
    Metadata headers = new Metadata();
    headers.put(
        TraceFormat.XRAY.keys.get(0),
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8"
            + (sampled.isEmpty() ? "" : ";Sampled=" + sampled));
    AtomicReference<Metadata> answer = new AtomicReference<>();
    Channel plain = rig.connect(rig.serve(backKit, EchoService.echo()));
    ClientCalls.blockingUnaryCall(
        io.grpc.ClientInterceptors.intercept(
            plain,
            MetadataUtils.newAttachHeadersInterceptor(headers),
            MetadataUtils.newCaptureMetadataInterceptor(answer, new AtomicReference<>())),
        EchoService.UNARY,
        CallOptions.DEFAULT,
        "x");

    if (sampled.equals("0")) {
      assertThat(back.all(backKit)).isEmpty();
    } else {
      JsonNode segment = back.only(backKit, "back");
      assertThat(segment.get("trace_id").asText()).isEqualTo("1-5759e988-bd862e3fe1be46a994272793");
      assertThat(segment.get("parent_id").asText()).isEqualTo("53995c3f42cd8ad8");
    }
    String told = answer.get().get(TraceFormat.XRAY.keys.get(0));
    assertThat(told)
        .isEqualTo(
            sampled.equals("?") ? "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1" : null);
  }

  @Test
  void observers_areToldOnceOfEachCall_andWhatTheyThrowReachesNobody() {
    List<String> told = new ArrayList<>();
    CallObserver recording =
        new CallObserver() {
          @Override
          public void started(GrpcCall call) {
            told.add("started " + call.side() + " " + call.status());
          }

          @Override
          public void ended(GrpcCall call) {
            told.add("ended " + call.side() + " " + call.status().getCode());
            throw new IllegalStateException("an observer's own trouble");
          }
        };
    GrpcKit kit = rig.kit("observed", new Documents(), builder -> builder.observer(recording));
    String name = rig.serve(kit, EchoService.echo());
    assertThat(Rig.call(rig.connect(name), "x")).isEqualTo("x");
    await().untilAsserted(() -> assertThat(told).hasSize(2));
    assertThat(told).containsExactly("started SERVER null", "ended SERVER OK");
  }

  @Test
  void unsampled_calls_areObservedToo() {
    BlockingQueue<GrpcCall> ended = new LinkedBlockingQueue<>();
    Documents documents = new Documents();
    GrpcKit kit =
        rig.kit(
            "quiet",
            documents,
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
    Channel channel = rig.connect(kit, rig.serve(kit, EchoService.echo()));
    Rig.call(channel, "x");
    await().untilAsserted(() -> assertThat(ended).hasSize(2));
    assertThat(documents.all(kit)).isEmpty();
    assertThat(ended).allMatch(call -> !call.span().isSampled());
    assertThat(ended.stream().map(call -> call.span().traceId()).distinct()).hasSize(1);
  }

  @Test
  void serviceNaming_ofOnesOwn_namesWhatIsServedAndNothingElse() {
    Documents documents = new Documents();
    GrpcKit kit =
        rig.kit(
            "shop",
            documents,
            builder ->
                builder.serviceNaming(
                    (service, method, authority) ->
                        service + " <" + method.substring(0, method.indexOf('/')) + ">"));
    Rig.call(rig.connect(kit, rig.serve(kit, EchoService.echo())), "x");

    assertThat(documents.only(kit, "shop test.Echo").has("parent_id")).isTrue();
    assertThat(documents.only(kit, "shop").has("parent_id")).isFalse();
  }

  @Test
  void serviceNaming_ofOnesOwn_isWhatSamplingRulesMatch() {
    List<String> asked = new CopyOnWriteArrayList<>();
    Documents documents = new Documents();
    GrpcKit recorded =
        rig.kit(
            "shop",
            documents,
            builder ->
                builder
                    .serviceNaming((service, method, authority) -> service + " <test.Echo>")
                    .sampler(
                        (service, name, authority) -> {
                          asked.add(service);
                          return CallSampler.ALWAYS.decide(service, name, authority);
                        }));
    String name = rig.serve(recorded, EchoService.echo());
    Rig.call(rig.connect(name), "x");
    // A call that nobody asked for is the process's own, and what serves it is decided about.
    Rig.call(rig.connect(recorded, name), "x");
    assertThat(asked).containsExactly("shop test.Echo", "shop");
    assertThat(
            documents.find(recorded, node -> node.path("name").asText().equals("shop test.Echo")))
        .hasSize(2);
  }

  @Test
  void serviceNaming_thatThrows_leavesTheCallUntraced() {
    Documents documents = new Documents();
    ServiceNaming throwing =
        (service, method, authority) -> {
          throw new IllegalStateException("a naming's own trouble");
        };
    GrpcKit kit = rig.kit("unnamed", documents, builder -> builder.serviceNaming(throwing));
    assertThat(Rig.call(rig.connect(frontKit, rig.serve(kit, EchoService.echo())), "x"))
        .isEqualTo("x");
    assertThat(documents.all(kit)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "*.shop.example, cart.shop.example:443, cart.shop.example",
    "*.shop.example, CART.shop.example, CART.shop.example",
    "*.shop.example, cart.other.example:443, shop",
    "*, '', ''",
    "[::?], '[::1]:8080', '[::1]'",
    "[::?], '[::1]', '[::1]'"
  })
  void serviceNaming_byHost_isTheHostIfItIsLikeThePattern(
      String pattern, String authority, String name) {
    assertThat(ServiceNaming.byHost(pattern).name("shop", "test.Echo/Unary", authority))
        .isEqualTo(name);
  }

  @Test
  void sampler_thatThrows_leavesTheCallUntraced() {
    CallSampler throwing =
        (service, name, authority) -> {
          throw new IllegalStateException("a sampler's own trouble");
        };
    Documents documents = new Documents();
    GrpcKit kit = rig.kit("undecided", documents, builder -> builder.sampler(throwing));
    assertThat(Rig.call(rig.connect(kit, rig.serve(kit, EchoService.echo())), "x")).isEqualTo("x");
    assertThat(documents.all(kit)).isEmpty();
  }

  @Test
  void twoInterceptorsOfOneKit_makeOneSpan() {
    String name =
        rig.serve(
            backKit,
            () -> ServerInterceptors.intercept(EchoService.echo(), backKit.serverInterceptor()));
    Channel channel =
        io.grpc.ClientInterceptors.intercept(
            rig.connect(frontKit, name), frontKit.clientInterceptor());
    Rig.call(channel, "x");
    assertThat(front.find(frontKit, node -> true)).hasSize(2);
    assertThat(back.find(backKit, node -> true)).hasSize(1);
  }

  private static List<String> stream(
      Channel channel, MethodDescriptor<String, String> method, String... requests)
      throws Exception {
    List<String> answers = new ArrayList<>();
    BlockingQueue<Object> end = new LinkedBlockingQueue<>();
    StreamObserver<String> requestObserver =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(method, CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(String value) {
                answers.add(value);
              }

              @Override
              public void onError(Throwable t) {
                end.add(t);
              }

              @Override
              public void onCompleted() {
                end.add("end");
              }
            });
    for (String request : requests) {
      requestObserver.onNext(request);
    }
    requestObserver.onCompleted();
    Object how = end.poll(20, TimeUnit.SECONDS);
    if (how instanceof StatusRuntimeException e) {
      throw e;
    }
    assertThat(how).isEqualTo("end");
    return answers;
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      // The call was cancelled; gRPC does not need this thread to go on.
      Thread.currentThread().interrupt();
    }
  }

  private static class Ignoring implements StreamObserver<String> {
    @Override
    public void onNext(String value) {}

    @Override
    public void onError(Throwable t) {}

    @Override
    public void onCompleted() {}
  }
}
