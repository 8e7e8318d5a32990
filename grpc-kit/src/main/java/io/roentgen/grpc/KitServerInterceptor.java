// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
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

  /** Every call goes through this: past 325 bytes of code the compiler no longer inlines it. */
  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (isInside(headers)) {
      return next.startCall(call, headers);
    }
    byte[] header = unsampled(call, headers, next);
    if (header != null) {
      Context context = Context.current().withValue(ActiveSpan.KEY, header);
      return Contexts.interceptCall(context, call, headers, next);
    }
    return spanned(call, headers, next);
  }

  /**
   * Returns what is all that is to be known of a call in its context, or null if it needs a span.
   */
  private byte @Nullable [] unsampled(
      ServerCall<?, ?> call, Metadata headers, ServerCallHandler<?, ?> next) {
    if (calls.isObserved()) {
      return null;
    }
    try {
      byte[] header = calls.unsampled(headers);
      return header == null
              || calls.propagation.hasRelayed(headers)
              || others.traceServerCall(call.getAttributes(), next)
          ? null
          : header;
    } catch (RuntimeException e) {
      calls.failed("start of a served call", e);
      return null;
    }
  }

  private <Q, A> ServerCall.Listener<Q> spanned(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    @Nullable ServerSide side = null;
    ActiveSpan span;
    boolean answer = false;
    try {
      if (others.traceServerCall(call.getAttributes(), next)) {
        span = ActiveSpan.unsampled(null);
        if (calls.isObserved()) {
          side = begin(call, headers);
        }
      } else {
        byte[] header = calls.unsampled(headers);
        TraceContext incoming = header == null ? calls.propagation.extract(headers) : null;
        answer = incoming != null && incoming.decision == Decision.REQUESTED;
        TraceContext decided = header == null ? calls.decide(call, incoming) : null;
        if (header != null) {
          span = new UnsampledSpan(header);
          side = calls.isObserved() ? begin(call, headers) : null;
        } else if (decided != null && calls.isQuiet(decided.decision)) {
          span = new UnsampledSpan(decided);
        } else {
          side = begin(call, headers);
          span = calls.source.startServer(side, decided == null ? incoming : decided);
        }
      }
      if (side != null) {
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

  /** Returns whether this kit's interceptor runs around this one already. */
  private boolean isInside(Metadata headers) {
    if (!ActiveSpan.isServing(headers)) {
      return false;
    }
    others.around("server", TracedElsewhere.isServedElsewhere(headers));
    return true;
  }

  private ServerSide begin(ServerCall<?, ?> call, Metadata headers) {
    return new ServerSide(call, headers, calls.clock, System.nanoTime());
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
    ServerCall<Q, A> answering = answer ? new Answering<>(call, span) : call;
    return Contexts.interceptCall(context, answering, headers, next);
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

  /** What gRPC tells a handler. */
  private interface Callback<Q> {
    void tell(ServerCall.Listener<Q> handler, @Nullable Q message);
  }

  /**
   * Runs callbacks in the call's context: what is thrown ends it, and so do cancel and complete.
   * The span comes after the context, as OpenTelemetry's storage of gRPC's context puts back with
   * it what was current in its own when it was made.
   */
  private static final class Listener<Q> extends ServerCall.Listener<Q> {
    private final Calls calls;
    private final ServerSide side;
    private final Context context;
    private final ServerCall.Listener<Q> listener;

    Listener(Calls calls, ServerSide side, Context context, ServerCall.Listener<Q> listener) {
      this.calls = calls;
      this.side = side;
      this.context = context;
      this.listener = listener;
    }

    @Override
    public void onMessage(Q message) {
      side.messageReceived();
      deliver(ServerCall.Listener::onMessage, message, null);
    }

    @Override
    public void onHalfClose() {
      deliver((handler, none) -> handler.onHalfClose(), null, null);
    }

    @Override
    public void onCancel() {
      deliver((handler, none) -> handler.onCancel(), null, Status.CANCELLED);
    }

    @Override
    public void onComplete() {
      deliver((handler, none) -> handler.onComplete(), null, Status.OK);
    }

    @Override
    public void onReady() {
      deliver((handler, none) -> handler.onReady(), null, null);
    }

    /**
     * Tells the handler. The callbacks capture nothing, so that none is made for a call.
     *
     * @param end how the call ends once the handler was told, whatever it throws; null if it goes
     *     on, and then what is thrown ends it
     */
    private void deliver(Callback<Q> callback, @Nullable Q message, @Nullable Status end) {
      ActiveSpan span = side.span();
      Context before = context.attach();
      Object token = null;
      try {
        token = span.attach();
        callback.tell(listener, message);
      } catch (RuntimeException | Error e) {
        if (end == null) {
          // gRPC answers UNKNOWN for what a callback throws, and does not tell the call.
          calls.end(side, Status.UNKNOWN.withCause(e), e);
        }
        throw e;
      } finally {
        if (end != null) {
          calls.end(side, end, null);
        }
        if (token != null) {
          span.detach(token);
        }
        context.detach(before);
      }
    }
  }
}
