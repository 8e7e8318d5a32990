// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.roentgen.grpc.TraceContext.Decision;
import org.jspecify.annotations.Nullable;

/**
 * Makes each call that is made a span, whose context the callee gets. Callbacks run in the context
 * that the call was made in, as what they call is not part of this call.
 */
final class KitClientInterceptor implements ClientInterceptor {
  /**
   * The headers of the call that this thread is starting: an interceptor that is handed them again
   * is installed twice.
   */
  static final ThreadLocal<Metadata> STARTING = new ThreadLocal<>();

  private final Calls calls;
  private final OtherTracers others;
  private final @Nullable String callee;

  /**
   * Makes one.
   *
   * @param callee the service that all its calls go to, or null if nobody said
   */
  KitClientInterceptor(Calls calls, OtherTracers others, @Nullable String callee) {
    this.calls = calls;
    this.others = others;
    this.callee = callee;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    String named = options.getAuthority();
    String authority = named == null ? next.authority() : named;
    ActiveSpan parent = parent();
    boolean traced = others.traceClientCall(next, options);
    if (traced && !calls.isObserved()) {
      return new Traced<>(this, parent, next.newCall(method, options));
    }
    Decision decision = parent.decision();
    if (decision == null && !traced) {
      parent = root(method, authority == null ? "" : authority, parent);
      decision = parent.decision();
    }
    if (!parent.attaches() && calls.isQuiet(decision)) {
      return new Quiet<>(this, parent, next.newCall(method, options));
    }
    // What only a span tells is not looked at for one that is not sent.
    boolean sampled = decision != Decision.NOT_SAMPLED;
    Attempts attempts = sampled && !traced ? new Attempts() : null;
    CallOptions told = attempts == null ? options : options.withStreamTracerFactory(attempts);
    return new Call<>(
        calls,
        others,
        parent,
        traced,
        method,
        callee,
        authority,
        earlier(options.getDeadline(), Context.current().getDeadline()),
        attempts,
        next.newCall(method, told));
  }

  /** Returns what a call is made for that nobody asked for: a trace that begins with it. */
  private ActiveSpan root(MethodDescriptor<?, ?> method, String authority, ActiveSpan current) {
    UnsampledSpan root;
    try {
      root = calls.root(method.getFullMethodName(), authority);
    } catch (RuntimeException e) {
      calls.failed("decision about a call", e);
      return current;
    }
    if (root == null) {
      return current;
    }
    root.relayed = current.relayed;
    return root;
  }

  private ActiveSpan parent() {
    ActiveSpan current = ActiveSpan.current();
    try {
      ActiveSpan parent = calls.source.parent(current);
      if (parent != current) {
        parent.relayed = current.relayed;
      }
      return parent;
    } catch (RuntimeException e) {
      calls.failed("parent of a call", e);
      return current;
    }
  }

  private static @Nullable Deadline earlier(@Nullable Deadline a, @Nullable Deadline b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.minimum(b);
  }

  private static boolean isStarted(Metadata headers, OtherTracers others) {
    if (STARTING.get() != headers) {
      return false;
    }
    others.around("client", TracedElsewhere.isMadeElsewhere(headers));
    return true;
  }

  private static void inject(Calls calls, ActiveSpan span, ActiveSpan parent, Metadata headers) {
    span.inject(calls.propagation, headers);
    Object[] relayed = parent.relayed;
    if (relayed != null) {
      Propagation.relay(relayed, headers);
    }
  }

  /** Starts a call of which nothing is told. */
  private static <A> void start(
      ClientCall<?, A> call, ClientCall.Listener<A> listener, Metadata headers) {
    STARTING.set(headers);
    try {
      call.start(listener, headers);
    } finally {
      STARTING.set(null);
    }
  }

  /** A call of which nothing is told: it only carries the trace on, if nobody else does. */
  private static final class Quiet<Q, A>
      extends ForwardingClientCall.SimpleForwardingClientCall<Q, A> {
    private final KitClientInterceptor by;

    /** A span, or the header alone of one that relays nothing. */
    private final Object carried;

    Quiet(KitClientInterceptor by, ActiveSpan parent, ClientCall<Q, A> call) {
      super(call);
      this.by = by;
      byte[] header = parent.relayed == null ? parent.header() : null;
      carried = header == null ? parent : header;
    }

    @Override
    public void start(Listener<A> listener, Metadata headers) {
      if (isStarted(headers, by.others)) {
        super.start(listener, headers);
        return;
      }
      try {
        boolean another = by.others.traceClientCall(headers);
        if (carried instanceof ActiveSpan parent) {
          inject(by.calls, another ? UnsampledSpan.NONE : parent, parent, headers);
        } else if (!another) {
          by.calls.propagation.inject((byte[]) carried, headers);
        }
      } catch (RuntimeException e) {
        by.calls.failed("headers of a call", e);
      }
      KitClientInterceptor.start(delegate(), listener, headers);
    }
  }

  /** A call whose span somebody else makes, and nobody is told of: it only relays headers. */
  private static final class Traced<Q, A>
      extends ForwardingClientCall.SimpleForwardingClientCall<Q, A> {
    private final KitClientInterceptor by;
    private final ActiveSpan parent;

    Traced(KitClientInterceptor by, ActiveSpan parent, ClientCall<Q, A> call) {
      super(call);
      this.by = by;
      this.parent = parent;
    }

    @Override
    public void start(Listener<A> listener, Metadata headers) {
      if (isStarted(headers, by.others)) {
        super.start(listener, headers);
        return;
      }
      Object[] relayed = parent.relayed;
      if (relayed != null) {
        Propagation.relay(relayed, headers);
      }
      KitClientInterceptor.start(delegate(), listener, headers);
    }
  }

  private static final class Call<Q, A>
      extends ForwardingClientCall.SimpleForwardingClientCall<Q, A> {
    private final Calls calls;
    private final OtherTracers others;
    private final ActiveSpan parent;
    private final boolean traced;
    private final MethodDescriptor<Q, A> method;
    private final @Nullable String callee;
    private final @Nullable String authority;
    private final @Nullable Deadline deadline;
    private final @Nullable Attempts attempts;
    private @Nullable ClientSide side;

    Call(
        Calls calls,
        OtherTracers others,
        ActiveSpan parent,
        boolean traced,
        MethodDescriptor<Q, A> method,
        @Nullable String callee,
        @Nullable String authority,
        @Nullable Deadline deadline,
        @Nullable Attempts attempts,
        ClientCall<Q, A> call) {
      super(call);
      this.calls = calls;
      this.others = others;
      this.parent = parent;
      this.traced = traced;
      this.method = method;
      this.callee = callee;
      this.authority = authority;
      this.deadline = deadline;
      this.attempts = attempts;
    }

    @Override
    public void start(Listener<A> listener, Metadata headers) {
      ClientSide started = isStarted(headers, others) ? null : begin(headers);
      if (started == null) {
        super.start(listener, headers);
        return;
      }
      STARTING.set(headers);
      try {
        super.start(new Told<>(calls, started, parent, listener), headers);
      } catch (RuntimeException | Error e) {
        calls.end(started, Status.fromThrowable(e), e);
        throw e;
      } finally {
        STARTING.set(null);
      }
    }

    private @Nullable ClientSide begin(Metadata headers) {
      try {
        ClientSide started =
            new ClientSide(
                method,
                callee,
                authority == null ? "" : authority,
                deadline,
                attempts,
                calls.clock,
                System.nanoTime());
        ActiveSpan span =
            traced || others.traceClientCall(headers)
                ? UnsampledSpan.NONE
                : calls.source.startClient(started, parent);
        started.startedAs(span);
        calls.started(started);
        side = started;
        inject(calls, span, parent, headers);
        return started;
      } catch (RuntimeException e) {
        calls.failed("start of a call", e);
        return side;
      }
    }

    @Override
    public void sendMessage(Q message) {
      ClientSide started = side;
      if (started != null) {
        started.messageSent();
      }
      super.sendMessage(message);
    }

    @Override
    public void cancel(@Nullable String message, @Nullable Throwable cause) {
      ClientSide started = side;
      if (started != null) {
        // Not every client calls onClose after that, and who does has no more to say.
        Status status = Status.CANCELLED.withDescription(message).withCause(cause);
        calls.end(started, status, null);
      }
      super.cancel(message, cause);
    }
  }

  private static final class Told<A> extends ClientCall.Listener<A> {
    private final Calls calls;
    private final ClientSide side;
    private final ActiveSpan parent;
    private final ClientCall.Listener<A> listener;
    private final Context context = Context.current();

    Told(Calls calls, ClientSide side, ActiveSpan parent, ClientCall.Listener<A> listener) {
      this.calls = calls;
      this.side = side;
      this.parent = parent;
      this.listener = listener;
    }

    @Override
    public void onHeaders(Metadata headers) {
      side.headers();
      Context before = context.attach();
      Object token = null;
      try {
        token = parent.attach();
        listener.onHeaders(headers);
      } finally {
        restore(token, before);
      }
    }

    @Override
    public void onMessage(A message) {
      side.messageReceived();
      Context before = context.attach();
      Object token = null;
      try {
        token = parent.attach();
        listener.onMessage(message);
      } finally {
        restore(token, before);
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      calls.end(side, status, null);
      Context before = context.attach();
      Object token = null;
      try {
        token = parent.attach();
        listener.onClose(status, trailers);
      } finally {
        restore(token, before);
      }
    }

    @Override
    public void onReady() {
      Context before = context.attach();
      Object token = null;
      try {
        token = parent.attach();
        listener.onReady();
      } finally {
        restore(token, before);
      }
    }

    private void restore(@Nullable Object token, Context before) {
      if (token != null) {
        parent.detach(token);
      }
      context.detach(before);
    }
  }
}
