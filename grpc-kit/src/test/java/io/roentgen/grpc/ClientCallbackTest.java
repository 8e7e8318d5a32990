// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What callbacks of a call that is made leave behind when they fail. */
class ClientCallbackTest {
  private static final String TROUBLE = "no context";

  private static List<Consumer<ClientCall.Listener<String>>> callbacks() {
    return List.of(
        listener -> listener.onHeaders(new Metadata()),
        listener -> listener.onMessage("a"),
        listener -> listener.onClose(Status.OK, new Metadata()),
        ClientCall.Listener::onReady);
  }

  @ParameterizedTest
  @MethodSource("callbacks")
  void callback_whoseParentCannotBeMadeCurrent_leavesTheThreadsContext(
      Consumer<ClientCall.Listener<String>> callback) {
    FakeChannel channel = new FakeChannel();
    try (GrpcKit kit =
        GrpcKit.builder("kit").environment(Map.of()).spans(new Unattachable()).build()) {
      ClientCall<String, String> call =
          kit.clientInterceptor().interceptCall(EchoService.UNARY, CallOptions.DEFAULT, channel);
      Context ofTheCall = Context.ROOT.withValue(Context.key("call"), "its own");
      ofTheCall.run(() -> call.start(new ClientCall.Listener<>() {}, new Metadata()));
      Context before = Context.current();

      assertThatThrownBy(() -> callback.accept(channel.listener())).hasMessage(TROUBLE);

      assertThat(Context.current()).isSameAs(before);
      call.cancel("over", null);
      assertThat(kit.openCalls()).isZero();
    }
  }

  /** Keeps the listener of the call. */
  private static final class FakeChannel extends Channel {
    private @Nullable Object started;

    @SuppressWarnings("unchecked")
    ClientCall.Listener<String> listener() {
      return (ClientCall.Listener<String>) started;
    }

    @Override
    public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
      return new ClientCall<>() {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          started = listener;
        }

        @Override
        public void request(int count) {}

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q message) {}
      };
    }

    @Override
    public String authority() {
      return "fake";
    }
  }

  /** Has a parent for calls whose context is broken. */
  private static final class Unattachable implements SpanSource {
    @Override
    public ActiveSpan startServer(GrpcCall call, @Nullable TraceContext incoming) {
      return new BrokenSpan();
    }

    @Override
    public ActiveSpan parent(ActiveSpan current) {
      return new BrokenSpan();
    }

    @Override
    public ActiveSpan startClient(GrpcCall call, ActiveSpan parent) {
      return parent;
    }

    @Override
    public ActiveSpan start(String name, ActiveSpan.Kind kind, @Nullable TraceContext incoming) {
      return new BrokenSpan();
    }

    @Override
    public boolean flush(Duration timeout) {
      return true;
    }

    @Override
    public void close() {}

    @Override
    public SpanStatistics statistics() {
      return new SpanStatistics(0, 0, 0);
    }
  }

  private static final class BrokenSpan extends ActiveSpan {
    @Override
    public @Nullable TraceContext context() {
      return null;
    }

    @Override
    public boolean isSampled() {
      return false;
    }

    @Override
    protected void put(String key, Object value) {}

    @Override
    public ActiveSpan recordException(Throwable thrown) {
      return this;
    }

    @Override
    public void end() {}

    @Override
    protected ActiveSpan newChild(String name, Kind kind) {
      return this;
    }

    @Override
    protected void callEnded(GrpcCall call, @Nullable Throwable thrown) {}

    @Override
    protected Object attach() {
      throw new IllegalStateException(TROUBLE);
    }

    @Override
    protected boolean attaches() {
      return true;
    }
  }
}
