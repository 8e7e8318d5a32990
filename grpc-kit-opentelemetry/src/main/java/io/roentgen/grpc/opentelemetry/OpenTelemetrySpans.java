// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import io.grpc.Status;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerBuilder;
import io.opentelemetry.context.Context;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.CallAttempt;
import io.roentgen.grpc.CallOutcomes;
import io.roentgen.grpc.GrpcCall;
import io.roentgen.grpc.RpcNames;
import io.roentgen.grpc.SpanSource;
import io.roentgen.grpc.SpanStatistics;
import io.roentgen.grpc.TraceContext;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes the spans of gRPC calls through the OpenTelemetry API; the SDK behind it samples and sends
 * them. Each span is current in OpenTelemetry's context, too, around every callback of its call.
 *
 * <pre>{@code
 * GrpcKit kit = GrpcKit.builder("orders").spans(OpenTelemetrySpans.of(openTelemetry)).build();
 * }</pre>
 *
 * <p>Which headers carry the trace is said by the kit's propagation, not by the propagators of
 * OpenTelemetry. The SDK stays its owner's: it is never shut down here, and flushed only as {@link
 * Builder#flush} says.
 *
 * <p>OpenTelemetry knows no trace without a calling span and no undecided caller. A caller that
 * sent only a trace is given a span id made of the trace's, and one that left the decision to us is
 * taken to have sampled, as samplers that go by the parent would drop its calls otherwise.
 */
public final class OpenTelemetrySpans implements SpanSource {
  /** The name of the tracer that makes the spans. */
  public static final String TRACER = "io.roentgen.grpc";

  /** Hands what has ended to the network. */
  public interface Flush {
    /** Waits until all is sent, but no longer than {@code timeout}; returns whether it was. */
    boolean flush(Duration timeout) throws InterruptedException;
  }

  private final Tracer tracer;
  private final RpcNames names;
  private final CallOutcomes outcomes;
  private final int messageTicks;
  private final Flush flush;
  private final AtomicLong open = new AtomicLong();
  private volatile boolean closed;

  private OpenTelemetrySpans(Builder builder) {
    TracerBuilder made = builder.openTelemetry.getTracerProvider().tracerBuilder(TRACER);
    String version = OpenTelemetrySpans.class.getPackage().getImplementationVersion();
    if (version != null) {
      made.setInstrumentationVersion(version);
    }
    tracer = made.build();
    names = builder.names == null ? RpcNames.ofEnvironment() : builder.names;
    outcomes = builder.outcomes;
    messageTicks = builder.messageTicks;
    flush = builder.flush;
  }

  /** Returns a source with all defaults. */
  public static OpenTelemetrySpans of(OpenTelemetry openTelemetry) {
    return builder(openTelemetry).build();
  }

  /** Returns what a source is made with. */
  public static Builder builder(OpenTelemetry openTelemetry) {
    return new Builder(openTelemetry);
  }

  @Override
  public ActiveSpan startServer(GrpcCall call, @Nullable TraceContext incoming) {
    return startCall(call, SpanKind.SERVER, ForeignSpans.contextOf(incoming), incoming);
  }

  @Override
  public ActiveSpan startClient(GrpcCall call, ActiveSpan parent) {
    TraceContext carried = parent.context();
    Context context =
        parent instanceof OpenTelemetrySpan span
            ? span.otelContext()
            : ForeignSpans.contextOf(carried);
    return startCall(call, SpanKind.CLIENT, context, carried);
  }

  /**
   * Returns the span of OpenTelemetry's current context if it has one: what is started by its API
   * in a handler is the inner of the two.
   */
  @Override
  public ActiveSpan parent(ActiveSpan current) {
    Context context = Context.current();
    Span span = Span.fromContextOrNull(context);
    if (current instanceof OpenTelemetrySpan own && own.span() == span) {
      return current;
    }
    return span == null || !span.getSpanContext().isValid()
        ? current
        : new OpenTelemetrySpan(
            this, span, context, current.context(), OpenTelemetrySpan.Owner.OTHERS, false);
  }

  @Override
  public ActiveSpan start(String name, ActiveSpan.Kind kind, @Nullable TraceContext incoming) {
    return start(name, kind, ForeignSpans.contextOf(incoming), incoming);
  }

  ActiveSpan start(
      String name, ActiveSpan.Kind kind, Context under, @Nullable TraceContext carried) {
    SpanBuilder builder = builder(name, spanKind(kind), under);
    boolean server = kind == ActiveSpan.Kind.SERVER;
    return started(builder, under, carried, OpenTelemetrySpan.Owner.USER, server);
  }

  private ActiveSpan startCall(
      GrpcCall call, SpanKind kind, Context under, @Nullable TraceContext carried) {
    SpanBuilder builder = builder(call.method().getFullMethodName(), kind, under);
    // Before the start, as samplers see no others.
    CallAttributes.started(call, names, builder);
    ActiveSpan span =
        started(builder, under, carried, OpenTelemetrySpan.Owner.KIT, kind == SpanKind.SERVER);
    if (messageTicks > 0 && span.isSampled()) {
      call.recordTicks(messageTicks);
    }
    return span;
  }

  private SpanBuilder builder(String name, SpanKind kind, Context under) {
    return tracer.spanBuilder(name).setSpanKind(kind).setParent(under);
  }

  private ActiveSpan started(
      SpanBuilder builder,
      Context under,
      @Nullable TraceContext carried,
      OpenTelemetrySpan.Owner owner,
      boolean server) {
    Span span = closed ? Span.wrap(Span.fromContext(under).getSpanContext()) : builder.startSpan();
    if (span.isRecording()) {
      open.incrementAndGet();
    }
    return new OpenTelemetrySpan(this, span, under.with(span), carried, owner, server);
  }

  /** Says what is known of a call that is over, and its attempts if there were several. */
  void describe(Span span, Context context, GrpcCall call, Status status) {
    CallAttributes.ended(call, status, names, outcomes, span);
    long startEpochNanos = CallAttributes.epochNanos() - call.durationNanos();
    CallAttributes.messages(call, startEpochNanos, span);
    int number = 0;
    for (CallAttempt attempt : call.severalAttempts()) {
      number++;
      CallAttributes.attempt(attempt, builder("attempt " + number, SpanKind.INTERNAL, context));
    }
  }

  void ended() {
    open.decrementAndGet();
  }

  private static SpanKind spanKind(ActiveSpan.Kind kind) {
    return switch (kind) {
      case INTERNAL -> SpanKind.INTERNAL;
      case CLIENT -> SpanKind.CLIENT;
      case SERVER -> SpanKind.SERVER;
      case PRODUCER -> SpanKind.PRODUCER;
      case CONSUMER -> SpanKind.CONSUMER;
    };
  }

  /**
   * Has the SDK send what has ended, as {@link Builder#flush} says; returns false if that was not
   * set, as the API cannot tell.
   */
  @Override
  public boolean flush(Duration timeout) throws InterruptedException {
    return flush.flush(timeout);
  }

  /** Starts no more spans. Those that go on are ended by their calls, and the SDK goes on. */
  @Override
  public void close() {
    closed = true;
  }

  /** Returns how many spans go on; what the SDK sent and dropped is unknown to the API. */
  @Override
  public SpanStatistics statistics() {
    return new SpanStatistics(open.get(), GrpcCall.UNKNOWN, GrpcCall.UNKNOWN);
  }

  /** What a source is made with. */
  public static final class Builder {
    private final OpenTelemetry openTelemetry;
    private @Nullable RpcNames names;
    private CallOutcomes outcomes = CallOutcomes.defaults();
    private int messageTicks;
    private Flush flush = timeout -> false;

    private Builder(OpenTelemetry openTelemetry) {
      this.openTelemetry = Objects.requireNonNull(openTelemetry, "openTelemetry");
    }

    /** Sets how the facts of calls are called, in place of what the environment says. */
    public Builder rpcNames(RpcNames newNames) {
      names = Objects.requireNonNull(newNames, "newNames");
      return this;
    }

    /**
     * Sets which statuses are errors, for all methods or some: of a server's spans those that are
     * faults, of a client's all that are not ok.
     */
    public Builder outcomes(CallOutcomes newOutcomes) {
      outcomes = Objects.requireNonNull(newOutcomes, "newOutcomes");
      return this;
    }

    /** Has a call's first messages, at most this many, told as events; 0 unless set. */
    public Builder messageTicks(int max) {
      if (max < 0 || max > 1000) {
        throw new IllegalArgumentException("messageTicks: " + max + " (expected: 0 to 1000)");
      }
      messageTicks = max;
      return this;
    }

    /**
     * Sets what the kit's flush does:
     *
     * <pre>{@code
     * timeout -> sdk.getSdkTracerProvider().forceFlush()
     *     .join(timeout.toMillis(), TimeUnit.MILLISECONDS).isSuccess()
     * }</pre>
     */
    public Builder flush(Flush newFlush) {
      flush = Objects.requireNonNull(newFlush, "newFlush");
      return this;
    }

    /** Makes the source. */
    public OpenTelemetrySpans build() {
      return new OpenTelemetrySpans(this);
    }
  }
}
