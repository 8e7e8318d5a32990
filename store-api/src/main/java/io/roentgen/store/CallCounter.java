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
 *   <li>A complete segment is one request to its service's node. Its work lasts until the last complete span
 *       below it ends, down to the next segments.
 *   <li>It is also one call on the edge from the service that owns its parent span. The caller's span gives time
 *       and outcome if it is the caller's side of this one call and complete, else the segment does. A segment
 *       without a parent was called by a client node of the same name. If the parent has not arrived, or nothing
 *       says whose it is, there is no edge yet. Where the parent names a peer and that is not the service's name,
 *       or has a type of its own, the peer is an alias.
 *   <li>A complete span that calls a named peer, with no segment below it, is one call on the edge to a node that
 *       stands for the peer, and one request to that node.
 * </ul>
 *
 * <p>Messages go through the node of their queue ({@link NodeId#hasQueueType}), which stays although it sends nothing:
 *
 * <ul>
 *   <li>A sender is a span that calls and whose peer is a queue. If it names none, but CONSUMER segments
 *       right below it do, it called theirs, the least of several. A complete sender is one call on the edge
 *       to the queue and one request to the queue, whoever is below it and however many messages it sent: nobody
 *       says which of a batch was whose.
 *   <li>A complete segment right below a sender is a consumer, of any kind. It is one receipt on the edge from the
 *       queue, with its own time and outcome, and no call from the sender. Of several consumers of one message each
 *       is one. The message's age is from the sender's end, if it has ended, to the segment's start, and never
 *       negative.
 *   <li>A CONSUMER segment whose peer is a queue is a receipt from that queue too where its parent is no sender, is
 *       missing, or where it has none; then there is no client, and no age. So is a batch, of which links name the
 *       senders: one receipt without age. But right below a span that received from the same queue for the same
 *       service it works on what that one received, and is on no edge.
 *   <li>A CONSUMER segment that names no queue is a segment like any other.
 *   <li>A CLIENT span that asks a queue for messages calls the queue, as X-Ray has it.
 * </ul>
 *
 * <p>A span's owner is its own service, or where it has none, that of the nearest ancestor that has. Calls count
 * in the minute in which the span that gave their time ended.
 */
public final class CallCounter {
  /** The age of a message whose sender is not known or has not ended. */
  public static final long NO_AGE = -1;

  private final Map<Long, CallSpan> byId;
  private final Map<Long, Integer> segmentsBelow = new HashMap<>();

  /** The least queue that consumers below a span name, by the span's id. */
  private final Map<Long, NodeId> queuesBelow = new HashMap<>();

  /** The latest end below a segment, by its id, where it may be later than the segment's. */
  private final Map<Long, Long> ends = new HashMap<>();

  private final Sink sink;

  private CallCounter(Collection<CallSpan> trace, Sink sink) {
    this.sink = sink;
    byId = HashMap.newHashMap(trace.size());
    for (CallSpan span : trace) {
      byId.put(span.spanId(), span);
    }
    for (CallSpan span : trace) {
      if (span.segment()) {
        if (span.parentSpanId() != 0) {
          segmentsBelow.merge(span.parentSpanId(), 1, Integer::sum);
          if (span.receives()) {
            queuesBelow.merge(
                span.parentSpanId(), span.peer(), (a, b) -> a.compareTo(b) <= 0 ? a : b);
          }
        }
      } else if (!span.inProgress()) {
        prolong(span);
      }
    }
  }

  /** Receives calls. */
  public interface Sink {
    /**
     * A request that {@code node} answered.
     *
     * @param workNanos how long it was at work, also after the answer: at least {@code measured}'s duration
     */
    void request(NodeId node, CallSpan measured, long workNanos);

    /**
     * A call from {@code caller} to {@code callee}.
     *
     * @param alias the other name under which the caller knew the callee, or null
     */
    void call(NodeId caller, NodeId callee, @Nullable NodeId alias, CallSpan measured);

    /**
     * A message, or a batch, that {@code consumer} received from {@code queue}.
     *
     * @param ageNanos how long it had been on its way, or {@link #NO_AGE}
     */
    void receipt(NodeId queue, NodeId consumer, CallSpan measured, long ageNanos);
  }

  /** Gives the calls of one trace, each span id of which is there once, to {@code sink}. */
  public static void count(Collection<CallSpan> trace, Sink sink) {
    CallCounter counter = new CallCounter(trace, sink);
    for (CallSpan span : trace) {
      if (!span.inProgress()) {
        counter.count(span);
      }
    }
  }

  private void count(CallSpan span) {
    if (span.segment()) {
      countSegment(span);
    }
    NodeId queue = queueOrNull(span);
    if (queue != null) {
      countPeer(span, queue);
    } else if (!span.peerName().isEmpty()
        && !span.receives()
        && !segmentsBelow.containsKey(span.spanId())) {
      countPeer(span, span.peer());
    }
  }

  private void countSegment(CallSpan segment) {
    NodeId callee = ownerOrNull(segment);
    if (callee == null) {
      return;
    }
    sink.request(callee, segment, workNanos(segment));
    CallSpan parent = segment.parentSpanId() == 0 ? null : byId.get(segment.parentSpanId());
    NodeId queue = parent == null ? null : queueOrNull(parent);
    if (parent != null && queue != null) {
      long age =
          parent.inProgress()
              ? NO_AGE
              : Math.max(0, segment.startEpochNanos() - parent.endEpochNanos());
      sink.receipt(queue, callee, segment, age);
    } else if (segment.receives()) {
      if (parent == null || !isSameReceipt(parent, segment, callee)) {
        sink.receipt(segment.peer(), callee, segment, NO_AGE);
      }
    } else if (segment.parentSpanId() == 0) {
      sink.call(new NodeId(callee.name(), NodeId.CLIENT), callee, null, segment);
    } else if (parent != null) {
      countCall(parent, segment, callee);
    }
  }

  private void countCall(CallSpan parent, CallSpan segment, NodeId callee) {
    NodeId caller = ownerOrNull(parent);
    if (caller == null) {
      return;
    }
    boolean measuredByCaller =
        parent.calls()
            && !parent.inProgress()
            && segmentsBelow.getOrDefault(parent.spanId(), 0) == 1;
    sink.call(caller, callee, aliasOrNull(parent, callee), measuredByCaller ? parent : segment);
  }

  private static @Nullable NodeId aliasOrNull(CallSpan caller, NodeId callee) {
    if (caller.peerName().isEmpty() || caller.receives()) {
      return null;
    }
    NodeId peer = caller.peer();
    boolean sameType =
        peer.type().isEmpty()
            || peer.type().equals(NodeId.REMOTE)
            || peer.type().equals(callee.type());
    return sameType && peer.name().equals(callee.name()) ? null : peer;
  }

  private boolean isSameReceipt(CallSpan parent, CallSpan segment, NodeId consumer) {
    return parent.receives()
        && parent.peer().equals(segment.peer())
        && consumer.equals(ownerOrNull(parent));
  }

  private void countPeer(CallSpan span, NodeId callee) {
    NodeId caller = ownerOrNull(span);
    if (caller == null) {
      return;
    }
    sink.request(callee, span, span.durationNanos());
    sink.call(caller, callee, null, span);
  }

  /** Returns the queue that the span, if it is a sender, put its messages into. */
  private @Nullable NodeId queueOrNull(CallSpan span) {
    if (span.sends()) {
      return span.peer();
    }
    return span.calls() && !span.receives() ? queuesBelow.get(span.spanId()) : null;
  }

  private long workNanos(CallSpan segment) {
    Long end = ends.get(segment.spanId());
    return end == null
        ? segment.durationNanos()
        : Math.max(segment.durationNanos(), end - segment.startEpochNanos());
  }

  /** Notes the end of a span for its segment. */
  private void prolong(CallSpan span) {
    CallSpan parent = byId.get(span.parentSpanId());
    // What ends within its parent prolongs nothing; that is nearly all, so that few look for their segment.
    if (parent == null
        || (!parent.inProgress() && parent.endEpochNanos() >= span.endEpochNanos())) {
      return;
    }
    @Nullable CallSpan at = parent;
    // Parents may form a circle in what a sender made up.
    Set<Long> seen = null;
    while (at != null && !at.segment()) {
      seen = seen == null ? new HashSet<>() : seen;
      if (!seen.add(at.spanId())) {
        return;
      }
      at = byId.get(at.parentSpanId());
    }
    if (at != null) {
      ends.merge(at.spanId(), span.endEpochNanos(), Math::max);
    }
  }

  private @Nullable NodeId ownerOrNull(CallSpan span) {
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
