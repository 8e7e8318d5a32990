// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What travels with a request from one process to the next: the trace, the span that called, and
 * whether both are recorded. Immutable.
 *
 * <p>A context without a trace carries a decision only, as B3's {@code b3: 0} does.
 */
public final class TraceContext {
  /** Whether a trace is recorded, as far as the caller knows. */
  public enum Decision {
    /** Nobody has decided. */
    UNDECIDED,
    /** It is not recorded. */
    NOT_SAMPLED,
    /** It is recorded. */
    SAMPLED,
    /** The callee is to decide, and to say so in its answer: X-Ray's {@code Sampled=?}. */
    REQUESTED
  }

  final long traceHigh;
  final long traceLow;
  final long span;
  final Decision decision;

  /** W3C's tracestate, passed on as it came; empty if there is none. */
  final String traceState;

  /** Parts of X-Ray's header that nobody here knows, from the first semicolon on; may be empty. */
  final String others;

  /** The sampling rule that decided here, which does not travel; may be empty. */
  final String rule;

  private TraceContext(
      long traceHigh,
      long traceLow,
      long span,
      Decision decision,
      String traceState,
      String others,
      String rule) {
    this.traceHigh = traceHigh;
    this.traceLow = traceLow;
    this.span = span;
    this.decision = Objects.requireNonNull(decision, "decision");
    this.traceState = traceState;
    this.others = others;
    this.rule = rule;
  }

  /** Returns the context of a trace; {@code span} is null if the caller recorded no span. */
  public static TraceContext of(TraceId trace, @Nullable SpanId span, Decision decision) {
    return ofBits(trace.high(), trace.low(), span == null ? 0 : span.value(), decision);
  }

  static TraceContext ofBits(long traceHigh, long traceLow, long span, Decision decision) {
    return new TraceContext(traceHigh, traceLow, span, decision, "", "", "");
  }

  /** Returns a context that carries a decision and no trace. */
  static TraceContext ofDecision(Decision decision) {
    return ofBits(0, 0, 0, decision);
  }

  TraceContext withSpan(long newSpan, Decision newDecision) {
    return new TraceContext(traceHigh, traceLow, newSpan, newDecision, traceState, others, rule);
  }

  /**
   * Returns the same trace with another span and decision; what else came with it stays.
   *
   * @param newSpan null if no span is recorded
   */
  public TraceContext withSpan(@Nullable SpanId newSpan, Decision newDecision) {
    return withSpan(newSpan == null ? 0 : newSpan.value(), newDecision);
  }

  /**
   * Returns the same with another tracestate.
   *
   * @param value as in W3C's header, which it is written to as it is; may be empty
   */
  public TraceContext withTraceState(String value) {
    return new TraceContext(traceHigh, traceLow, span, decision, value, others, rule);
  }

  TraceContext withOthers(String value) {
    return new TraceContext(traceHigh, traceLow, span, decision, traceState, value, rule);
  }

  TraceContext decided(long high, long low, Decision newDecision, String newRule) {
    return new TraceContext(high, low, span, newDecision, traceState, others, newRule);
  }

  boolean hasTrace() {
    return (traceHigh | traceLow) != 0;
  }

  /** Returns the trace, or null if there is only a decision. */
  public @Nullable TraceId traceId() {
    return hasTrace() ? new TraceId(traceHigh, traceLow) : null;
  }

  /** Returns the span that called, or null if it is not known. */
  public @Nullable SpanId spanId() {
    return SpanId.ofOrNull(span);
  }

  /** Returns W3C's tracestate as it came; empty if there is none. */
  public String traceState() {
    return traceState;
  }

  /** Returns whether the trace is recorded. */
  public Decision decision() {
    return decision;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TraceContext that
        && traceHigh == that.traceHigh
        && traceLow == that.traceLow
        && span == that.span
        && decision == that.decision
        && traceState.equals(that.traceState)
        && others.equals(that.others);
  }

  @Override
  public int hashCode() {
    return Objects.hash(traceHigh, traceLow, span, decision, traceState, others);
  }

  @Override
  public String toString() {
    return "TraceContext[" + traceId() + ", " + spanId() + ", " + decision + "]";
  }
}
