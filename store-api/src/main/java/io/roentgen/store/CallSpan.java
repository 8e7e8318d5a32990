// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.NodeId;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;

/**
 * What the service map needs of a span.
 *
 * @param spanId the id as a number
 * @param parentSpanId the parent's id, or 0
 * @param segment see {@link Span#segment}
 * @param calls whether the span is a caller's side of a call: of kind CLIENT or PRODUCER, or with a peer
 * @param consumer whether it is of kind CONSUMER
 * @param inProgress whether its end is still to come
 * @param startEpochNanos its start
 * @param endEpochNanos its end
 * @param outcomeBits how it went
 * @param service its service, or empty
 * @param serviceType its service's type, or empty
 * @param peerName whom it called or received from, or empty
 * @param peerType that one's type, or empty
 */
public record CallSpan(
    long spanId,
    long parentSpanId,
    boolean segment,
    boolean calls,
    boolean consumer,
    boolean inProgress,
    long startEpochNanos,
    long endEpochNanos,
    int outcomeBits,
    String service,
    String serviceType,
    String peerName,
    String peerType) {
  /** Returns what is needed of {@code span}. */
  public static CallSpan of(Span span) {
    SpanId parent = span.parentSpanId();
    return new CallSpan(
        span.spanId().value(),
        parent == null ? 0 : parent.value(),
        span.segment(),
        calls(span.kind().number(), !span.peerName().isEmpty()),
        span.kind() == SpanKind.CONSUMER,
        span.inProgress(),
        span.startEpochNanos(),
        span.endEpochNanos(),
        span.outcome().bits(),
        span.service(),
        span.serviceType(),
        span.peerName(),
        span.peerType());
  }

  /** Returns whether a span of that kind, with or without a peer, is a caller's side of a call. */
  public static boolean calls(int kind, boolean hasPeer) {
    return hasPeer || kind == SpanKind.CLIENT.number() || kind == SpanKind.PRODUCER.number();
  }

  /** Returns its duration: 0 while in progress, or if it ended before it started. */
  public long durationNanos() {
    return inProgress ? 0 : Math.max(0, endEpochNanos - startEpochNanos);
  }

  /** Returns whether its peer is the queue that it received from, and nobody whom it called. */
  public boolean receives() {
    return consumer && !peerName.isEmpty() && peer().hasQueueType();
  }

  /** Returns whether it put a message into a queue that it names. */
  public boolean sends() {
    return calls && !consumer && !peerName.isEmpty() && peer().hasQueueType();
  }

  NodeId peer() {
    return new NodeId(peerName, peerType);
  }
}
