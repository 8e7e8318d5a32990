// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Services in one process, each with a kit of its own, and what became of them. */
final class Rig implements AutoCloseable {
  final List<GrpcKit> kits = new ArrayList<>();
  private final List<Server> servers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  /** Returns a kit that traces everything into {@code documents}, but for what is changed. */
  GrpcKit kit(String service, Documents documents, UnaryOperator<GrpcKit.Builder> change) {
    GrpcKit kit =
        change
            .apply(
                GrpcKit.builder(service)
                    .environment(Map.of())
                    .transport(documents)
                    .sampler(CallSampler.ALWAYS))
            .build();
    kits.add(kit);
    return kit;
  }

  GrpcKit kit(String service, Documents documents) {
    return kit(service, documents, builder -> builder);
  }

  /** Starts a server that a kit traces, and returns its name. */
  String serve(GrpcKit kit, BindableService service) {
    String name = UUID.randomUUID().toString();
    try {
      servers.add(
          kit.instrument(InProcessServerBuilder.forName(name)).addService(service).build().start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return name;
  }

  Channel connect(GrpcKit kit, String name) {
    ManagedChannel channel = kit.instrument(InProcessChannelBuilder.forName(name)).build();
    channels.add(channel);
    return channel;
  }

  /** Returns a channel that no kit knows. */
  Channel connect(String name) {
    ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
    channels.add(channel);
    return channel;
  }

  static String call(Channel channel, String request) {
    return call(channel, EchoService.UNARY, request);
  }

  static String call(Channel channel, MethodDescriptor<String, String> method, String request) {
    return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, request);
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    servers.forEach(Server::shutdownNow);
    try {
      for (Server server : servers) {
        if (!server.awaitTermination(20, TimeUnit.SECONDS)) {
          throw new AssertionError("server goes on");
        }
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    kits.forEach(GrpcKit::close);
  }
}
