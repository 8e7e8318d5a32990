// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.GrpcCall;
import io.roentgen.grpc.TraceContext;
import io.roentgen.grpc.TraceContext.Decision;
import io.roentgen.model.Outcome;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A span of OpenTelemetry, and the context of OpenTelemetry that it is current in. */
final class OpenTelemetrySpan extends ActiveSpan {
  /** Who ends a span. */
  enum Owner {
    /** The kit, as it is the span of a call. */
    KIT,
    /** Who started it. */
    USER,
    /** Another library, which made it. */
    OTHERS
  }

  private static final int MAX_EXCEPTIONS = 8;
  private static final String HTTP_STATUS = "http.response.status_code";
  private static final VarHandle ENDED;

  static {
    try {
      ENDED = MethodHandles.lookup().findVarHandle(OpenTelemetrySpan.class, "ended", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final OpenTelemetrySpans source;
  private final Span span;
  private final Context otelContext;
  private final boolean recording;
  private final Owner owner;
  private final boolean server;

  /** What came with the request, of which the parts that OpenTelemetry does not know go on. */
  private final @Nullable TraceContext carried;

  private @Nullable TraceContext context;

  @SuppressWarnings("unused") // By ENDED.
  private volatile boolean ended;

  /** Guarded by this. */
  private @Nullable List<Throwable> exceptions;

  /**
   * Makes one.
   *
   * @param otelContext has the span as its current one
   * @param carried what came with the request or is carried by the parent, or null
   * @param server whether it answers a request: then a status of HTTP below 500 is no error of it
   */
  OpenTelemetrySpan(
      OpenTelemetrySpans source,
      Span span,
      Context otelContext,
      @Nullable TraceContext carried,
      Owner owner,
      boolean server) {
    this.source = source;
    this.span = span;
    this.otelContext = otelContext;
    this.carried = carried;
    this.owner = owner;
    this.server = server;
    recording = span.isRecording();
  }

  Span span() {
    return span;
  }

  Context otelContext() {
    return otelContext;
  }

  @Override
  public @Nullable TraceContext context() {
    SpanContext ids = span.getSpanContext();
    // A remote one is what came, passed on as nobody makes spans.
    if (!ids.isValid() || ids.isRemote()) {
      return carried;
    }
    TraceContext known = context;
    if (known == null) {
      known = contextOf(ids);
      context = known;
    }
    return known;
  }

  private TraceContext contextOf(SpanContext ids) {
    TraceId trace = TraceId.parse(ids.getTraceId());
    SpanId id = SpanId.parse(ids.getSpanId());
    Decision decision = ids.isSampled() ? Decision.SAMPLED : Decision.NOT_SAMPLED;
    TraceContext made =
        carried != null && trace.equals(carried.traceId())
            ? carried.withSpan(id, decision)
            : TraceContext.of(trace, id, decision);
    return made.withTraceState(ForeignSpans.format(ids.getTraceState()));
  }

  /** Returns whether the span records, so that it must be ended, even if it is not sent on. */
  @Override
  public boolean isSampled() {
    return recording;
  }

  @Override
  protected void put(String key, Object value) {
    if (value instanceof String text) {
      span.setAttribute(key, text);
    } else if (value instanceof Long number) {
      span.setAttribute(key, number);
      if (owner == Owner.USER && key.equals(HTTP_STATUS) && number >= (server ? 500 : 400)) {
        span.setStatus(StatusCode.ERROR);
      }
    } else if (value instanceof Double number) {
      span.setAttribute(key, number);
    } else if (value instanceof Boolean flag) {
      span.setAttribute(key, flag);
    }
  }

  @Override
  protected void putOutcome(Outcome outcome) {
    if (owner == Owner.USER) {
      span.setStatus(outcome.isOk() ? StatusCode.OK : StatusCode.ERROR);
    }
  }

  @Override
  public ActiveSpan recordException(Throwable thrown) {
    if (recording && isNew(thrown)) {
      span.recordException(thrown);
      if (owner == Owner.USER) {
        span.setStatus(StatusCode.ERROR);
      }
    }
    return this;
  }

  /** What a handler records and then throws is one exception. */
  private synchronized boolean isNew(Throwable thrown) {
    List<Throwable> known = exceptions;
    if (known == null) {
      known = new ArrayList<>(1);
      exceptions = known;
    }
    for (Throwable one : known) {
      if (one == thrown) {
        return false;
      }
    }
    return known.size() < MAX_EXCEPTIONS && known.add(thrown);
  }

  @Override
  public void end() {
    if (owner == Owner.USER) {
      endOnce();
    }
  }

  @Override
  protected ActiveSpan newChild(String name, Kind kind) {
    return source.start(name, kind, otelContext, context());
  }

  @Override
  protected void callEnded(GrpcCall call, @Nullable Throwable thrown) {
    if (!recording) {
      return;
    }
    try {
      if (thrown != null) {
        recordException(thrown);
      }
      Status status = call.status();
      source.describe(span, otelContext, call, status == null ? Status.UNKNOWN : status);
    } finally {
      endOnce();
    }
  }

  private void endOnce() {
    if (recording && ENDED.compareAndSet(this, false, true)) {
      span.end();
      source.ended();
    }
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // By detach.
  protected Object attach() {
    Context current = Context.current();
    // On top of what there is: OpenTelemetry's storage of gRPC's context keeps that in its own.
    Context context = current == Context.root() ? otelContext : current.with(span);
    return context.makeCurrent();
  }

  @Override
  protected boolean attaches() {
    return true;
  }

  @Override
  protected void detach(Object token) {
    ((io.opentelemetry.context.Scope) token).close();
  }
}
