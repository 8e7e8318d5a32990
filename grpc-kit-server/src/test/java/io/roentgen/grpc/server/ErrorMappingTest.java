// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorMappingTest {
  private static final Metadata.Key<String> EXTRA =
      Metadata.Key.of("extra", Metadata.ASCII_STRING_MARSHALLER);

  private enum Callback {
    START,
    MESSAGE,
    HALF_CLOSE,
    READY
  }

  @ParameterizedTest
  @EnumSource
  void exception_inAnyCallback_isInternalWithoutItsText(Callback where) {
    IllegalStateException bug = new IllegalStateException("secret table name");
    try (LogLines log = LogLines.of(ErrorMapping.class);
        LogLines grpc = LogLines.warningsOfGrpc();
        TestServer server = server(ErrorMapping.builder(), throwing(where, bug))) {
      Status status = failure(server);
      assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
      assertThat(status.getDescription()).isEqualTo("internal error");
      assertThat(log.messages())
          .contains("WARNING call failed method=test.Service/Unary code=INTERNAL");
      assertThat(log.thrown()).contains(bug);
      assertThat(grpc.thrown()).isEmpty();
    }
  }

  @Test
  void illegalArgument_isInvalidArgumentWithItsText() {
    assertThat(statusOf(new IllegalArgumentException("user_id: empty (expected: an id)")))
        .extracting(Status::getCode, Status::getDescription)
        .containsExactly(Status.Code.INVALID_ARGUMENT, "user_id: empty (expected: an id)");
  }

  @Test
  void storageFailure_hasTheRulesText_andItsCauseOnlyInTheLog() {
    ErrorMapping.Builder mapping =
        ErrorMapping.builder()
            .map(
                UncheckedIOException.class,
                Status.INTERNAL.withDescription("failed to create order"));
    UncheckedIOException failure =
        new UncheckedIOException(new IOException("/var/lib/orders: no space left"));
    try (LogLines log = LogLines.of(ErrorMapping.class);
        TestServer server =
            server(
                mapping,
                TestServer.unary(
                    (request, responses) -> {
                      throw failure;
                    }))) {
      Status status = failure(server);
      assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
      assertThat(status.getDescription()).isEqualTo("failed to create order");
      assertThat(log.thrown()).containsExactly(failure);
    }
  }

  @Test
  void statusException_isKeptWithItsTrailers_andManyCallsMayThrowOne() {
    Metadata trailers = new Metadata();
    trailers.put(EXTRA, "yes");
    StatusRuntimeException notFound =
        Status.NOT_FOUND.withDescription("no order 7").asRuntimeException(trailers);
    try (LogLines log = LogLines.of(ErrorMapping.class);
        TestServer server =
            server(
                ErrorMapping.builder(),
                TestServer.unary(
                    (request, responses) -> {
                      throw notFound;
                    }))) {
      for (int i = 0; i < 3; i++) {
        StatusRuntimeException thrown = thrownBy(server);
        assertThat(thrown.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(thrown.getStatus().getDescription()).isEqualTo("no order 7");
        assertThat(thrown.getTrailers().getAll(EXTRA)).containsExactly("yes");
      }
      assertThat(log.messages()).isEmpty();
    }
  }

  @Test
  void onError_anyException_isMappedLikeAThrownOne() {
    try (LogLines log = LogLines.of(ErrorMapping.class);
        TestServer server =
            server(
                ErrorMapping.builder(),
                TestServer.unary(
                    (request, responses) ->
                        responses.onError(
                            request.equals("argument")
                                ? new IllegalArgumentException("items: none")
                                : new IllegalStateException("secret"))))) {
      assertThat(failure(server, "argument"))
          .extracting(Status::getCode, Status::getDescription)
          .containsExactly(Status.Code.INVALID_ARGUMENT, "items: none");
      assertThat(failure(server, "state"))
          .extracting(Status::getCode, Status::getDescription)
          .containsExactly(Status.Code.INTERNAL, "internal error");
      assertThat(log.thrown()).singleElement().isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void rules_areAskedInOrder_beforeTheGeneralOnes() {
    ErrorMapping.Builder mapping =
        ErrorMapping.builder()
            .map(NumberFormatException.class, e -> Status.OUT_OF_RANGE.withDescription("number"))
            .map(RuntimeException.class, Status.ABORTED);
    assertThat(statusOf(mapping, new NumberFormatException()).getCode())
        .isEqualTo(Status.Code.OUT_OF_RANGE);
    assertThat(statusOf(mapping, new IllegalArgumentException()).getCode())
        .isEqualTo(Status.Code.ABORTED);
  }

  @Test
  void rule_thatFails_isInternal() {
    try (LogLines log = LogLines.of(ErrorMapping.class)) {
      ErrorMapping.Builder mapping =
          ErrorMapping.builder()
              .map(
                  UnsupportedOperationException.class,
                  e -> {
                    throw new IllegalStateException("rule");
                  });
      assertThat(statusOf(mapping, new UnsupportedOperationException()).getCode())
          .isEqualTo(Status.Code.INTERNAL);
      assertThat(log.thrown()).singleElement().isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void exception_afterTheAnswer_isLogged_andTheAnswerStands() {
    try (LogLines log = LogLines.of(ErrorMapping.class);
        TestServer server =
            server(
                ErrorMapping.builder(),
                TestServer.unary(
                    (request, responses) -> {
                      responses.onNext("answer");
                      responses.onCompleted();
                      throw new IllegalStateException("too late");
                    }))) {
      assertThat(server.call("x")).isEqualTo("answer");
      await()
          .untilAsserted(
              () ->
                  assertThat(log.messages())
                      .containsExactly(
                          "WARNING exception after the call was closed method=test.Service/Unary"));
    }
  }

  @Test
  void badRequest_isDecodedByTheClient() throws Exception {
    RichError error =
        RichError.badRequest(
            List.of(
                new FieldViolation("user_id", "must not be empty"),
                new FieldViolation("items", "must not be empty")));
    com.google.rpc.Status status = StatusProto.fromThrowable(thrown(error.toException()));
    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT.value());
    assertThat(status.getMessage())
        .isEqualTo("user_id: must not be empty; items: must not be empty");
    assertThat(status.getDetails(0).unpack(BadRequest.class).getFieldViolationsList())
        .extracting(BadRequest.FieldViolation::getField, BadRequest.FieldViolation::getDescription)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("user_id", "must not be empty"),
            org.assertj.core.groups.Tuple.tuple("items", "must not be empty"));
  }

  @Test
  void details_infoAndRetry_areDecodedByTheClient() throws Exception {
    RichError error =
        RichError.of(Status.UNAVAILABLE.withDescription("busy"))
            .withInfo("BUSY", "orders.example.com", Map.of("queue", "7"))
            .withRetryAfter(Duration.ofMillis(1500));
    com.google.rpc.Status status = StatusProto.fromThrowable(thrown(error.toException()));
    assertThat(status.getDetails(0).unpack(ErrorInfo.class).getMetadataMap())
        .containsExactly(Map.entry("queue", "7"));
    assertThat(status.getDetails(1).unpack(RetryInfo.class).getRetryDelay())
        .isEqualTo(
            com.google.protobuf.Duration.newBuilder().setSeconds(1).setNanos(500_000_000).build());
  }

  @Test
  void details_overTheCap_lastOnesAreLeftOut_withAWarning() throws Exception {
    RichError error = RichError.of(Status.ABORTED.withDescription("conflict"));
    for (int i = 0; i < 10; i++) {
      error = error.withInfo("R" + i, "d", Map.of("text", "x".repeat(900)));
    }
    try (LogLines log = LogLines.of(ErrorMapping.class)) {
      com.google.rpc.Status status = StatusProto.fromThrowable(thrown(error.toException()));
      assertThat(status.getSerializedSize()).isLessThanOrEqualTo(4096);
      assertThat(status.getDetailsCount()).isEqualTo(4);
      assertThat(status.getDetails(3).unpack(ErrorInfo.class).getReason()).isEqualTo("R3");
      assertThat(log.messages())
          .singleElement()
          .asString()
          .startsWith("WARNING error details cut method=test.Service/Unary bytes=")
          .endsWith("max=4096 left_out=6 unlogged_since_last=0");
    }
  }

  @Test
  void description_overTheCap_isCutByBytesAsSent() {
    try (LogLines log = LogLines.of(ErrorMapping.class)) {
      String ascii = statusOf(new IllegalArgumentException("x".repeat(5000))).getDescription();
      assertThat(ascii).hasSize(1024).endsWith("x...");
      // Each of these is 4 bytes of UTF-8, and 12 as sent.
      String emoji =
          statusOf(new IllegalArgumentException("\uD83D\uDE80".repeat(500))).getDescription();
      assertThat(emoji.codePointCount(0, emoji.length())).isEqualTo((1024 - 3) / 12 + 3);
      assertThat(emoji).endsWith("\uD83D\uDE80...");
      assertThat(log.messages())
          .contains(
              "WARNING error description cut method=test.Service/Unary unlogged_since_last=0");
    }
  }

  @Test
  void maxDetailBytes_outOfRange_throws() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ErrorMapping.builder().maxDetailBytes(0))
        .withMessage("maxDetailBytes: 0 (expected: 16 to 65536)");
  }

  @Test
  void stream_failsInTheMiddle_whatWasSentArrives() {
    ServerServiceDefinition service =
        TestServer.service(
            TestServer.SERVER_STREAM,
            io.grpc.stub.ServerCalls.asyncServerStreamingCall(
                (request, responses) -> {
                  responses.onNext("one");
                  throw new IllegalArgumentException("two");
                }));
    try (TestServer server = server(ErrorMapping.builder(), service)) {
      Iterator<String> answers =
          ClientCalls.blockingServerStreamingCall(
              server.channel(), TestServer.SERVER_STREAM, CallOptions.DEFAULT, "x");
      assertThat(answers.next()).isEqualTo("one");
      assertThat(catchThrowableOfType(StatusRuntimeException.class, answers::hasNext).getStatus())
          .extracting(Status::getCode, Status::getDescription)
          .containsExactly(Status.Code.INVALID_ARGUMENT, "two");
    }
  }

  private static StatusRuntimeException thrown(RuntimeException byHandler) {
    return thrown(ErrorMapping.builder(), byHandler);
  }

  private static StatusRuntimeException thrown(
      ErrorMapping.Builder mapping, RuntimeException byHandler) {
    try (TestServer server =
        server(
            mapping,
            TestServer.unary(
                (request, responses) -> {
                  throw byHandler;
                }))) {
      return thrownBy(server);
    }
  }

  private static Status statusOf(RuntimeException byHandler) {
    return thrown(byHandler).getStatus();
  }

  private static Status statusOf(ErrorMapping.Builder mapping, RuntimeException byHandler) {
    return thrown(mapping, byHandler).getStatus();
  }

  private static StatusRuntimeException thrownBy(TestServer server) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> server.call("x"));
  }

  private static Status failure(TestServer server) {
    return failure(server, "x");
  }

  private static Status failure(TestServer server, String request) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> server.call(request))
        .getStatus();
  }

  private static TestServer server(ErrorMapping.Builder mapping, ServerServiceDefinition service) {
    ServerSlots slots = ServerSlots.builder().add(Slot.ERROR_MAPPING, mapping.build()).build();
    return TestServer.inProcess(slots::installOn, service);
  }

  private static ServerServiceDefinition throwing(Callback where, RuntimeException thrown) {
    ServerCallHandler<String, String> handler =
        (call, headers) -> {
          if (where == Callback.START) {
            throw thrown;
          }
          call.request(2);
          return new ServerCall.Listener<>() {
            @Override
            public void onMessage(String message) {
              throwAt(Callback.MESSAGE);
            }

            @Override
            public void onHalfClose() {
              throwAt(Callback.HALF_CLOSE);
              call.sendHeaders(new Metadata());
              call.sendMessage("x");
            }

            @Override
            public void onReady() {
              throwAt(Callback.READY);
            }

            private void throwAt(Callback callback) {
              if (where == callback) {
                throw thrown;
              }
            }
          };
        };
    return TestServer.service(TestServer.UNARY, handler);
  }
}
