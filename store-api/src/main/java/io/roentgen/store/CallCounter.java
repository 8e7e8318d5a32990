// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.NodeId;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says which calls the spans of one trace are: the rules of the service map, after X-Ray's.
 *
 * <ul>
 *   <li>A complete segment is one request to its service's node.
 *   <li>It is also one call on the edge from the service that owns its parent span. The caller's span gives time
 *       and outcome if it is the caller's side of this one call and complete, else the segment does. A segment
 *       without a parent was called by a client node of the same name. If the parent has not arrived, or nothing
 *       says whose it is, there is no edge yet.
 *   <li>A complete span that calls a named peer, with no segment below it, is one call on the edge to a node that
 *       stands for the peer, and one request to that node.
 * </ul>
 *
 * <p>A span's owner is its own service, or where it has none, that of the nearest ancestor that has. Calls count
 * in the minute in which the span that gave their time ended.
 */
public final class CallCounter {
  private CallCounter() {}

  /** Receives calls. */
  public interface Sink {
    /** A request that {@code node} answered. */
    void request(NodeId node, CallSpan measured);

    /** A call from {@code caller} to {@code callee}. */
    void call(NodeId caller, NodeId callee, CallSpan measured);
  }

  /** Gives the calls of one trace, each span id of which is there once, to {@code sink}. */
  public static void count(Collection<CallSpan> trace, Sink sink) {
    Map<Long, CallSpan> byId = HashMap.newHashMap(trace.size());
    for (CallSpan span : trace) {
      byId.put(span.spanId(), span);
    }
    Map<Long, Integer> segmentsBelow = new HashMap<>();
    for (CallSpan span : trace) {
      if (span.segment() && span.parentSpanId() != 0) {
        segmentsBelow.merge(span.parentSpanId(), 1, Integer::sum);
      }
    }
    for (CallSpan span : trace) {
      if (span.inProgress()) {
        continue;
      }
      if (span.segment()) {
        countSegment(span, byId, segmentsBelow, sink);
      }
      if (!span.peerName().isEmpty() && !segmentsBelow.containsKey(span.spanId())) {
        countPeer(span, byId, sink);
      }
    }
  }

  private static void countSegment(
      CallSpan segment,
      Map<Long, CallSpan> byId,
      Map<Long, Integer> segmentsBelow,
      Sink sink) {
    NodeId callee = owner(segment, byId);
    if (callee == null) {
      return;
    }
    sink.request(callee, segment);
    if (segment.parentSpanId() == 0) {
      sink.call(new NodeId(callee.name(), NodeId.CLIENT), callee, segment);
      return;
    }
    CallSpan parent = byId.get(segment.parentSpanId());
    NodeId caller = parent == null ? null : owner(parent, byId);
    if (parent == null || caller == null) {
      return;
    }
    boolean measuredByCaller =
        parent.calls()
            && !parent.inProgress()
            && segmentsBelow.getOrDefault(parent.spanId(), 0) == 1;
    sink.call(caller, callee, measuredByCaller ? parent : segment);
  }

  private static void countPeer(CallSpan span, Map<Long, CallSpan> byId, Sink sink) {
    NodeId caller = owner(span, byId);
    if (caller == null) {
      return;
    }
    NodeId callee = new NodeId(span.peerName(), span.peerType());
    sink.request(callee, span);
    sink.call(caller, callee, span);
  }

  private static @Nullable NodeId owner(CallSpan span, Map<Long, CallSpan> byId) {
    @Nullable CallSpan at = span;
    // Parents may form a circle in what a sender made up.
    Set<Long> seen = null;
    while (at != null) {
      if (!at.service().isEmpty()) {
        return new NodeId(at.service(), at.serviceType());
      }
      seen = seen == null ? new HashSet<>() : seen;
      if (!seen.add(at.spanId())) {
        return null;
      }
      at = byId.get(at.parentSpanId());
    }
    return null;
  }
}
