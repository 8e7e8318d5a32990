// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.BadRequest;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ValidationTest {
  /** What document 004's service checks by hand. */
  private record Order(String userId, List<String> items) implements SelfValidating {
    @Override
    public List<FieldViolation> violations() {
      List<FieldViolation> violations = new ArrayList<>();
      if (userId.isEmpty()) {
        violations.add(new FieldViolation("user_id", "user_id is required"));
      }
      if (items.isEmpty()) {
        violations.add(new FieldViolation("items", "at least one item is required"));
      }
      return violations;
    }
  }

  private static final MethodDescriptor.Marshaller<Object> ORDERS =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(Object order) {
          return TestServer.Text.INSTANCE.stream(order.toString());
        }

        @Override
        public Object parse(InputStream stream) {
          String[] parts = TestServer.Text.INSTANCE.parse(stream).split("/", 2);
          return new Order(parts[0], parts[1].isEmpty() ? List.of() : List.of(parts[1]));
        }
      };
  private static final MethodDescriptor<Object, Object> CREATE =
      MethodDescriptor.newBuilder(ORDERS, ORDERS)
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("test.Service/Create")
          .build();

  private final List<String> handled = new CopyOnWriteArrayList<>();

  @Test
  void request_breaksItsOwnRules_isRefusedWithEachViolation() throws Exception {
    ServerServiceDefinition service =
        TestServer.service(
            CREATE,
            ServerCalls.asyncUnaryCall(
                (order, responses) -> {
                  handled.add(order.toString());
                  responses.onNext("/");
                  responses.onCompleted();
                }));
    try (LogLines grpc = LogLines.warningsOfGrpc();
        TestServer server = server(service, SelfValidating.VALIDATOR)) {
      StatusRuntimeException refused =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () ->
                  ClientCalls.blockingUnaryCall(
                      server.channel(), CREATE, CallOptions.DEFAULT, "/"));
      assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(refused.getStatus().getDescription())
          .isEqualTo("user_id: user_id is required; items: at least one item is required");
      assertThat(
              StatusProto.fromThrowable(refused)
                  .getDetails(0)
                  .unpack(BadRequest.class)
                  .getFieldViolationsList())
          .extracting(BadRequest.FieldViolation::getField)
          .containsExactly("user_id", "items");
      assertThat(handled).isEmpty();

      ClientCalls.blockingUnaryCall(server.channel(), CREATE, CallOptions.DEFAULT, "u/i");
      assertThat(handled).hasSize(1);
      assertThat(grpc.thrown()).isEmpty();
    }
  }

  @Test
  void request_ofOthers_passes() {
    try (TestServer server = server(TestServer.echo(), SelfValidating.VALIDATOR)) {
      assertThat(server.call("x")).isEqualTo("x");
    }
  }

  @Test
  void stream_secondMessageIsBad_handlerIsCancelledAndSeesNothingMore() throws Exception {
    CompletableFuture<Throwable> handlerEnded = new CompletableFuture<>();
    ServerServiceDefinition service =
        TestServer.service(
            TestServer.BIDI,
            ServerCalls.asyncBidiStreamingCall(
                responses ->
                    new StreamObserver<>() {
                      @Override
                      public void onNext(String message) {
                        handled.add(message);
                        responses.onNext(message);
                      }

                      @Override
                      public void onError(Throwable thrown) {
                        handlerEnded.complete(thrown);
                      }

                      @Override
                      public void onCompleted() {
                        handled.add("completed");
                      }
                    }));
    RequestValidator noBad =
        request -> request.equals("bad") ? List.of(new FieldViolation("", "bad word")) : List.of();
    try (LogLines grpc = LogLines.warningsOfGrpc();
        TestServer server = server(service, noBad, SelfValidating.VALIDATOR)) {
      CompletableFuture<Throwable> ended = new CompletableFuture<>();
      StreamObserver<String> requests =
          ClientCalls.asyncBidiStreamingCall(
              server.channel().newCall(TestServer.BIDI, CallOptions.DEFAULT),
              new StreamObserver<String>() {
                @Override
                public void onNext(String message) {}

                @Override
                public void onError(Throwable thrown) {
                  ended.complete(thrown);
                }

                @Override
                public void onCompleted() {}
              });
      requests.onNext("good");
      requests.onNext("bad");
      requests.onNext("more");
      requests.onCompleted();
      Status status = Status.fromThrowable(ended.get(10, TimeUnit.SECONDS));
      assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(status.getDescription()).isEqualTo("bad word");
      assertThat(Status.fromThrowable(handlerEnded.get(10, TimeUnit.SECONDS)).getCode())
          .isEqualTo(Status.Code.CANCELLED);
      assertThat(handled).containsExactly("good");
      assertThat(grpc.thrown()).isEmpty();
    }
  }

  @Test
  void handler_sendsAfterTheRefusal_isSwallowed() {
    CompletableFuture<StreamObserver<String>> answers = new CompletableFuture<>();
    ServerServiceDefinition service =
        TestServer.service(
            TestServer.BIDI,
            ServerCalls.asyncBidiStreamingCall(
                responses -> {
                  ((io.grpc.stub.ServerCallStreamObserver<String>) responses)
                      .setOnCancelHandler(() -> {});
                  answers.complete(responses);
                  return new StreamObserver<>() {
                    @Override
                    public void onNext(String message) {}

                    @Override
                    public void onError(Throwable thrown) {}

                    @Override
                    public void onCompleted() {}
                  };
                }));
    RequestValidator refusing = request -> List.of(new FieldViolation("f", "no"));
    try (TestServer server = server(service, refusing)) {
      Iterator<String> received =
          ClientCalls.blockingServerStreamingCall(
              server.channel(),
              TestServer.method(MethodDescriptor.MethodType.SERVER_STREAMING, "Bidi"),
              CallOptions.DEFAULT,
              "x");
      assertThat(catchThrowableOfType(StatusRuntimeException.class, received::hasNext))
          .hasMessage("INVALID_ARGUMENT: f: no");
      answers.join().onNext("late");
      answers.join().onCompleted();
    }
  }

  private static TestServer server(
      ServerServiceDefinition service, RequestValidator... validators) {
    ServerSlots slots =
        ServerSlots.builder().defaults().add(Slot.VALIDATION, Validation.of(validators)).build();
    return TestServer.inProcess(slots::installOn, service);
  }
}
