// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A server of methods whose messages are strings, and a channel to it. */
public final class TestServer implements AutoCloseable {
  public static final MethodDescriptor<String, String> UNARY = method(MethodType.UNARY, "Unary");
  public static final MethodDescriptor<String, String> SERVER_STREAM =
      method(MethodType.SERVER_STREAMING, "ServerStream");
  public static final MethodDescriptor<String, String> CLIENT_STREAM =
      method(MethodType.CLIENT_STREAMING, "ClientStream");
  public static final MethodDescriptor<String, String> BIDI =
      method(MethodType.BIDI_STREAMING, "Bidi");

  private final Server server;
  private final ManagedChannel channel;

  private TestServer(Server server, ManagedChannel channel) {
    this.server = server;
    this.channel = channel;
  }

  public static TestServer inProcess(
      Consumer<? super ServerBuilder<?>> settings, ServerServiceDefinition... services) {
    String name = InProcessServerBuilder.generateName();
    Server server = start(InProcessServerBuilder.forName(name), settings, services);
    return new TestServer(server, InProcessChannelBuilder.forName(name).build());
  }

  public static TestServer netty(
      Consumer<? super ServerBuilder<?>> settings, ServerServiceDefinition... services) {
    Server server =
        start(
            NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
            settings,
            services);
    return new TestServer(
        server,
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))
            .maxInboundMessageSize(64 << 20)
            .usePlaintext()
            .build());
  }

  private static Server start(
      ServerBuilder<?> builder,
      Consumer<? super ServerBuilder<?>> settings,
      ServerServiceDefinition... services) {
    settings.accept(builder);
    for (ServerServiceDefinition service : services) {
      builder.addService(service);
    }
    try {
      return builder.build().start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static MethodDescriptor<String, String> method(MethodType type, String name) {
    return MethodDescriptor.newBuilder(Text.INSTANCE, Text.INSTANCE)
        .setType(type)
        .setFullMethodName("test.Service/" + name)
        .build();
  }

  /** A service with one method. */
  public static <T> ServerServiceDefinition service(
      MethodDescriptor<T, T> method, ServerCallHandler<T, T> handler) {
    return ServerServiceDefinition.builder(method.getServiceName())
        .addMethod(method, handler)
        .build();
  }

  /** A service that answers a unary call with its request. */
  public static ServerServiceDefinition echo() {
    return service(
        UNARY,
        ServerCalls.asyncUnaryCall(
            (request, responses) -> {
              responses.onNext(request);
              responses.onCompleted();
            }));
  }

  public static ServerServiceDefinition unary(
      ServerCalls.UnaryMethod<String, String> implementation) {
    return service(UNARY, ServerCalls.asyncUnaryCall(implementation));
  }

  public static ServerServiceDefinition definition(BindableService service) {
    return service.bindService();
  }

  public String call(String request) {
    return ClientCalls.blockingUnaryCall(channel, UNARY, CallOptions.DEFAULT, request);
  }

  public String call(String request, Metadata headers) {
    Channel with =
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    return ClientCalls.blockingUnaryCall(with, UNARY, CallOptions.DEFAULT, request);
  }

  public Server server() {
    return server;
  }

  public ManagedChannel channel() {
    return channel;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    try {
      channel.awaitTermination(10, TimeUnit.SECONDS);
      server.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Strings in UTF-8. */
  public enum Text implements MethodDescriptor.Marshaller<String> {
    INSTANCE;

    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
