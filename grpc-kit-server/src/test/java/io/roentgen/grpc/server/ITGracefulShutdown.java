// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.roentgen.grpc.server.GracefulShutdown.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Shutdowns of a server on a socket, with calls open. */
class ITGracefulShutdown {
  private final ServerHealth health = new ServerHealth();
  private final ShutdownGuard guard = ShutdownGuard.create();
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch answer = new CountDownLatch(1);
  private final ServerServiceDefinition waiting =
      TestServer.unary(
          (request, responses) -> {
            entered.countDown();
            try {
              answer.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            responses.onNext("answered");
            responses.onCompleted();
          });

  @Test
  void run_noCalls_endsTheServer_andWatchersHearNotServing() {
    try (TestServer server = server(waiting)) {
      Answers<HealthCheckResponse> watch = new Answers<>();
      HealthGrpc.newStub(server.channel()).watch(HealthCheckRequest.getDefaultInstance(), watch);
      await().until(() -> watch.received.size() == 1);
      assertThat(shutdown(server, Duration.ofMinutes(5)).run()).isEqualTo(Outcome.DRAINED);
      assertThat(server.server().isTerminated()).isTrue();
      assertThat(watch.status()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(watch.received)
          .extracting(HealthCheckResponse::getStatus)
          .containsExactly(
              HealthCheckResponse.ServingStatus.SERVING,
              HealthCheckResponse.ServingStatus.NOT_SERVING);
      assertThat(guard.openCalls()).isZero();
    }
  }

  @Test
  void run_callInFlight_isAnswered() throws Exception {
    try (TestServer server = server(waiting)) {
      CompletableFuture<String> call = CompletableFuture.supplyAsync(() -> server.call("x"));
      entered.await();
      assertThat(guard.openCalls()).isEqualTo(1);
      CompletableFuture<Outcome> outcome =
          CompletableFuture.supplyAsync(
              shutdown(server, Duration.ofMinutes(5))::run, run -> new Thread(run).start());
      await().until(guard::isDraining);
      assertThat(outcome).isNotDone();
      answer.countDown();
      assertThat(call.get(10, TimeUnit.SECONDS)).isEqualTo("answered");
      assertThat(outcome.get(10, TimeUnit.SECONDS)).isEqualTo(Outcome.DRAINED);
    }
  }

  @Test
  void run_callThatDoesNotEnd_isCancelled() throws Exception {
    CompletableFuture<String> cancelled = new CompletableFuture<>();
    ServerServiceDefinition hanging =
        TestServer.unary(
            (request, responses) -> {
              ((ServerCallStreamObserver<String>) responses)
                  .setOnCancelHandler(() -> cancelled.complete("cancelled"));
              entered.countDown();
            });
    try (TestServer server = server(hanging)) {
      Answers<String> call = new Answers<>();
      ClientCalls.asyncUnaryCall(
          server.channel().newCall(TestServer.UNARY, CallOptions.DEFAULT), "x", call);
      entered.await();
      assertThat(shutdown(server, Duration.ofMillis(20)).run()).isEqualTo(Outcome.FORCED);
      assertThat(cancelled.get(10, TimeUnit.SECONDS)).isEqualTo("cancelled");
      assertThat(call.status()).isIn(Status.Code.UNAVAILABLE, Status.Code.CANCELLED);
      assertThat(server.server().isTerminated()).isTrue();
      await().untilAsserted(() -> assertThat(guard.openCalls()).isZero());
    }
  }

  @Test
  void run_openStreams_areToldAndEndThemselves() {
    ServerServiceDefinition listening =
        TestServer.service(
            TestServer.SERVER_STREAM,
            ServerCalls.asyncServerStreamingCall(
                (request, responses) -> {
                  ShutdownSignal.current()
                      .onShutdown(
                          () -> {
                            responses.onNext("bye");
                            responses.onCompleted();
                          });
                  responses.onNext("hello");
                }));
    try (TestServer server = server(listening)) {
      List<Answers<String>> streams = new CopyOnWriteArrayList<>();
      for (int i = 0; i < 20; i++) {
        streams.add(open(server));
      }
      await().until(() -> streams.stream().allMatch(stream -> stream.received.size() == 1));
      assertThat(shutdown(server, Duration.ofMinutes(5)).run()).isEqualTo(Outcome.DRAINED);
      for (Answers<String> stream : streams) {
        assertThat(stream.status()).isEqualTo(Status.Code.OK);
        assertThat(stream.received).containsExactly("hello", "bye");
      }
    }
  }

  @Test
  void run_streamsOfNamedMethods_areClosed() {
    ServerServiceDefinition deaf =
        TestServer.service(
            TestServer.SERVER_STREAM,
            ServerCalls.asyncServerStreamingCall(
                (request, responses) -> responses.onNext("hello")));
    ShutdownGuard closing = ShutdownGuard.closing("test.Service/ServerStream");
    ServerSlots slots = ServerSlots.builder().add(Slot.SHUTDOWN_GUARD, closing).build();
    try (TestServer server = TestServer.netty(slots::installOn, deaf)) {
      Answers<String> stream = open(server);
      await().until(() -> stream.received.size() == 1);
      GracefulShutdown shutdown =
          GracefulShutdown.of(server.server())
              .guard(closing)
              .propagation(Duration.ZERO)
              .drain(Duration.ofMinutes(5))
              .build();
      assertThat(shutdown.run()).isEqualTo(Outcome.DRAINED);
      assertThat(stream.status()).isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  private static Answers<String> open(TestServer server) {
    Answers<String> answers = new Answers<>();
    ClientCall<String, String> call =
        server.channel().newCall(TestServer.SERVER_STREAM, CallOptions.DEFAULT);
    ClientCalls.asyncServerStreamingCall(call, "x", answers);
    return answers;
  }

  private GracefulShutdown shutdown(TestServer server, Duration drain) {
    return GracefulShutdown.of(server.server())
        .health(health)
        .guard(guard)
        .propagation(Duration.ofMillis(20))
        .drain(drain)
        .build();
  }

  private TestServer server(ServerServiceDefinition service) {
    ServerSlots slots = ServerSlots.builder().add(Slot.SHUTDOWN_GUARD, guard).build();
    return TestServer.netty(slots::installOn, service, health.service().bindService());
  }

  private static final class Answers<T> implements StreamObserver<T> {
    private final List<T> received = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Status.Code> status = new CompletableFuture<>();

    @Override
    public void onNext(T message) {
      received.add(message);
    }

    @Override
    public void onError(Throwable thrown) {
      status.complete(Status.fromThrowable(thrown).getCode());
    }

    @Override
    public void onCompleted() {
      status.complete(Status.Code.OK);
    }

    Status.Code status() {
      return status.orTimeout(10, TimeUnit.SECONDS).join();
    }
  }
}
