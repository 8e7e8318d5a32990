// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.testing;

import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A service with all four kinds of call, whose messages are strings in UTF-8: for tests of
 * interceptors, which then need no generated code.
 *
 * <pre>{@code
 * try (InProcess echo = InProcess.of(EchoService.echo())) {
 *   assertThat(EchoService.call(echo.channel(), "hello")).isEqualTo("hello");
 *   ...
 * }
 * }</pre>
 *
 * <p>A unary request {@code status:NOT_FOUND} is refused with that status. A request {@code throw}
 * of a client's stream makes the handler throw an {@link IllegalStateException}.
 */
public final class EchoService implements BindableService {
  /** The service's name. */
  public static final String NAME = "test.Echo";

  /** Answers its request with the same, or as told. */
  public static final MethodDescriptor<String, String> UNARY = method(MethodType.UNARY, "Unary");

  /** Answers with {@code 1} and {@code 2}, or as told. */
  public static final MethodDescriptor<String, String> SERVER =
      method(MethodType.SERVER_STREAMING, "ServerStream");

  /** Answers with all requests in one. */
  public static final MethodDescriptor<String, String> CLIENT =
      method(MethodType.CLIENT_STREAMING, "ClientStream");

  /** Answers each request with the same. */
  public static final MethodDescriptor<String, String> BIDI =
      method(MethodType.BIDI_STREAMING, "Bidi");

  /** What a unary request begins with that asks for an answer with a status. */
  public static final String STATUS = "status:";

  private final UnaryOperator<String> unary;
  private final Consumer<StreamObserver<String>> stream;

  private EchoService(UnaryOperator<String> unary, Consumer<StreamObserver<String>> stream) {
    this.unary = unary;
    this.stream = stream;
  }

  /** Returns one that answers with what it gets. */
  public static EchoService echo() {
    return answering(text -> text);
  }

  /** Returns one that answers each unary request as told; what is thrown, gRPC sees. */
  public static EchoService answering(UnaryOperator<String> unary) {
    return new EchoService(
        unary,
        out -> {
          out.onNext("1");
          out.onNext("2");
          out.onCompleted();
        });
  }

  /** Returns one that does with the answers of {@link #SERVER} as told. */
  public static EchoService streaming(Consumer<StreamObserver<String>> stream) {
    return new EchoService(text -> text, stream);
  }

  /**
   * Makes a unary call and waits for its answer.
   *
   * @throws io.grpc.StatusRuntimeException if it fails
   */
  public static String call(Channel channel, String request) {
    return ClientCalls.blockingUnaryCall(channel, UNARY, CallOptions.DEFAULT, request);
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(NAME)
        .addMethod(UNARY, ServerCalls.asyncUnaryCall((text, out) -> answer(text, out)))
        .addMethod(SERVER, ServerCalls.asyncServerStreamingCall((text, out) -> stream.accept(out)))
        .addMethod(CLIENT, ServerCalls.asyncClientStreamingCall(Collecting::new))
        .addMethod(BIDI, ServerCalls.asyncBidiStreamingCall(Echoing::new))
        .build();
  }

  private void answer(String text, StreamObserver<String> out) {
    if (text.startsWith(STATUS)) {
      Status status = Status.fromCode(Status.Code.valueOf(text.substring(STATUS.length())));
      if (!status.isOk()) {
        out.onError(status.withDescription("as asked").asRuntimeException());
        return;
      }
    }
    out.onNext(unary.apply(text));
    out.onCompleted();
  }

  private static class Collecting implements StreamObserver<String> {
    final StreamObserver<String> out;
    private final StringBuilder all = new StringBuilder();

    Collecting(StreamObserver<String> out) {
      this.out = out;
    }

    @Override
    public void onNext(String value) {
      if (value.equals("throw")) {
        throw new IllegalStateException("thrown in onMessage");
      }
      all.append(value);
    }

    @Override
    public void onError(Throwable t) {}

    @Override
    public void onCompleted() {
      out.onNext(all.toString());
      out.onCompleted();
    }
  }

  private static final class Echoing extends Collecting {
    Echoing(StreamObserver<String> out) {
      super(out);
    }

    @Override
    public void onNext(String value) {
      super.onNext(value);
      out.onNext(value);
    }

    @Override
    public void onCompleted() {
      out.onCompleted();
    }
  }

  private static MethodDescriptor<String, String> method(MethodType type, String name) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(NAME, name))
        .setRequestMarshaller(new Text())
        .setResponseMarshaller(new Text())
        .build();
  }

  private static final class Text implements MethodDescriptor.Marshaller<String> {
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
