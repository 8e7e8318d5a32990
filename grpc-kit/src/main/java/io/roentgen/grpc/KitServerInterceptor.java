// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Context;
import io.grpc.ForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.roentgen.grpc.TraceContext.Decision;
import org.jspecify.annotations.Nullable;

/** Makes each call that is served a span, which is current in every callback of the call. */
final class KitServerInterceptor implements ServerInterceptor {
  private final Calls calls;
  private final OtherTracers others;

  KitServerInterceptor(Calls calls, OtherTracers others) {
    this.calls = calls;
    this.others = others;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    ActiveSpan outer = ActiveSpan.KEY.get();
    if (outer != null && outer.cameWith == headers) {
      others.installedTwice("server");
      return next.startCall(call, headers);
    }
    if (others.traceServerCall(call.getAttributes())) {
      return next.startCall(call, headers);
    }
    @Nullable ServerSide side;
    ActiveSpan span;
    boolean answer;
    try {
      TraceContext incoming = calls.propagation.extract(headers);
      answer = incoming != null && incoming.decision == Decision.REQUESTED;
      TraceContext decided = calls.decide(call, incoming);
      if (decided != null && calls.isQuiet(decided)) {
        side = null;
        span = new UnsampledSpan(decided);
      } else {
        side = new ServerSide(call, headers, calls.clock, System.nanoTime());
        // An agent makes the span, and passes on its headers itself.
        span =
            calls.agent
                ? new UnsampledSpan(null)
                : calls.source.startServer(side, decided == null ? incoming : decided);
        side.startedAs(span);
      }
      span.relayed = calls.propagation.relayed(headers);
      span.cameWith = headers;
    } catch (RuntimeException e) {
      calls.failed("start of a served call", e);
      return next.startCall(call, headers);
    }
    Context context = Context.current().withValue(ActiveSpan.KEY, span);
    return side == null
        ? quiet(call, headers, next, span, context, answer)
        : told(call, headers, next, side, context, answer);
  }

  private <Q, A> ServerCall.Listener<Q> told(
      ServerCall<Q, A> call,
      Metadata headers,
      ServerCallHandler<Q, A> next,
      ServerSide side,
      Context context,
      boolean answer) {
    ActiveSpan span = side.span();
    calls.started(side);
    Object token = null;
    Context before = context.attach();
    try {
      token = span.attach();
      ServerCall.Listener<Q> listener =
          next.startCall(new Call<>(calls, side, call, answer), headers);
      return new Listener<>(calls, side, context, listener);
    } catch (RuntimeException | Error e) {
      calls.end(side, Status.UNKNOWN.withCause(e), e);
      throw e;
    } finally {
      if (token != null) {
        span.detach(token);
      }
      context.detach(before);
    }
  }

  /** Serves a call of which nothing is told: it only carries its trace on. */
  private static <Q, A> ServerCall.Listener<Q> quiet(
      ServerCall<Q, A> call,
      Metadata headers,
      ServerCallHandler<Q, A> next,
      ActiveSpan span,
      Context context,
      boolean answer) {
    Context before = context.attach();
    try {
      ServerCall<Q, A> answering = answer ? new Answering<>(call, span) : call;
      return new Carrying<>(context, next.startCall(answering, headers));
    } finally {
      context.detach(before);
    }
  }

  /** Tells the caller, who left it to us, whether the trace is recorded. */
  private static void answer(ActiveSpan span, Metadata headers) {
    TraceContext context = span.context();
    if (context != null) {
      Metadata.Key<byte[]> key = TraceFormat.XRAY.rawKeys.get(0);
      headers.discardAll(key);
      headers.put(
          key,
          TraceFormat.xrayBytes(
              TraceContext.ofBits(
                  context.traceHigh,
                  context.traceLow,
                  0,
                  span.isSampled() ? Decision.SAMPLED : Decision.NOT_SAMPLED)));
    }
  }

  private static final class Answering<Q, A>
      extends ForwardingServerCall.SimpleForwardingServerCall<Q, A> {
    private final ActiveSpan span;

    Answering(ServerCall<Q, A> call, ActiveSpan span) {
      super(call);
      this.span = span;
    }

    @Override
    public void sendHeaders(Metadata headers) {
      answer(span, headers);
      super.sendHeaders(headers);
    }
  }

  private static final class Call<Q, A>
      extends ForwardingServerCall.SimpleForwardingServerCall<Q, A> {
    private final Calls calls;
    private final ServerSide side;
    private final boolean answer;

    Call(Calls calls, ServerSide side, ServerCall<Q, A> call, boolean answer) {
      super(call);
      this.calls = calls;
      this.side = side;
      this.answer = answer;
    }

    @Override
    public void sendHeaders(Metadata headers) {
      side.headers();
      if (answer) {
        answer(side.span(), headers);
      }
      super.sendHeaders(headers);
    }

    @Override
    public void sendMessage(A message) {
      side.messageSent();
      super.sendMessage(message);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      calls.end(side, status, null);
      super.close(status, trailers);
    }
  }

  /** Runs callbacks in the call's context. */
  private static class Carrying<Q> extends ServerCall.Listener<Q> {
    final Context context;
    final ServerCall.Listener<Q> listener;

    Carrying(Context context, ServerCall.Listener<Q> listener) {
      this.context = context;
      this.listener = listener;
    }

    @Override
    public void onMessage(Q message) {
      Context before = context.attach();
      try {
        listener.onMessage(message);
      } finally {
        context.detach(before);
      }
    }

    @Override
    public void onHalfClose() {
      Context before = context.attach();
      try {
        listener.onHalfClose();
      } finally {
        context.detach(before);
      }
    }

    @Override
    public void onCancel() {
      Context before = context.attach();
      try {
        listener.onCancel();
      } finally {
        context.detach(before);
      }
    }

    @Override
    public void onComplete() {
      Context before = context.attach();
      try {
        listener.onComplete();
      } finally {
        context.detach(before);
      }
    }

    @Override
    public void onReady() {
      Context before = context.attach();
      try {
        listener.onReady();
      } finally {
        context.detach(before);
      }
    }
  }

  /**
   * The same for a call that somebody hears of: what is thrown ends it, and so do cancel and
   * complete. The span comes after the context, as OpenTelemetry's storage of gRPC's context puts
   * back with it what was current in its own when it was made.
   */
  private static final class Listener<Q> extends Carrying<Q> {
    private final Calls calls;
    private final ServerSide side;

    Listener(Calls calls, ServerSide side, Context context, ServerCall.Listener<Q> listener) {
      super(context, listener);
      this.calls = calls;
      this.side = side;
    }

    @Override
    public void onMessage(Q message) {
      side.messageReceived();
      Context before = context.attach();
      Object token = null;
      try {
        token = side.span().attach();
        listener.onMessage(message);
      } catch (RuntimeException | Error e) {
        thrown(e);
        throw e;
      } finally {
        restore(token, before);
      }
    }

    @Override
    public void onHalfClose() {
      Context before = context.attach();
      Object token = null;
      try {
        token = side.span().attach();
        listener.onHalfClose();
      } catch (RuntimeException | Error e) {
        thrown(e);
        throw e;
      } finally {
        restore(token, before);
      }
    }

    @Override
    public void onCancel() {
      Context before = context.attach();
      Object token = null;
      try {
        token = side.span().attach();
        listener.onCancel();
      } finally {
        calls.end(side, Status.CANCELLED, null);
        restore(token, before);
      }
    }

    @Override
    public void onComplete() {
      Context before = context.attach();
      Object token = null;
      try {
        token = side.span().attach();
        listener.onComplete();
      } finally {
        calls.end(side, Status.OK, null);
        restore(token, before);
      }
    }

    @Override
    public void onReady() {
      Context before = context.attach();
      Object token = null;
      try {
        token = side.span().attach();
        listener.onReady();
      } catch (RuntimeException | Error e) {
        thrown(e);
        throw e;
      } finally {
        restore(token, before);
      }
    }

    /** gRPC answers UNKNOWN for what a callback throws, and does not tell the call. */
    private void thrown(Throwable e) {
      calls.end(side, Status.UNKNOWN.withCause(e), e);
    }

    private void restore(@Nullable Object token, Context before) {
      if (token != null) {
        side.span().detach(token);
      }
      context.detach(before);
    }
  }
}
