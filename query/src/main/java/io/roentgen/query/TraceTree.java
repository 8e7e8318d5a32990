// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query;

import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TraceId;
import io.roentgen.store.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The spans of a trace as the forest that their parents make, with the clocks of services brought
 * together.
 *
 * <p>Stored spans are never changed: each node says by how much its span's times were moved ({@link
 * Node#clockSkewNanos}), and {@link Node#startEpochNanos} and {@link Node#endEpochNanos} are the
 * moved times.
 *
 * <pre>{@code
 * TraceTree tree = TraceTree.assemble(trace);
 * for (TraceTree.Node node : tree.nodes()) {
 *   System.out.println("  ".repeat(node.depth()) + node.span().name());
 * }
 * }</pre>
 */
public final class TraceTree {
  private static final int NONE = -1;

  private final TraceId traceId;
  private final List<Node> nodes;
  private final long startEpochNanos;
  private final long endEpochNanos;

  private TraceTree(TraceId traceId, List<Node> nodes) {
    this.traceId = traceId;
    this.nodes = List.copyOf(nodes);
    long start = Long.MAX_VALUE;
    long end = Long.MIN_VALUE;
    for (Node node : nodes) {
      start = Math.min(start, node.startEpochNanos());
      end = Math.max(end, node.endEpochNanos());
    }
    this.startEpochNanos = start;
    this.endEpochNanos = end;
  }

  /** How a span came to its place. */
  public enum Placement {
    /** It has no parent. */
    ROOT,
    /** It is below its parent. */
    CHILD,
    /** Its parent has not arrived, so it stands as a root. */
    ORPHAN,
    /**
     * Its parents lead back to itself; of the spans on that circle it is the first in the trace's
     * order, and stands as a root so that the others can be shown below it.
     */
    CYCLE
  }

  /**
   * A span in its place.
   *
   * @param span the span as stored
   * @param parentIndex the place of the node above in {@link TraceTree#nodes}, or -1 for none
   * @param depth how many nodes are above
   * @param childCount how many nodes are right below
   * @param placement how the span came to its place
   * @param service the span's service, or if it names none, that of the nearest node above that
   *     does; empty if there is none
   * @param clockSkewNanos what was added to the span's times to make them fit the clock of the root
   */
  public record Node(
      Span span,
      int parentIndex,
      int depth,
      int childCount,
      Placement placement,
      String service,
      long clockSkewNanos) {
    /** Returns the start on the clock of the root, in epoch nanoseconds. */
    public long startEpochNanos() {
      return add(span.startEpochNanos(), clockSkewNanos);
    }

    /**
     * Returns the end on the clock of the root, in epoch nanoseconds; the start while in progress
     * or where the stored end is before the start.
     */
    public long endEpochNanos() {
      return add(startEpochNanos(), span.durationNanos());
    }
  }

  /**
   * Returns the tree of a trace. Takes time in proportion to the number of spans, however deep they
   * nest.
   */
  public static TraceTree assemble(Trace trace) {
    List<Span> spans = trace.spans();
    int count = spans.size();
    Placement[] placements = new Placement[count];
    int[] parents = parents(spans, placements);
    breakCycles(parents, placements);

    // Children as linked lists: filled from the back, each list is in the order of the trace.
    int[] firstChild = new int[count];
    int[] nextSibling = new int[count];
    int[] childCounts = new int[count];
    Arrays.fill(firstChild, NONE);
    int firstRoot = NONE;
    for (int i = count - 1; i >= 0; i--) {
      int parent = parents[i];
      if (parent == NONE) {
        nextSibling[i] = firstRoot;
        firstRoot = i;
      } else {
        nextSibling[i] = firstChild[parent];
        firstChild[parent] = i;
        childCounts[parent]++;
      }
    }

    List<Node> nodes = new ArrayList<>(count);
    int[] places = new int[count];
    int at = firstRoot;
    while (at != NONE) {
      int parent = parents[at];
      int parentIndex = parent == NONE ? NONE : places[parent];
      places[at] = nodes.size();
      nodes.add(
          node(
              spans.get(at),
              parentIndex == NONE ? null : nodes.get(parentIndex),
              parentIndex,
              childCounts[at],
              placements[at]));
      if (firstChild[at] != NONE) {
        at = firstChild[at];
      } else {
        while (at != NONE && nextSibling[at] == NONE) {
          at = parents[at];
        }
        at = at == NONE ? NONE : nextSibling[at];
      }
    }
    return new TraceTree(trace.traceId(), nodes);
  }

  private static int[] parents(List<Span> spans, Placement[] placements) {
    Map<SpanId, Integer> indexes = HashMap.newHashMap(spans.size());
    for (int i = 0; i < spans.size(); i++) {
      indexes.put(spans.get(i).spanId(), i);
    }
    int[] parents = new int[spans.size()];
    for (int i = 0; i < spans.size(); i++) {
      SpanId parent = spans.get(i).parentSpanId();
      Integer index = parent == null ? null : indexes.get(parent);
      parents[i] = index == null ? NONE : index;
      placements[i] =
          index != null ? Placement.CHILD : parent == null ? Placement.ROOT : Placement.ORPHAN;
    }
    return parents;
  }

  /** Cuts each circle of parents at its first span in the trace's order. */
  private static void breakCycles(int[] parents, Placement[] placements) {
    // walk[i] is the number of the walk that came by i first; meeting one's own number closes a
    // circle.
    int[] walk = new int[parents.length];
    for (int start = 0; start < parents.length; start++) {
      int at = start;
      while (at != NONE && walk[at] == 0) {
        walk[at] = start + 1;
        at = parents[at];
      }
      if (at != NONE && walk[at] == start + 1) {
        int first = at;
        for (int i = parents[at]; i != at; i = parents[i]) {
          first = Math.min(first, i);
        }
        parents[first] = NONE;
        placements[first] = Placement.CYCLE;
      }
    }
  }

  private static Node node(
      Span span, @Nullable Node parent, int parentIndex, int childCount, Placement placement) {
    if (parent == null) {
      return new Node(span, parentIndex, 0, childCount, placement, span.service(), 0);
    }
    String service = span.service().isEmpty() ? parent.service() : span.service();
    boolean remote = span.segment() || !service.equals(parent.service());
    return new Node(
        span,
        parentIndex,
        parent.depth() + 1,
        childCount,
        placement,
        service,
        remote ? clockSkew(span, parent) : parent.clockSkewNanos());
  }

  /*
   * Clocks of two machines differ, and only causality can tell by how much: a call cannot start before it was
   * made, and a caller that waits sees its end. So, as Jaeger and Zipkin do, what another service reports of a
   * call is compared with the caller's span, on the caller's already moved times:
   *
   * - If it lies inside, nothing is known to be wrong and it stays where its own clock puts it. If it does so
   *   only when moved like its caller, the two share a clock, and it is moved like its caller.
   * - Else, if the caller waited (a CLIENT span; both have ended) and the call took no longer than the wait, the
   *   rest of the wait is taken as network time in equal parts before and after: the call is put in the middle.
   * - Else the call may rightly end, and even start, after its caller: it was not waited for, or the caller gave
   *   up. Then it is only kept from starting before its caller.
   *
   * Spans within one service share a clock and move together.
   */
  private static long clockSkew(Span child, Node caller) {
    long start = child.startEpochNanos();
    if (fits(child, 0, caller)) {
      return 0;
    }
    if (caller.clockSkewNanos() != 0 && fits(child, caller.clockSkewNanos(), caller)) {
      return caller.clockSkewNanos();
    }
    if (!waits(child, caller)) {
      return Math.max(0, caller.startEpochNanos() - start);
    }
    long slack = caller.span().durationNanos() - child.durationNanos();
    return add(caller.startEpochNanos() - start, slack / 2);
  }

  private static boolean fits(Span child, long skew, Node caller) {
    long start = add(child.startEpochNanos(), skew);
    if (start < caller.startEpochNanos()) {
      return false;
    }
    return !waits(child, caller) || add(start, child.durationNanos()) <= caller.endEpochNanos();
  }

  private static boolean waits(Span child, Node caller) {
    return caller.span().kind() == SpanKind.CLIENT
        && !caller.span().inProgress()
        && !child.inProgress()
        && child.kind() != SpanKind.CONSUMER
        && child.durationNanos() <= caller.span().durationNanos();
  }

  /** Adds without wrapping around: a sender may send any 64 bits as a time. */
  private static long add(long epochNanos, long nanos) {
    long sum = epochNanos + nanos;
    boolean wrapped = ((epochNanos ^ sum) & (nanos ^ sum)) < 0;
    return wrapped ? (nanos < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
  }

  /** Returns the id of the trace. */
  public TraceId traceId() {
    return traceId;
  }

  /**
   * Returns every span of the trace once, each parent before its children and with all that is
   * below it in one run: the order in which a tree is shown from top to bottom. Roots, and the
   * children of one node, are sorted by stored start, then id.
   */
  public List<Node> nodes() {
    return nodes;
  }

  /** Returns the earliest start on the clock of the roots, in epoch nanoseconds. */
  public long startEpochNanos() {
    return startEpochNanos;
  }

  /** Returns the latest end, or start of a span in progress, on the clock of the roots. */
  public long endEpochNanos() {
    return endEpochNanos;
  }
}
