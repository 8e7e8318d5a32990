// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.roentgen.grpc.TraceContext.Decision;
import io.roentgen.model.Outcome;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A piece of work that goes on: the call that this thread handles, or something done for it. What
 * is said of it is sent when it ends.
 *
 * <p>Every method may be called on a span that is not sampled or has ended, and then does nothing:
 * handlers need not ask. Safe for use by several threads.
 *
 * <pre>{@code
 * ActiveSpan.current().annotate("order_id", order.id());
 * }</pre>
 *
 * <p>Those who make spans, see {@link SpanSource}, extend it.
 */
public abstract class ActiveSpan {
  /** What a piece of work is to others. */
  public enum Kind {
    /** Work of this process. */
    INTERNAL,
    /** A call to another service or a database, which is waited for. */
    CLIENT,
    /** A request that another process made. */
    SERVER,
    /** A message sent to a queue. */
    PRODUCER,
    /** A message taken from a queue. */
    CONSUMER
  }

  /**
   * An active span, or in its place the bytes of an {@link UnsampledHeader}: most calls are not
   * recorded, and most of their handlers never ask.
   */
  static final Context.Key<Object> KEY = Context.key("roentgen-span");

  /** Headers that calls made for this span carry, as {@link Propagation#relayed} has them. */
  Object @Nullable [] relayed;

  /**
   * The headers of the call that this was made for, as long as interceptors run: the same object
   * for every interceptor of a call, and for no other call.
   */
  @Nullable Metadata cameWith;

  /** Makes a span that nothing is relayed for yet. */
  protected ActiveSpan() {}

  /**
   * Returns the span of the current gRPC {@link Context}; one that does nothing if there is none.
   */
  public static ActiveSpan current() {
    Object current = KEY.get();
    if (current == null) {
      return UnsampledSpan.NONE;
    }
    return current instanceof ActiveSpan span ? span : new UnsampledSpan((byte[]) current);
  }

  /** Returns whether the current context is that of the served call with these headers. */
  static boolean isServing(Metadata headers) {
    Object current = KEY.get();
    if (current == null) {
      return false;
    }
    return current instanceof ActiveSpan span
        ? span.cameWith == headers
        : UnsampledHeader.cameWith(headers, (byte[]) current);
  }

  /**
   * Returns a span of which nothing is sent, for a {@link SpanSource} that does not record a call.
   * It is a new one each time, as headers to relay are kept with it.
   *
   * @param context what calls made for it carry, or null if it belongs to no trace
   */
  public static ActiveSpan unsampled(@Nullable TraceContext context) {
    return new UnsampledSpan(context);
  }

  /** Returns what calls made for this span carry; null if it belongs to no trace. */
  public abstract @Nullable TraceContext context();

  /** Returns the decision of the context, or null if there is none. */
  @Nullable Decision decision() {
    TraceContext context = context();
    return context == null ? null : context.decision;
  }

  /** Returns the {@link UnsampledHeader} that is all there is to carry on, or null. */
  byte @Nullable [] header() {
    return null;
  }

  /** Writes the context, if there is one, into the headers of a call that is made. */
  void inject(Propagation propagation, Metadata headers) {
    TraceContext context = context();
    if (context != null) {
      propagation.inject(context, headers);
    }
  }

  /** Returns whether what is said of this span is sent. */
  public abstract boolean isSampled();

  /** Returns the trace, or null if this span belongs to none. */
  public final @Nullable TraceId traceId() {
    TraceContext context = context();
    return context == null ? null : context.traceId();
  }

  /** Returns this span's id, or null if it is not sampled. */
  public final @Nullable SpanId spanId() {
    TraceContext context = isSampled() ? context() : null;
    return context == null ? null : context.spanId();
  }

  /**
   * Adds something to search by: an annotation of X-Ray, an attribute of OpenTelemetry. A key that
   * is there already gets the new value.
   *
   * <p>Of work that is no gRPC call, what has a name in OpenTelemetry is best given under it:
   * {@code http.request.method}, {@code url.full} and {@code http.response.status_code}, say,
   * become the HTTP request of an X-Ray document, and the status decides how it went.
   */
  public final ActiveSpan annotate(String key, String value) {
    return putIfSampled(key, value);
  }

  /** Adds a number to search by. */
  public final ActiveSpan annotate(String key, long value) {
    return putIfSampled(key, value);
  }

  /** Adds a number to search by. */
  public final ActiveSpan annotate(String key, double value) {
    return putIfSampled(key, value);
  }

  /** Adds a flag to search by. */
  public final ActiveSpan annotate(String key, boolean value) {
    return putIfSampled(key, value);
  }

  private ActiveSpan putIfSampled(String key, Object value) {
    if (isSampled()) {
      put(key, value);
    }
    return this;
  }

  /**
   * Says how this went, in place of what an HTTP status or an exception tells: as X-Ray's error,
   * fault and throttle, as an error of OpenTelemetry unless it is ok. Of a call the status decides.
   */
  public final ActiveSpan outcome(Outcome outcome) {
    Objects.requireNonNull(outcome, "outcome");
    if (isSampled()) {
      putOutcome(outcome);
    }
    return this;
  }

  /**
   * Adds an exception with its stack and causes. A span that is no gRPC call becomes a fault by it;
   * of a call the status decides.
   */
  public abstract ActiveSpan recordException(Throwable thrown);

  /**
   * Starts work that is part of this, and must be ended.
   *
   * @param name what is done, or for a client whom it calls; not empty
   */
  public final ActiveSpan startChild(String name, Kind kind) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("name: '' (expected: what is done)");
    }
    ActiveSpan child = newChild(name, Objects.requireNonNull(kind, "kind"));
    if (child != this) {
      child.relayed = relayed;
    }
    return child;
  }

  /** Starts work of this process that is part of this, and must be ended. */
  public final ActiveSpan startChild(String name) {
    return startChild(name, Kind.INTERNAL);
  }

  /** Ends this span and sends it; later calls do nothing. Spans of calls are ended by the kit. */
  public abstract void end();

  /**
   * Makes this the current span of the thread, in gRPC's context and in any that the span's source
   * keeps in step with it, until what is returned is closed on the same thread.
   */
  public final Scope makeCurrent() {
    Context context = Context.current().withValue(KEY, this);
    Context before = context.attach();
    Object token = attach();
    return () -> {
      if (token != null) {
        detach(token);
      }
      context.detach(before);
    };
  }

  /**
   * Adds something to search by; called on spans that are sampled, also after their end, and then
   * must do nothing.
   *
   * @param value a {@link String}, {@link Long}, {@link Double} or {@link Boolean}
   */
  protected abstract void put(String key, Object value);

  /**
   * Takes what {@link #outcome} was told, of a span that is sampled; does nothing unless
   * overridden.
   */
  protected void putOutcome(Outcome outcome) {}

  /** Returns a span for {@link #startChild}; itself, if what is said of it is not sent anyway. */
  protected abstract ActiveSpan newChild(String name, Kind kind);

  /**
   * Tells that the call this span was started for is over. Called once, and {@link #end} never.
   *
   * @param call has ended: nothing of it changes any more
   * @param thrown what the handler threw or the status has as its cause, or null
   */
  protected abstract void callEnded(GrpcCall call, @Nullable Throwable thrown);

  /**
   * Makes this the current span of this thread in another library's context; gRPC's own is the
   * kit's. Returns what {@link #detach} needs to put back what was there, or null for nothing.
   */
  protected @Nullable Object attach() {
    return null;
  }

  /**
   * Returns whether {@link #attach} does anything. If so, it is called around every callback of the
   * calls made for this span, even if they are not sampled and nobody hears of them.
   */
  protected boolean attaches() {
    return false;
  }

  /** Puts back what was current before {@link #attach}, on the same thread. */
  protected void detach(Object token) {}

  /** For how long a span is current. */
  public interface Scope extends AutoCloseable {
    @Override
    void close();
  }
}
