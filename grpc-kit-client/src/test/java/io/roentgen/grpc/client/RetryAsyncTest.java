// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class RetryAsyncTest {
  private static final MethodDescriptor<String, String> IDEMPOTENT =
      Echo.UNARY.toBuilder().setIdempotent(true).build();

  private final FakeClock clock = new FakeClock();
  private final List<CompletableFuture<String>> attempts = new ArrayList<>();
  private final Retry retry = Retry.builder().scheduler(clock).random(() -> 0.5).build();
  private Server server;
  private ManagedChannel channel;

  @AfterEach
  void stop() {
    if (server != null) {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  private CompletableFuture<String> attempt() {
    CompletableFuture<String> attempt = new CompletableFuture<>();
    attempts.add(attempt);
    return attempt;
  }

  private void fail(int number, Status status) {
    attempts.get(number - 1).completeExceptionally(status.asRuntimeException());
  }

  /** What an ended future failed with, as it is. */
  private static Throwable failure(CompletableFuture<?> future) {
    assertThat(future).isDone();
    return future.handle((answer, failure) -> failure).join();
  }

  private static Code code(CompletableFuture<?> future) {
    return Status.fromThrowable(failure(future)).getCode();
  }

  @Test
  void callAsync_alwaysUnavailable_triesThreeTimesWithDoublingWaits() {
    CompletableFuture<String> result = retry.callAsync(IDEMPOTENT, this::attempt);
    fail(1, Status.UNAVAILABLE);
    clock.advance(Duration.ofMillis(999));
    assertThat(attempts).hasSize(1);
    clock.advance(Duration.ofMillis(1));
    assertThat(attempts).hasSize(2);
    fail(2, Status.UNAVAILABLE);
    clock.advance(Duration.ofMillis(1999));
    assertThat(attempts).hasSize(2);
    clock.advance(Duration.ofMillis(1));
    assertThat(attempts).hasSize(3);
    assertThat(result).isNotDone();
    fail(3, Status.UNAVAILABLE.withDescription("third"));
    assertThat(failure(result))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessage("UNAVAILABLE: third");
    assertThat(clock.pending()).isZero();
  }

  @Test
  void callAsync_goodAtLast_completesWithItsAnswer() {
    CompletableFuture<String> result = retry.callAsync(IDEMPOTENT, this::attempt);
    fail(1, Status.RESOURCE_EXHAUSTED);
    clock.advance(Duration.ofSeconds(1));
    attempts.get(1).complete("ok");
    assertThat(result).isCompletedWithValue("ok");
    assertThat(clock.pending()).isZero();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OK")
  void callAsync_eachCode_isTriedAgainAsBlockingCallsAre(Code code) {
    CompletableFuture<String> result = retry.callAsync(IDEMPOTENT, this::attempt);
    fail(1, code.toStatus());
    boolean retried = Retry.DEFAULT_CODES.contains(code);
    assertThat(result.isDone()).isEqualTo(!retried);
    assertThat(clock.pending()).isEqualTo(retried ? 1 : 0);
  }

  @Test
  void callAsync_jitter_isFivePercentEitherWay() {
    for (double random : new double[] {0, 1}) {
      attempts.clear();
      Retry jittered = Retry.builder().scheduler(clock).random(() -> random).build();
      CompletableFuture<String> result = jittered.callAsync(IDEMPOTENT, this::attempt);
      fail(1, Status.UNAVAILABLE);
      clock.advance(Duration.ofMillis(random == 0 ? 949 : 1049));
      assertThat(attempts).hasSize(1);
      clock.advance(Duration.ofMillis(1));
      assertThat(attempts).hasSize(2);
      attempts.get(1).complete("ok");
      assertThat(result).isCompleted();
    }
  }

  @Test
  void callAsync_wrappedAndCheckedStatus_areTriedAgainToo() {
    CompletableFuture<String> result =
        retry.callAsync(IDEMPOTENT, () -> attempt().thenApply(answer -> answer));
    fail(1, Status.UNAVAILABLE); // Arrives in a CompletionException.
    clock.advance(Duration.ofSeconds(1));
    attempts.get(1).completeExceptionally(Status.UNAVAILABLE.asException());
    clock.advance(Duration.ofSeconds(2));
    attempts.get(2).complete("ok");
    assertThat(result).isCompletedWithValue("ok");
  }

  @Test
  void callAsync_otherFailures_endItAsTheyAre() {
    CompletableFuture<String> result = retry.callAsync(IDEMPOTENT, this::attempt);
    IOException disk = new IOException("disk");
    attempts.get(0).completeExceptionally(new CompletionException(disk));
    assertThat(failure(result)).isSameAs(disk);
    assertThat(
            failure(
                retry.<String>callAsync(
                    IDEMPOTENT,
                    () -> {
                      throw new IllegalStateException("cannot start");
                    })))
        .hasMessage("cannot start");
    CompletionStage<String> none = null;
    assertThat(failure(retry.callAsync(IDEMPOTENT, () -> none)))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("attempt");
    assertThat(clock.pending()).isZero();
  }

  @Test
  void callAsync_attemptThatThrowsAStatus_isTriedAgain() {
    CompletableFuture<String> result =
        retry.callAsync(
            IDEMPOTENT,
            () -> {
              if (attempt() != null && attempts.size() == 1) {
                throw Status.UNAVAILABLE.asRuntimeException();
              }
              return CompletableFuture.completedStage("ok");
            });
    clock.advance(Duration.ofSeconds(1));
    assertThat(result).isCompletedWithValue("ok");
  }

  @Test
  void callAsync_eachAttempt_isLoggedAndTheMethodWarnedOfOnce() {
    try (LogLines log = new LogLines(Retry.class)) {
      for (int i = 0; i < 2; i++) {
        attempts.clear();
        CompletableFuture<String> result = retry.callAsync(Echo.UNARY, this::attempt);
        fail(1, Status.UNAVAILABLE);
        clock.advance(Duration.ofSeconds(1));
        attempts.get(1).complete("ok");
        assertThat(result).isCompletedWithValue("ok");
      }
      assertThat(log.lines())
          .containsExactly(
              "WARNING call retried though its method is not declared idempotent; what it does may"
                  + " happen twice method=test.Echo/Unary",
              "INFO call retried method=test.Echo/Unary attempt=1 of=3 code=UNAVAILABLE wait=PT1S",
              "INFO call retried method=test.Echo/Unary attempt=1 of=3 code=UNAVAILABLE wait=PT1S");
    }
  }

  @Test
  void callAsync_pushback_decidesTheWaitOrRefuses() {
    Metadata soon = new Metadata();
    soon.put(RetryHints.PUSHBACK, "30");
    CompletableFuture<String> result = retry.callAsync(IDEMPOTENT, this::attempt);
    attempts.get(0).completeExceptionally(Status.UNAVAILABLE.asRuntimeException(soon));
    clock.advance(Duration.ofMillis(29));
    assertThat(attempts).hasSize(1);
    clock.advance(Duration.ofMillis(1));
    assertThat(attempts).hasSize(2);
    Metadata never = new Metadata();
    never.put(RetryHints.PUSHBACK, "-1");
    attempts.get(1).completeExceptionally(Status.UNAVAILABLE.asRuntimeException(never));
    assertThat(code(result)).isEqualTo(Code.UNAVAILABLE);
    assertThat(clock.pending()).isZero();
  }

  @Test
  void callAsync_deadlineBeforeNextAttempt_isNotTriedAgain() {
    Deadline.Ticker ticker =
        new Deadline.Ticker() {
          @Override
          public long nanoTime() {
            return clock.getAsLong();
          }
        };
    Deadline deadline = Deadline.after(1500, TimeUnit.MILLISECONDS, ticker);
    CompletableFuture<String> result = retry.callAsync(IDEMPOTENT, deadline, this::attempt);
    fail(1, Status.UNAVAILABLE);
    clock.advance(Duration.ofSeconds(1));
    fail(2, Status.UNAVAILABLE);
    assertThat(code(result)).isEqualTo(Code.UNAVAILABLE);
    assertThat(attempts).hasSize(2);
    assertThat(clock.pending()).isZero();
  }

  @Test
  void callAsync_contextCancelledWhileWaiting_endsTheWaitWithWhatFailed() {
    Context.Key<String> key = Context.key("user");
    List<String> users = new ArrayList<>();
    Context.CancellableContext context = Context.current().withValue(key, "ada").withCancellation();
    List<CompletableFuture<String>> results = new ArrayList<>();
    context.run(
        () ->
            results.add(
                retry.callAsync(
                    IDEMPOTENT,
                    () -> {
                      users.add(key.get());
                      return attempt();
                    })));
    fail(1, Status.UNAVAILABLE);
    clock.advance(Duration.ofSeconds(1));
    assertThat(users).containsExactly("ada", "ada");
    fail(2, Status.UNAVAILABLE.withDescription("second"));
    assertThat(results.get(0)).isNotDone();
    context.cancel(null);
    assertThat(failure(results.get(0))).hasMessage("UNAVAILABLE: second");
    assertThat(clock.pending()).isZero();
  }

  @Test
  void callAsync_contextCancelledBefore_isNotTriedAgain() {
    Context.CancellableContext context = Context.current().withCancellation();
    context.cancel(null);
    List<CompletableFuture<String>> results = new ArrayList<>();
    context.run(() -> results.add(retry.callAsync(IDEMPOTENT, this::attempt)));
    fail(1, Status.UNAVAILABLE);
    assertThat(code(results.get(0))).isEqualTo(Code.UNAVAILABLE);
    assertThat(clock.pending()).isZero();
  }

  @Test
  void callAsync_contextDeadline_holdsForAllAttempts() {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    Context.CancellableContext context =
        Context.current().withDeadlineAfter(500, TimeUnit.MILLISECONDS, timer);
    List<CompletableFuture<String>> results = new ArrayList<>();
    try {
      context.run(() -> results.add(retry.callAsync(IDEMPOTENT, this::attempt)));
      fail(1, Status.UNAVAILABLE);
    } finally {
      context.cancel(null);
      timer.shutdownNow();
    }
    assertThat(code(results.get(0))).isEqualTo(Code.UNAVAILABLE);
    assertThat(attempts).hasSize(1);
  }

  @Test
  void callAsync_cancelledWhileWaiting_startsNothingMore() {
    CompletableFuture<String> result = retry.callAsync(IDEMPOTENT, this::attempt);
    fail(1, Status.UNAVAILABLE);
    result.cancel(true);
    assertThat(clock.pending()).isZero();
    clock.advance(Duration.ofMinutes(1));
    assertThat(attempts).hasSize(1);
  }

  @Test
  void callAsync_cancelledDuringAnAttempt_cancelsIt() {
    CompletableFuture<String> result = retry.callAsync(IDEMPOTENT, this::attempt);
    fail(1, Status.UNAVAILABLE);
    clock.advance(Duration.ofSeconds(1));
    result.cancel(true);
    assertThat(attempts.get(1)).isCancelled();
  }

  @Test
  void callAsync_schedulerShutDown_failsWithWhatFailed() {
    ScheduledExecutorService gone = Executors.newSingleThreadScheduledExecutor();
    gone.shutdownNow();
    CompletableFuture<String> result =
        Retry.builder().scheduler(gone).build().callAsync(IDEMPOTENT, this::attempt);
    fail(1, Status.UNAVAILABLE);
    assertThat(failure(result)).hasMessage("UNAVAILABLE");
    assertThat(failure(result).getSuppressed()).hasSize(1);
  }

  private void serve(ServerCalls.UnaryMethod<String, String> handler) throws IOException {
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name).addService(Echo.unary(handler)).build().start();
    channel = InProcessChannelBuilder.forName(name).build();
  }

  @Test
  void callAsync_channel_makesTheCallUntilItIsGood() throws Exception {
    List<String> requests = new ArrayList<>();
    serve(
        (request, to) -> {
          requests.add(request);
          if (requests.size() < 3) {
            to.onError(Status.UNAVAILABLE.asRuntimeException());
          } else {
            to.onNext("answer to " + request);
            to.onCompleted();
          }
        });
    CompletableFuture<String> result =
        Retry.builder()
            .base(Duration.ofMillis(1))
            .build()
            .callAsync(channel, IDEMPOTENT, CallOptions.DEFAULT, "x");
    assertThat(result.get(20, TimeUnit.SECONDS)).isEqualTo("answer to x");
    assertThat(requests).containsExactly("x", "x", "x");
  }

  @Test
  void callAsync_channelCancelled_cancelsTheCall() throws Exception {
    CompletableFuture<Void> served = new CompletableFuture<>();
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    serve(
        (request, to) -> {
          ((ServerCallStreamObserver<String>) to)
              .setOnCancelHandler(() -> cancelled.complete(null));
          served.complete(null);
        });
    CompletableFuture<String> result =
        retry.callAsync(channel, IDEMPOTENT, CallOptions.DEFAULT, "x");
    served.get(20, TimeUnit.SECONDS);
    result.cancel(true);
    cancelled.get(20, TimeUnit.SECONDS);
    assertThatThrownBy(result::get).isInstanceOf(CancellationException.class);
  }

  @Test
  void callAsync_channelWithDeadline_endsWithIt() throws Exception {
    serve((request, to) -> {});
    CompletableFuture<String> result =
        retry.callAsync(
            channel,
            IDEMPOTENT,
            CallOptions.DEFAULT.withDeadlineAfter(50, TimeUnit.MILLISECONDS),
            "x");
    assertThatThrownBy(() -> result.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("DEADLINE_EXCEEDED");
    assertThat(clock.pending()).isZero();
  }

  @Test
  void callAsync_wrongNumberOfAnswers_isInternal() throws Exception {
    for (int answers : new int[] {0, 2}) {
      stop();
      // The client takes for unary what the server streams.
      String name = InProcessServerBuilder.generateName();
      MethodDescriptor<String, String> unary =
          Echo.method(MethodDescriptor.MethodType.UNARY, "List");
      server =
          InProcessServerBuilder.forName(name)
              .addService(
                  Echo.list(
                      (request, to) -> {
                        for (int i = 0; i < answers; i++) {
                          to.onNext("a");
                        }
                        to.onCompleted();
                      }))
              .build()
              .start();
      channel = InProcessChannelBuilder.forName(name).build();
      CompletableFuture<String> result = retry.callAsync(channel, unary, CallOptions.DEFAULT, "x");
      assertThatThrownBy(() -> result.get(20, TimeUnit.SECONDS))
          .hasMessageContaining(
              "INTERNAL: " + (answers == 0 ? "no answer" : "more than one answer"));
    }
  }

  @Test
  void callAsync_methodWithAStream_isRefused() throws Exception {
    serve((request, to) -> {});
    assertThatThrownBy(() -> retry.callAsync(channel, Echo.LIST, CallOptions.DEFAULT, "x"))
        .hasMessage("method: test.Echo/List of type SERVER_STREAMING (expected: a unary one)");
  }
}
