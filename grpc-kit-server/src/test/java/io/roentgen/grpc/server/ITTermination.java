// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What SIGTERM does to a process with a server, seen by its clients and by who waits for it. */
class ITTermination {
  /** What a JVM that was ended by SIGTERM exits with: 128 and the signal's number. */
  private static final int TERMINATED = 143;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path folder;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final List<ServingStatus> healths = new CopyOnWriteArrayList<>();
  private Process process;

  @AfterEach
  void end() throws InterruptedException {
    channels.forEach(ManagedChannel::shutdownNow);
    if (process != null) {
      process.toHandle().destroyForcibly();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void sigterm_withACallInFlight_refusesNewOnesAnswersThatAndExits() throws Exception {
    int port = start(1000, 60_000);
    ManagedChannel channel = open(port);
    watch(channel);
    await().atMost(PATIENCE).until(() -> healths.equals(List.of(ServingStatus.SERVING)));
    CompletableFuture<String> waiting = CompletableFuture.supplyAsync(() -> call(channel, "wait"));
    awaitLine("waiting");

    terminate();

    await()
        .atMost(PATIENCE)
        .until(() -> healths.equals(List.of(ServingStatus.SERVING, ServingStatus.NOT_SERVING)));
    // On the connection that is there, and on a new one.
    for (ManagedChannel used : List.of(channel, open(port))) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(refusal(used)).isEqualTo(Status.Code.UNAVAILABLE));
    }
    assertThat(waiting).isNotDone();
    assertThat(process.isAlive()).isTrue();

    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
    assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo("answered wait");
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(TERMINATED);
    awaitLine("ended DRAINED");
    assertThat(lines).doesNotContain("cancelled");
  }

  @Test
  void sigterm_withACallThatDoesNotEnd_cancelsItAndExitsInTime() throws Exception {
    ManagedChannel channel = open(start(0, 300));
    CompletableFuture<String> waiting = CompletableFuture.supplyAsync(() -> call(channel, "wait"));
    awaitLine("waiting");

    terminate();

    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(TERMINATED);
    awaitLine("ended FORCED");
    ExecutionException failed =
        catchThrowableOfType(ExecutionException.class, () -> waiting.get(30, TimeUnit.SECONDS));
    assertThat(Status.fromThrowable(failed.getCause()).getCode())
        .isIn(Status.Code.UNAVAILABLE, Status.Code.CANCELLED);
  }

  /** Starts a server in a process of its own and returns its port. */
  private int start(long propagationMillis, long drainMillis) throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                TerminatedServer.class.getName(),
                Long.toString(propagationMillis),
                Long.toString(drainMillis))
            .redirectError(folder.resolve("errors").toFile())
            .start();
    Thread reader = new Thread(this::read, "lines of the server");
    reader.setDaemon(true);
    reader.start();
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(lines).as("lines; errors are in %s", folder).isNotEmpty());
    return Integer.parseInt(lines.get(0).substring("port ".length()));
  }

  /** Sends SIGTERM. {@link Process#destroy} does that too, but closes the streams. */
  private void terminate() {
    assertThat(process.supportsNormalTermination()).isTrue();
    assertThat(process.toHandle().destroy()).isTrue();
  }

  private void read() {
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      out.lines().forEach(lines::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitLine(String line) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(lines).contains(line));
  }

  private ManagedChannel open(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(InetAddress.getLoopbackAddress().getHostAddress(), port)
            .usePlaintext()
            .build();
    channels.add(channel);
    return channel;
  }

  private static String call(ManagedChannel channel, String request) {
    return ClientCalls.blockingUnaryCall(channel, TestServer.UNARY, CallOptions.DEFAULT, request);
  }

  /** Returns how a new call is refused, OK if it is answered. */
  private static Status.Code refusal(ManagedChannel channel) {
    try {
      call(channel, "new");
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private void watch(ManagedChannel channel) {
    HealthGrpc.newStub(channel)
        .watch(
            HealthCheckRequest.getDefaultInstance(),
            new StreamObserver<>() {
              @Override
              public void onNext(HealthCheckResponse health) {
                healths.add(health.getStatus());
              }

              @Override
              public void onError(Throwable ended) {}

              @Override
              public void onCompleted() {}
            });
  }
}
