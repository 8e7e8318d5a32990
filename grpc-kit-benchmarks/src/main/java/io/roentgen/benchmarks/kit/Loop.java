// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call without a transport: what the client starts is served in the same thread, so that a
 * measurement has nothing in it but the interceptors and what gRPC's API itself needs.
 */
final class Loop extends Channel {
  static final MethodDescriptor<String, String> METHOD =
      MethodDescriptor.<String, String>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("ecommerce.v1.OrderService/GetOrder")
          .setRequestMarshaller(new Text())
          .setResponseMarshaller(new Text())
          .build();

  static final MethodDescriptor<String, String> STREAM =
      METHOD.toBuilder()
          .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
          .setFullMethodName("ecommerce.v1.OrderService/WatchOrder")
          .build();

  /** How many messages a stream has. */
  static final int MESSAGES = 1000;

  private static final Attributes ATTRIBUTES =
      Attributes.newBuilder()
          .set(
              Grpc.TRANSPORT_ATTR_REMOTE_ADDR,
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 50_051))
          .build();

  private final ServerCallHandler<String, String> unary;
  private final ServerCallHandler<String, String> stream;

  private Loop(List<ServerInterceptor> interceptors) {
    ServerServiceDefinition service =
        ServerInterceptors.interceptForward(
            ServerServiceDefinition.builder("ecommerce.v1.OrderService")
                .addMethod(METHOD, Handler.HANDLER)
                .addMethod(STREAM, Handler.HANDLER)
                .build(),
            interceptors);
    unary = handler(service, METHOD);
    stream = handler(service, STREAM);
  }

  @SuppressWarnings("unchecked")
  private static ServerCallHandler<String, String> handler(
      ServerServiceDefinition service, MethodDescriptor<String, String> method) {
    return (ServerCallHandler<String, String>)
        Objects.requireNonNull(service.getMethod(method.getFullMethodName()))
            .getServerCallHandler();
  }

  /** Returns a channel to a server, each with its interceptors. */
  static Channel of(Pair pair) {
    return ClientInterceptors.interceptForward(new Loop(pair.server()), pair.client());
  }

  /** Makes one unary call and returns how it ended. */
  static Status call(Channel channel, String request) {
    return call(channel, METHOD, request);
  }

  /** Makes a call that is answered with {@link #MESSAGES} messages. */
  static Status stream(Channel channel, String request) {
    return call(channel, STREAM, request);
  }

  private static Status call(
      Channel channel, MethodDescriptor<String, String> method, String request) {
    ClientCall<String, String> call = channel.newCall(method, CallOptions.DEFAULT);
    Ended ended = new Ended();
    call.start(ended, new Metadata());
    call.request(1);
    call.sendMessage(request);
    call.halfClose();
    Status status = ended.status;
    if (status == null) {
      throw new IllegalStateException("the call did not end");
    }
    return status;
  }

  @Override
  public String authority() {
    return "orders:50051";
  }

  @Override
  @SuppressWarnings("unchecked")
  public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
    return (ClientCall<Q, A>) new Call((MethodDescriptor<String, String>) method);
  }

  private final class Call extends ClientCall<String, String> {
    private @Nullable Listener<String> listener;
    private @Nullable Metadata headers;
    private @Nullable String message;
    private final MethodDescriptor<String, String> method;

    Call(MethodDescriptor<String, String> method) {
      this.method = method;
    }

    @Override
    public void start(Listener<String> newListener, Metadata newHeaders) {
      listener = newListener;
      headers = newHeaders;
    }

    @Override
    public void request(int count) {}

    @Override
    public void cancel(@Nullable String why, @Nullable Throwable cause) {}

    @Override
    public void sendMessage(String newMessage) {
      message = newMessage;
    }

    @Override
    public void halfClose() {
      Listener<String> answers = listener;
      Metadata sent = headers;
      String request = message;
      if (answers == null || sent == null || request == null) {
        throw new IllegalStateException("not started");
      }
      Context before = Context.ROOT.attach();
      try {
        Served served = new Served(method, answers);
        ServerCall.Listener<String> server =
            (method == STREAM ? stream : unary).startCall(served, sent);
        server.onReady();
        server.onMessage(request);
        server.onHalfClose();
        server.onComplete();
        answers.onClose(served.status, served.trailers);
      } finally {
        Context.ROOT.detach(before);
      }
    }
  }

  private static final class Served extends ServerCall<String, String> {
    private final ClientCall.Listener<String> answers;
    private Status status = Status.UNKNOWN;
    private Metadata trailers = new Metadata();

    private final MethodDescriptor<String, String> method;

    Served(MethodDescriptor<String, String> method, ClientCall.Listener<String> answers) {
      this.method = method;
      this.answers = answers;
    }

    @Override
    public void request(int count) {}

    @Override
    public void sendHeaders(Metadata headers) {
      answers.onHeaders(headers);
    }

    @Override
    public void sendMessage(String message) {
      answers.onMessage(message);
    }

    @Override
    public void close(Status newStatus, Metadata newTrailers) {
      status = newStatus;
      trailers = newTrailers;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public Attributes getAttributes() {
      return ATTRIBUTES;
    }

    @Override
    public String getAuthority() {
      return "orders:50051";
    }

    @Override
    public MethodDescriptor<String, String> getMethodDescriptor() {
      return method;
    }
  }

  private static final class Handler implements ServerCallHandler<String, String> {
    static final Handler HANDLER = new Handler();

    @Override
    public ServerCall.Listener<String> startCall(
        ServerCall<String, String> call, Metadata headers) {
      return new ServerCall.Listener<>() {
        private String request = "";

        @Override
        public void onMessage(String message) {
          request = message;
        }

        @Override
        public void onHalfClose() {
          call.sendHeaders(new Metadata());
          int messages = call.getMethodDescriptor() == STREAM ? MESSAGES : 1;
          for (int i = 0; i < messages; i++) {
            call.sendMessage(request);
          }
          call.close(Status.OK, new Metadata());
        }
      };
    }
  }

  private static final class Ended extends ClientCall.Listener<String> {
    private @Nullable Status status;

    @Override
    public void onClose(Status newStatus, Metadata trailers) {
      status = newStatus;
    }
  }

  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(new byte[0]);
    }

    @Override
    public String parse(InputStream stream) {
      return "";
    }
  }
}
