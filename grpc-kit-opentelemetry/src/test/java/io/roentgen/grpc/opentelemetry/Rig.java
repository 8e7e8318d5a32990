// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.roentgen.grpc.testing.EchoService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Servers and channels of a test, ended together. */
final class Rig implements AutoCloseable {
  private final List<Server> servers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  /** Starts a server in this process, and returns its name. */
  String serve(BindableService service, Consumer<ServerBuilder<?>> change) {
    String name = UUID.randomUUID().toString();
    start(InProcessServerBuilder.forName(name), service, change);
    return name;
  }

  Channel connect(String name, Consumer<ManagedChannelBuilder<?>> change) {
    return open(InProcessChannelBuilder.forName(name), change);
  }

  /** Starts a server on the loopback address, and returns its port. */
  int serveLoopback(BindableService service, Consumer<ServerBuilder<?>> change) {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return start(NettyServerBuilder.forAddress(any), service, change).getPort();
  }

  Channel connectLoopback(int port, Consumer<ManagedChannelBuilder<?>> change) {
    String host = InetAddress.getLoopbackAddress().getHostAddress();
    return open(NettyChannelBuilder.forAddress(host, port).usePlaintext(), change);
  }

  private Server start(
      ServerBuilder<?> builder, BindableService service, Consumer<ServerBuilder<?>> change) {
    change.accept(builder);
    try {
      Server server = builder.addService(service).build().start();
      servers.add(server);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Channel open(
      ManagedChannelBuilder<?> builder, Consumer<ManagedChannelBuilder<?>> change) {
    change.accept(builder);
    ManagedChannel channel = builder.build();
    channels.add(channel);
    return channel;
  }

  static String call(Channel channel, String request) {
    return ClientCalls.blockingUnaryCall(channel, EchoService.UNARY, CallOptions.DEFAULT, request);
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdown);
    servers.forEach(Server::shutdown);
    try {
      for (ManagedChannel channel : channels) {
        if (!channel.awaitTermination(20, TimeUnit.SECONDS)) {
          throw new AssertionError("channel goes on");
        }
      }
      for (Server server : servers) {
        if (!server.awaitTermination(20, TimeUnit.SECONDS)) {
          throw new AssertionError("server goes on");
        }
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
