// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.TraceContext;

/**
 * Shows OpenTelemetry the ids of a kit that sends elsewhere, such as to X-Ray: loggers that take
 * the trace from OpenTelemetry's context find that of the call, and spans that other libraries make
 * in a handler are part of it. Makes no spans itself.
 *
 * <p>With {@link OpenTelemetrySpans} it is not needed: its spans are in that context anyway.
 */
public final class ContextBridge {
  private static final ServerInterceptor INTERCEPTOR = new Interceptor();

  private ContextBridge() {}

  /**
   * Returns an interceptor that has every callback of a call run in OpenTelemetry's context of the
   * kit's span. It must be inside the kit's, so be added to a server's builder before it:
   *
   * <pre>{@code
   * kit.instrument(ServerBuilder.forPort(50051).intercept(ContextBridge.serverInterceptor()))
   * }</pre>
   */
  public static ServerInterceptor serverInterceptor() {
    return INTERCEPTOR;
  }

  /**
   * Makes a span's ids current in OpenTelemetry's context of this thread until what is returned is
   * closed; does nothing for a span that belongs to no trace.
   */
  @SuppressWarnings("MustBeClosedChecker") // By the caller.
  public static Scope makeCurrent(ActiveSpan span) {
    TraceContext context = span.context();
    SpanContext ids = context == null ? SpanContext.getInvalid() : ForeignSpans.local(context);
    return ids.isValid() ? Context.current().with(Span.wrap(ids)).makeCurrent() : Scope.noop();
  }

  private static final class Interceptor implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      ActiveSpan span = ActiveSpan.current();
      try (Scope scope = makeCurrent(span)) {
        return scope == Scope.noop()
            ? next.startCall(call, headers)
            : new Listener<>(next.startCall(call, headers), span);
      }
    }
  }

  private static final class Listener<Q> extends SimpleForwardingServerCallListener<Q> {
    private final ActiveSpan span;

    Listener(ServerCall.Listener<Q> listener, ActiveSpan span) {
      super(listener);
      this.span = span;
    }

    @Override
    @SuppressWarnings("try") // The scope is closed, and not used otherwise.
    public void onMessage(Q message) {
      try (Scope scope = makeCurrent(span)) {
        super.onMessage(message);
      }
    }

    @Override
    @SuppressWarnings("try")
    public void onHalfClose() {
      try (Scope scope = makeCurrent(span)) {
        super.onHalfClose();
      }
    }

    @Override
    @SuppressWarnings("try")
    public void onCancel() {
      try (Scope scope = makeCurrent(span)) {
        super.onCancel();
      }
    }

    @Override
    @SuppressWarnings("try")
    public void onComplete() {
      try (Scope scope = makeCurrent(span)) {
        super.onComplete();
      }
    }

    @Override
    @SuppressWarnings("try")
    public void onReady() {
      try (Scope scope = makeCurrent(span)) {
        super.onReady();
      }
    }
  }
}
