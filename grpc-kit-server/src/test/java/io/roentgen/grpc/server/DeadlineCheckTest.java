// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadlineCheckTest {
  private final AtomicInteger handled = new AtomicInteger();
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final ServerServiceDefinition service =
      TestServer.unary(
          (request, responses) -> {
            handled.incrementAndGet();
            responses.onNext(request);
            responses.onCompleted();
          });

  @AfterEach
  void stop() {
    timer.shutdownNow();
  }

  @Test
  void call_noDeadline_passes() {
    try (TestServer server = server(DeadlineCheck.refusingLessThan(Duration.ofSeconds(1)))) {
      assertThat(server.call("x")).isEqualTo("x");
    }
  }

  @Test
  void call_enoughLeft_passes() {
    try (TestServer server = server(DeadlineCheck.refusingLessThan(Duration.ofSeconds(1)))) {
      assertThat(call(server, Duration.ofHours(1))).isEqualTo("x");
    }
  }

  @Test
  void call_tooLittleLeft_isRefusedBeforeTheHandler() {
    try (TestServer server = server(DeadlineCheck.refusingLessThan(Duration.ofHours(2)))) {
      StatusRuntimeException refused =
          catchThrowableOfType(
              StatusRuntimeException.class, () -> call(server, Duration.ofHours(1)));
      assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(refused.getStatus().getDescription())
          .matches("deadline: 3[0-9]{6} ms left \\(expected: at least 7200000 ms\\)");
      assertThat(handled).hasValue(0);
    }
  }

  @Test
  void call_expired_isRefusedBeforeTheHandler() {
    // The deadline of a call is that of the context it arrives in.
    ServerInterceptor late =
        new ServerInterceptor() {
          @Override
          public <Q, R> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            Context.CancellableContext expired =
                Context.current().withDeadline(Deadline.after(-1, TimeUnit.SECONDS), timer);
            try {
              return expired.call(() -> next.startCall(call, headers));
            } catch (Exception e) {
              throw new IllegalStateException(e);
            } finally {
              expired.cancel(null);
            }
          }
        };
    ServerSlots slots =
        ServerSlots.builder()
            .add(Slot.AUTH, late)
            .add(Slot.DEADLINE, DeadlineCheck.refusingExpired())
            .build();
    try (TestServer server = TestServer.inProcess(slots::installOn, service)) {
      assertThat(
              catchThrowableOfType(StatusRuntimeException.class, () -> server.call("x"))
                  .getStatus()
                  .getCode())
          .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(handled).hasValue(0);
    }
  }

  @Test
  void maximum_noDeadline_endsCallAndContext() throws Exception {
    CompletableFuture<Context> context = new CompletableFuture<>();
    CompletableFuture<String> cancelled = new CompletableFuture<>();
    ServerServiceDefinition hanging =
        TestServer.unary(
            (request, responses) -> {
              ((ServerCallStreamObserver<String>) responses)
                  .setOnCancelHandler(() -> cancelled.complete("cancelled"));
              context.complete(Context.current());
            });
    DeadlineCheck check = DeadlineCheck.refusingExpired().withMaximum(Duration.ofMillis(50), timer);
    ServerSlots slots = ServerSlots.builder().add(Slot.DEADLINE, check).build();
    try (TestServer server = TestServer.inProcess(slots::installOn, hanging)) {
      StatusRuntimeException over =
          catchThrowableOfType(StatusRuntimeException.class, () -> server.call("x"));
      assertThat(over.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(over.getStatus().getDescription())
          .isEqualTo("the server gives a call 50 ms; send a deadline to know when");
      assertThat(context.get(10, TimeUnit.SECONDS).isCancelled()).isTrue();
      assertThat(cancelled.get(10, TimeUnit.SECONDS)).isEqualTo("cancelled");
    }
  }

  @Test
  void maximum_callEndsBefore_leavesNoTimer() {
    timer.setRemoveOnCancelPolicy(true);
    DeadlineCheck check = DeadlineCheck.refusingExpired().withMaximum(Duration.ofHours(1), timer);
    try (TestServer server = server(check)) {
      for (int i = 0; i < 20; i++) {
        assertThat(server.call("x")).isEqualTo("x");
      }
      await().untilAsserted(() -> assertThat(timer.getQueue()).isEmpty());
    }
  }

  @Test
  void maximum_shorterDeadline_staysTheCallers() {
    CompletableFuture<Long> left = new CompletableFuture<>();
    ServerServiceDefinition telling =
        TestServer.unary(
            (request, responses) -> {
              left.complete(Context.current().getDeadline().timeRemaining(TimeUnit.MINUTES));
              responses.onNext("x");
              responses.onCompleted();
            });
    DeadlineCheck check = DeadlineCheck.refusingExpired().withMaximum(Duration.ofHours(9), timer);
    ServerSlots slots = ServerSlots.builder().add(Slot.DEADLINE, check).build();
    try (TestServer server = TestServer.inProcess(slots::installOn, telling)) {
      call(server, Duration.ofHours(1));
      assertThat(left.join()).isBetween(50L, 60L);
    }
  }

  @Test
  void refusingLessThan_nothing_throws() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeadlineCheck.refusingLessThan(Duration.ZERO))
        .withMessage("minimum: PT0S (expected: more than 0)");
  }

  private static String call(TestServer server, Duration deadline) {
    return ClientCalls.blockingUnaryCall(
        server.channel(),
        TestServer.UNARY,
        CallOptions.DEFAULT.withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS),
        "x");
  }

  private TestServer server(DeadlineCheck check) {
    ServerSlots slots = ServerSlots.builder().add(Slot.DEADLINE, check).build();
    return TestServer.inProcess(slots::installOn, service);
  }
}
