// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.testing;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.roentgen.grpc.GrpcKit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Services and a channel to them in one process, both traced, without a network.
 *
 * <pre>{@code
 * try (InProcess orders = InProcess.of(new OrdersService())) {
 *   OrdersGrpc.newBlockingStub(orders.channel()).place(order);
 *   assertThat(orders.spans().take(Kind.CLIENT).status()).isEqualTo(Status.OK);
 *   assertThat(orders.spans().take(Kind.SERVER).annotations()).containsEntry("order_id", "o-1");
 * }
 * }</pre>
 *
 * <p>What only a network shows is not seen: gRPC hands messages over unserialized where it can, and
 * limits of sizes do not apply.
 */
public final class InProcess implements AutoCloseable {
  /** How long calls have to end when this is closed. */
  private static final long GRACE_SECONDS = 5;

  private final GrpcKit kit;
  private final RecordedSpans spans;
  private final Server server;
  private final ManagedChannel channel;

  private InProcess(BindableService... services) {
    spans = new RecordedSpans();
    kit = GrpcKit.builder("test").spans(spans).build();
    String name = UUID.randomUUID().toString();
    InProcessServerBuilder builder = kit.instrument(InProcessServerBuilder.forName(name));
    for (BindableService service : services) {
      builder.addService(service);
    }
    try {
      server = builder.build().start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a server in process", e);
    }
    channel = kit.instrument(InProcessChannelBuilder.forName(name)).build();
  }

  /** Starts services, and a channel to them. */
  public static InProcess of(BindableService... services) {
    return new InProcess(services);
  }

  /** Returns the channel, whose calls are traced. */
  public ManagedChannel channel() {
    return channel;
  }

  /** Returns the spans of both sides. */
  public RecordedSpans spans() {
    return spans;
  }

  /** Returns the kit of both sides. */
  public GrpcKit kit() {
    return kit;
  }

  /**
   * Ends the channel and the server, and then checks the spans. Calls that go on have a moment to
   * end before they are cancelled.
   *
   * @throws AssertionError if a span was not taken or did not end, or the server does not
   */
  @Override
  public void close() {
    channel.shutdown();
    server.shutdown();
    try {
      if (!channel.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS)) {
        channel.shutdownNow();
      }
      if (!server.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow();
        if (!server.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS)) {
          throw new AssertionError("server goes on: a handler does not heed its cancellation");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    kit.close();
  }
}
