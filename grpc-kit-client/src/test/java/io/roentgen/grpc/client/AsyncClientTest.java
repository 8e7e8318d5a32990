// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client of orders that never blocks a thread: connects, creates, watches and closes. */
@Timeout(60)
class AsyncClientTest {
  private final AtomicInteger created = new AtomicInteger();
  private final CompletableFuture<Void> watchEnded = new CompletableFuture<>();

  /** Fails the first creation, and watches for ever. */
  private ServerServiceDefinition orders() {
    return ServerServiceDefinition.builder(Echo.SERVICE)
        .addMethod(
            Echo.UNARY,
            ServerCalls.asyncUnaryCall(
                (user, to) -> {
                  if (created.incrementAndGet() == 1) {
                    to.onError(Status.UNAVAILABLE.asRuntimeException());
                  } else {
                    to.onNext("order of " + user);
                    to.onCompleted();
                  }
                }))
        .addMethod(
            Echo.LIST,
            ServerCalls.asyncServerStreamingCall(
                (order, to) -> {
                  ((ServerCallStreamObserver<String>) to)
                      .setOnCancelHandler(() -> watchEnded.complete(null));
                  to.onNext(order + ": PENDING");
                  to.onNext(order + ": CONFIRMED");
                }))
        .build();
  }

  @Test
  void client_connectsCreatesWatchesAndCloses_withoutAnError() throws Exception {
    String name = InProcessServerBuilder.generateName();
    Server server = InProcessServerBuilder.forName(name).addService(orders()).build().start();
    ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
    Retry retry = Retry.builder().base(Duration.ofMillis(1)).build();
    try {
      CompletableFuture<Watch<String, String>> watching =
          Connections.whenReady(channel, Duration.ofSeconds(10))
              .thenCompose(
                  ready -> retry.callAsync(channel, Echo.UNARY, CallOptions.DEFAULT, "ada"))
              .thenApply(order -> Watch.of(channel, Echo.LIST, CallOptions.DEFAULT, order));
      Watch<String, String> watch = watching.get(20, TimeUnit.SECONDS);
      Collecting<String> updates = new Collecting<>(10);
      Collecting<StatusRuntimeException> errors = new Collecting<>(1);
      watch.errors().subscribe(errors);
      watch.updates().subscribe(updates);
      await().until(() -> updates.items.size() == 2);
      assertThat(updates.items).containsExactly("order of ada: PENDING", "order of ada: CONFIRMED");
      watch.close();
      // The call ends as CANCELLED, which is what was asked for.
      assertThat(updates.awaitEnd()).isNull();
      assertThat(errors.awaitEnd()).isNull();
      assertThat(errors.items).isEmpty();
      watchEnded.get(20, TimeUnit.SECONDS);
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }
}
