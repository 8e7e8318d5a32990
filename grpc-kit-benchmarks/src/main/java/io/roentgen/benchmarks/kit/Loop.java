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
import io.grpc.InternalMetadata;
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
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call without a transport: what the client starts is served in the same thread, so that a
 * measurement has nothing in it but the interceptors and what gRPC's API itself needs.
 *
 * <p>Whatever a transport or a stub holds on to in a real call is held here too, and the headers
 * have one of gRPC's own. Otherwise it would depend on what the compiler happens to inline which of
 * these objects, the interceptors' among them, are made at all.
 */
final class Loop extends Channel {
  static final MethodDescriptor<Object, Object> METHOD =
      MethodDescriptor.<Object, Object>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("ecommerce.v1.OrderService/GetOrder")
          .setRequestMarshaller(new Text())
          .setResponseMarshaller(new Text())
          .build();

  static final MethodDescriptor<Object, Object> STREAM =
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

  private static final Metadata.Key<byte[]> ACCEPTED =
      InternalMetadata.keyOf("grpc-accept-encoding", new Ascii());

  private static final byte[] GZIP = "gzip".getBytes(StandardCharsets.US_ASCII);

  /** What is held of the last call, by the numbers below. */
  private static final @Nullable Object[] HELD = new Object[5];

  private static final int STUB = 0;
  private static final int SENT = 1;
  private static final int CALLBACKS = 2;
  private static final int SERVER = 3;
  private static final int HANDLED = 4;

  private final ServerCallHandler<Object, Object> unary;
  private final ServerCallHandler<Object, Object> stream;

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
  private static ServerCallHandler<Object, Object> handler(
      ServerServiceDefinition service, MethodDescriptor<Object, Object> method) {
    return (ServerCallHandler<Object, Object>)
        Objects.requireNonNull(service.getMethod(method.getFullMethodName()))
            .getServerCallHandler();
  }

  /** Returns a channel to a server, each with its interceptors. */
  static Channel of(Pair pair) {
    return ClientInterceptors.interceptForward(new Loop(pair.server()), pair.client());
  }

  /** Makes one unary call and returns how it ended. */
  static Status call(Channel channel, Object request) {
    return call(channel, METHOD, request);
  }

  /** Makes a call that is answered with {@link #MESSAGES} messages. */
  static Status stream(Channel channel, Object request) {
    return call(channel, STREAM, request);
  }

  private static Status call(
      Channel channel, MethodDescriptor<Object, Object> method, Object request) {
    ClientCall<Object, Object> call = channel.newCall(method, CallOptions.DEFAULT);
    HELD[STUB] = call;
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
    return (ClientCall<Q, A>) new Call((MethodDescriptor<Object, Object>) method);
  }

  private final class Call extends ClientCall<Object, Object> {
    private @Nullable Listener<Object> listener;
    private @Nullable Metadata headers;
    private @Nullable Object message;
    private final MethodDescriptor<Object, Object> method;

    Call(MethodDescriptor<Object, Object> method) {
      this.method = method;
    }

    @Override
    public void start(Listener<Object> newListener, Metadata newHeaders) {
      newHeaders.put(ACCEPTED, GZIP);
      listener = newListener;
      headers = newHeaders;
      HELD[CALLBACKS] = newListener;
      HELD[SENT] = newHeaders;
    }

    @Override
    public void request(int count) {}

    @Override
    public void cancel(@Nullable String why, @Nullable Throwable cause) {}

    @Override
    public void sendMessage(Object newMessage) {
      message = newMessage;
    }

    @Override
    public void halfClose() {
      Listener<Object> answers = listener;
      Metadata received = headers;
      Object request = message;
      if (answers == null || received == null || request == null) {
        throw new IllegalStateException("not started");
      }
      Context before = Context.ROOT.attach();
      try {
        Served served = new Served(method, answers);
        ServerCall.Listener<Object> listening =
            (method == STREAM ? stream : unary).startCall(served, received);
        HELD[SERVER] = listening;
        listening.onReady();
        listening.onMessage(request);
        listening.onHalfClose();
        listening.onComplete();
        answers.onClose(served.status, served.trailers);
      } finally {
        Context.ROOT.detach(before);
      }
    }
  }

  private static final class Served extends ServerCall<Object, Object> {
    private final ClientCall.Listener<Object> answers;
    private Status status = Status.UNKNOWN;
    private Metadata trailers = new Metadata();

    private final MethodDescriptor<Object, Object> method;

    Served(MethodDescriptor<Object, Object> method, ClientCall.Listener<Object> answers) {
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
    public void sendMessage(Object message) {
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
    public MethodDescriptor<Object, Object> getMethodDescriptor() {
      return method;
    }
  }

  private static final class Handler implements ServerCallHandler<Object, Object> {
    static final Handler HANDLER = new Handler();

    @Override
    public ServerCall.Listener<Object> startCall(
        ServerCall<Object, Object> call, Metadata headers) {
      HELD[HANDLED] = call;
      return new ServerCall.Listener<>() {
        private Object request = "";

        @Override
        public void onMessage(Object message) {
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

  private static final class Ended extends ClientCall.Listener<Object> {
    private @Nullable Status status;

    @Override
    public void onClose(Status newStatus, Metadata trailers) {
      status = newStatus;
    }
  }

  private static final class Ascii implements InternalMetadata.TrustedAsciiMarshaller<byte[]> {
    @Override
    public byte[] toAsciiString(byte[] value) {
      return value;
    }

    @Override
    public byte[] parseAsciiString(byte[] serialized) {
      return serialized;
    }
  }

  private static final class Text implements MethodDescriptor.Marshaller<Object> {
    @Override
    public InputStream stream(Object value) {
      return new ByteArrayInputStream(new byte[0]);
    }

    @Override
    public Object parse(InputStream stream) {
      return "";
    }
  }
}
