// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.roentgen.codec.xray.SegmentNames;
import io.roentgen.grpc.ActiveSpan.Kind;
import io.roentgen.grpc.TraceContext.Decision;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes X-Ray segments and subsegments, and has them sent. */
final class XRaySpans implements SpanSource {
  private static final TraceContext UNDECIDED = TraceContext.ofDecision(Decision.UNDECIDED);
  private static final String OPERATION = "operation";
  private static final String RULE = "aws.xray.rule_name";

  private final String service;
  private final @Nullable ServiceNaming naming;
  private final CallSampler sampler;
  private final KitClock clock;
  private final XRayExporter exporter;
  private final int messageTicks;

  XRaySpans(
      String service,
      @Nullable ServiceNaming naming,
      CallSampler sampler,
      KitClock clock,
      XRayExporter exporter,
      int messageTicks) {
    this.service = service;
    this.naming = naming;
    this.sampler = sampler;
    this.clock = clock;
    this.exporter = exporter;
    this.messageTicks = messageTicks;
  }

  @Override
  public TraceContext decide(String method, String authority, @Nullable TraceContext incoming) {
    return decideServed(method, authority, incoming);
  }

  /** Decides about a call that is served: rules match the service that its segment would name. */
  private TraceContext decideServed(
      String method, String authority, @Nullable TraceContext incoming) {
    if (naming == null || isDecided(incoming)) {
      return decideAny(service, method, authority, incoming);
    }
    return decideAny(named(naming, method, authority), method, authority, incoming);
  }

  private static boolean isDecided(@Nullable TraceContext incoming) {
    return incoming != null
        && (incoming.decision == Decision.SAMPLED || incoming.decision == Decision.NOT_SAMPLED);
  }

  private TraceContext decideAny(
      String name, String what, @Nullable String authority, @Nullable TraceContext incoming) {
    Decision decision = incoming == null ? Decision.UNDECIDED : incoming.decision;
    if (incoming != null && incoming.hasTrace() && isDecided(incoming)) {
      return incoming;
    }
    String rule = "";
    if (!isDecided(incoming)) {
      CallSampler.Sampled decided = sampler.decide(name, what, authority);
      decision = decided.isSampled() ? Decision.SAMPLED : Decision.NOT_SAMPLED;
      rule = decided.rule();
    }
    if (incoming == null || !incoming.hasTrace()) {
      return UNDECIDED.decided(newTraceHigh(), newTraceLow(), decision, rule);
    }
    return incoming.decided(incoming.traceHigh, incoming.traceLow, decision, rule);
  }

  @Override
  public ActiveSpan startServer(GrpcCall call, @Nullable TraceContext incoming) {
    return begin(
        Kind.SERVER,
        decideServed(call.method().getFullMethodName(), call.authority(), incoming),
        call);
  }

  @Override
  public ActiveSpan startClient(GrpcCall call, ActiveSpan parent) {
    String name = call.method().getFullMethodName();
    String callee = call instanceof ClientSide client ? client.callee() : null;
    String spanName = callee == null ? name : callee;
    if (parent instanceof XRaySpan span) {
      return child(span, spanName, Kind.CLIENT, call);
    }
    Decision decided = parent.decision();
    if (decided != null && decided != Decision.SAMPLED) {
      return parent;
    }
    // Nobody asked for this call: the process itself is where the trace begins.
    ActiveSpan root =
        begin(Kind.INTERNAL, decideAny(service, name, call.authority(), parent.context()), null);
    if (!(root instanceof XRaySpan segment)) {
      return root;
    }
    XRaySpan span = child(segment, spanName, Kind.CLIENT, call);
    span.endsParent();
    return span;
  }

  @Override
  public ActiveSpan start(String name, Kind kind, @Nullable TraceContext incoming) {
    // A segment has the name of its node in the map; what is done is something to search by.
    return begin(kind, decideAny(service, name, null, incoming), null).annotate(OPERATION, name);
  }

  /** Begins a segment, or a span that is not sampled. */
  private ActiveSpan begin(Kind kind, TraceContext decided, @Nullable GrpcCall call) {
    if (decided.decision != Decision.SAMPLED) {
      return new UnsampledSpan(decided);
    }
    long startNanos = call == null ? System.nanoTime() : call.startNanos();
    long epoch = call == null ? clock.epochNanos(startNanos) : call.startEpochNanos();
    String name =
        call == null || naming == null
            ? service
            : named(naming, call.method().getFullMethodName(), call.authority());
    XRaySpan span = new XRaySpan(this, name, kind, decided, null, call, startNanos, epoch);
    if (!decided.rule.isEmpty()) {
      span.annotate(RULE, decided.rule);
    }
    opened(span, call);
    return span;
  }

  private String named(ServiceNaming by, String method, String authority) {
    return SegmentNames.legalize(by.name(service, method, authority), service);
  }

  ActiveSpan startChild(XRaySpan parent, String name, Kind kind) {
    return child(parent, name, kind, null);
  }

  private XRaySpan child(XRaySpan parent, String name, Kind kind, @Nullable GrpcCall call) {
    long startNanos = call == null ? System.nanoTime() : call.startNanos();
    // On the clock of the segment, so that a wall clock that is set between cannot part them.
    long epoch = parent.startEpochNanos + (startNanos - parent.startNanos);
    XRaySpan span =
        new XRaySpan(this, name, kind, parent.incoming(), parent, call, startNanos, epoch);
    opened(span, call);
    return span;
  }

  private void opened(XRaySpan span, @Nullable GrpcCall call) {
    if (messageTicks > 0 && call != null) {
      call.recordTicks(messageTicks);
    }
    exporter.open.add(span);
  }

  /** Makes up half a trace id: X-Ray's begin with the second they were made in. */
  private long newTraceHigh() {
    long second = TimeUnit.NANOSECONDS.toSeconds(clock.epochNanos(System.nanoTime()));
    return (second << 32) | (ThreadLocalRandom.current().nextInt() & 0xffff_ffffL);
  }

  private static long newTraceLow() {
    return ThreadLocalRandom.current().nextLong();
  }

  /**
   * Decides about a call that is made for none: returns what carries the trace that begins with it.
   *
   * @param format what its header is made in if it is not recorded
   */
  UnsampledSpan root(String method, String authority, TraceFormat format) {
    CallSampler.Sampled decided = sampler.decide(service, method, authority);
    long high = newTraceHigh();
    long low = newTraceLow();
    return decided.isSampled()
        ? new UnsampledSpan(UNDECIDED.decided(high, low, Decision.SAMPLED, decided.rule()))
        : new UnsampledSpan(UnsampledHeader.root(format, high, low));
  }

  void ended(XRaySpan span) {
    exporter.open.remove(span);
  }

  void send(XRaySpan span) {
    exporter.send(span);
  }

  @Override
  public boolean flush(Duration timeout) throws InterruptedException {
    return exporter.flush(timeout);
  }

  @Override
  public void close() {
    sampler.close();
    exporter.close();
  }

  @Override
  public SpanStatistics statistics() {
    return exporter.statistics();
  }
}
