// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.common;

import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.roentgen.grpc.server.GracefulShutdown;
import io.roentgen.grpc.server.ServerHealth;
import io.roentgen.grpc.server.ServerSlots;
import io.roentgen.grpc.server.ServerTransport;
import io.roentgen.grpc.server.ShutdownGuard;
import io.roentgen.grpc.server.Slot;
import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A gRPC server as every application has it, of the kit's parts: spans and metrics (of health
 * checks and reflection none), the call log, error mapping, health, reflection unless {@code
 * REFLECTION} is false, and a graceful end: NOT_SERVING for {@code SHUTDOWN_PAUSE_MS}, then {@code
 * SHUTDOWN_DRAIN_MS} for open calls.
 */
public final class GrpcService implements AutoCloseable {
  private final Server server;
  private final ServerHealth health;
  private final GracefulShutdown shutdown;

  private GrpcService(Server server, ServerHealth health, GracefulShutdown shutdown) {
    this.server = server;
    this.health = health;
    this.shutdown = shutdown;
  }

  /** Starts one on {@code PORT}. */
  public static GrpcService start(
      Settings settings, Tracing tracing, String defaultPort, List<BindableService> services)
      throws IOException {
    return start(settings, tracing, defaultPort, services, slots -> slots);
  }

  /**
   * Starts one with more in its slots, such as authentication.
   *
   * @param more adds them
   */
  public static GrpcService start(
      Settings settings,
      Tracing tracing,
      String defaultPort,
      List<BindableService> services,
      UnaryOperator<ServerSlots.Builder> more)
      throws IOException {
    ServerHealth health = new ServerHealth();
    ShutdownGuard guard = ShutdownGuard.create();
    ServerBuilder<?> builder = NettyServerBuilder.forAddress(settings.listen("PORT", defaultPort));
    ServerTransport.builder().build().applyTo(builder);
    tracing.kit().countBytes(builder);
    more.apply(
            ServerSlots.builder()
                .defaults()
                .add(Slot.SHUTDOWN_GUARD, guard)
                .add(Slot.TRACE, "GrpcKit", exceptProbes(tracing.kit().serverInterceptor()))
                .add(Slot.TRACE, "ServiceName", named(tracing.service())))
        .build()
        .installOn(builder);
    for (BindableService service : services) {
      builder.addService(service);
      health.serving(service.bindService().getServiceDescriptor().getName());
    }
    builder.addService(health.service());
    if (settings.flag("REFLECTION", true)) {
      builder.addService(ProtoReflectionServiceV1.newInstance());
    }
    Server server = builder.build().start();
    GracefulShutdown shutdown =
        GracefulShutdown.of(server)
            .health(health)
            .guard(guard)
            .propagation(settings.millis("SHUTDOWN_PAUSE_MS", 5_000))
            .drain(settings.millis("SHUTDOWN_DRAIN_MS", 30_000))
            .build();
    return new GrpcService(server, health, shutdown);
  }

  /**
   * Probes come every few seconds, and reflection is a developer's: neither is the service's work.
   */
  private static ServerInterceptor exceptProbes(ServerInterceptor tracing) {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String method = call.getMethodDescriptor().getFullMethodName();
        return method.startsWith("grpc.health.") || method.startsWith("grpc.reflection.")
            ? next.startCall(call, headers)
            : tracing.interceptCall(call, headers, next);
      }
    };
  }

  private static ServerInterceptor named(String service) {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return Contexts.interceptCall(
            JsonLogs.serviceContext(Context.current(), service), call, headers, next);
      }
    };
  }

  /** Returns the port. */
  public int port() {
    return server.getPort();
  }

  /** Returns its health, to say that something it needs is away. */
  public ServerHealth health() {
    return health;
  }

  /** Ends it gracefully. */
  @Override
  public void close() {
    shutdown.run();
  }

  /** Ends it as a crash would, for experiments: open calls fail, nobody is told before. */
  public void kill() {
    server.shutdownNow();
  }
}
