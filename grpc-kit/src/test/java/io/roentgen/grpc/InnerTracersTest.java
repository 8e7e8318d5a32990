// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is found in the chains that gRPC makes of interceptors: they are its own affair. */
class InnerTracersTest {
  private static final String NONE = "none";

  private final InnerTracers inner =
      new InnerTracers(
          List.of(
              new InnerTracers.Library(
                  "absent",
                  "io.roentgen.grpc.NotThere",
                  "io.roentgen.grpc.InnerTracersTest$",
                  false),
              new InnerTracers.Library(
                  "theirs",
                  "io.roentgen.grpc.InnerTracersTest",
                  "io.roentgen.grpc.InnerTracersTest$Theirs",
                  false)));
  private final List<String> found = new CopyOnWriteArrayList<>();
  private final List<Server> servers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  @AfterEach
  void close() throws InterruptedException {
    channels.forEach(ManagedChannel::shutdownNow);
    for (Server server : servers) {
      assertThat(server.shutdownNow().awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void server_whoseBuilderHasAnothersInside_isSeen() throws Exception {
    call(
        serve(
            EchoService.echo().bindService(),
            builder ->
                builder.intercept(new TheirsServer()).intercept(new Plain()).intercept(new Ours())),
        UnaryOperator.identity());
    assertThat(found).containsExactly("theirs");
  }

  @Test
  void server_whoseBuilderHasAnothersAround_isNotSeen() throws Exception {
    call(
        serve(
            EchoService.echo().bindService(),
            builder -> builder.intercept(new Ours()).intercept(new TheirsServer())),
        UnaryOperator.identity());
    assertThat(found).containsExactly(NONE);
  }

  @Test
  void server_whoseServiceHasAnothers_isSeen() throws Exception {
    ServerServiceDefinition service =
        ServerInterceptors.useInputStreamMessages(
            ServerInterceptors.intercept(EchoService.echo(), new TheirsServer(), new Plain()));
    call(serve(service, builder -> builder.intercept(new Ours())), UnaryOperator.identity());
    assertThat(found).containsExactly("theirs");
  }

  @Test
  void client_whoseBuilderHasAnothersInside_isSeen() throws Exception {
    String name = serve(EchoService.echo().bindService(), UnaryOperator.identity());
    call(
        name,
        builder ->
            builder.intercept(new TheirsClient()).intercept(new Plain()).intercept(new Ours()));
    assertThat(found).containsExactly("theirs");
  }

  @Test
  void client_whoseBuilderHasAnothersAround_isNotSeen() throws Exception {
    String name = serve(EchoService.echo().bindService(), UnaryOperator.identity());
    call(name, builder -> builder.intercept(new Ours()).intercept(new TheirsClient()));
    assertThat(found).containsExactly(NONE);
  }

  @Test
  void client_aroundAChannelThatHasAnothers_isSeenEachTime() throws Exception {
    String name = serve(EchoService.echo().bindService(), UnaryOperator.identity());
    ManagedChannel with = open(name, builder -> builder.intercept(new TheirsClient()));
    ManagedChannel without = open(name, UnaryOperator.identity());
    for (int i = 0; i < 2; i++) {
      Rig.call(ClientInterceptors.intercept(with, new Ours()), "a");
      Rig.call(ClientInterceptors.intercept(without, new Ours()), "a");
    }
    assertThat(found).containsExactly("theirs", NONE, "theirs", NONE);
  }

  private String serve(ServerServiceDefinition service, UnaryOperator<ServerBuilder<?>> change)
      throws Exception {
    String name = UUID.randomUUID().toString();
    servers.add(
        change.apply(InProcessServerBuilder.forName(name)).addService(service).build().start());
    return name;
  }

  private ManagedChannel open(String name, UnaryOperator<ManagedChannelBuilder<?>> change) {
    ManagedChannel channel = change.apply(InProcessChannelBuilder.forName(name)).build();
    channels.add(channel);
    return channel;
  }

  private void call(String name, UnaryOperator<ManagedChannelBuilder<?>> change) {
    assertThat(Rig.call(open(name, change), "a")).isEqualTo("a");
  }

  /** Looks as the kit's does. */
  private final class Ours implements ServerInterceptor, ClientInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      tell(inner.find(next));
      return next.startCall(call, headers);
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      tell(inner.find(next));
      return next.newCall(method, options);
    }

    private void tell(@Nullable String name) {
      found.add(name == null ? NONE : name);
    }
  }

  /** One that is nobody's. */
  private static class Plain implements ServerInterceptor, ClientInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return Contexts.interceptCall(Context.current(), call, headers, next);
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return next.newCall(method, options);
    }
  }

  private static final class TheirsServer extends Plain {}

  private static final class TheirsClient extends Plain {}
}
