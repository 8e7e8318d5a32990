// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * What a request waited for: the stretches of time, one after the other, in which the work of one
 * span held up its end. Making one of them shorter would have made the request shorter.
 *
 * <p>Walked backwards from the end, as Jaeger does: the span's child that ended last is what it
 * waited for; before that child began, the child that had ended last by then, and so on; what lies
 * between is the span's own. A child that begins before its parent or outlasts it was waited for
 * only while the parent ran. Children that ended while another one was waited for are not on the
 * path.
 */
public final class CriticalPath {
  /**
   * A stretch of the path.
   *
   * @param node place of the span in {@link TraceTree#nodes}
   * @param startEpochNanos where it begins, on the clock of the root
   * @param endEpochNanos where it ends, always later
   */
  public record Stretch(int node, long startEpochNanos, long endEpochNanos) {}

  private CriticalPath() {}

  /** A span whose children are still to be walked, from {@code untilEpochNanos} backwards. */
  private static final class Walk {
    final int node;
    final int[] children;
    final long startEpochNanos;
    int next;
    boolean waitedForAny;
    long untilEpochNanos;

    Walk(int node, int[] children, long startEpochNanos, long untilEpochNanos) {
      this.node = node;
      this.children = children;
      this.startEpochNanos = startEpochNanos;
      this.untilEpochNanos = untilEpochNanos;
    }
  }

  /**
   * Returns the path of the request that the span at {@code root} stands for, in order of time;
   * empty if it is in progress or took no time. Takes n log n steps for n spans.
   *
   * @param root a place in {@link TraceTree#nodes}
   */
  public static List<Stretch> of(TraceTree tree, int root) {
    List<TraceTree.Node> nodes = tree.nodes();
    int[][] children = children(nodes);
    List<Stretch> path = new ArrayList<>();
    Deque<Walk> walks = new ArrayDeque<>();
    TraceTree.Node top = nodes.get(root);
    walks.push(new Walk(root, children[root], top.startEpochNanos(), top.endEpochNanos()));
    while (!walks.isEmpty()) {
      Walk walk = walks.peek();
      long start = walk.startEpochNanos;
      int child = nextChild(walk, nodes);
      if (child < 0) {
        add(path, walk.node, start, walk.untilEpochNanos);
        walks.pop();
        continue;
      }
      long childEnd = Math.min(nodes.get(child).endEpochNanos(), walk.untilEpochNanos);
      add(path, walk.node, childEnd, walk.untilEpochNanos);
      walk.untilEpochNanos = Math.max(start, nodes.get(child).startEpochNanos());
      walks.push(new Walk(child, children[child], walk.untilEpochNanos, childEnd));
    }
    return path.reversed();
  }

  /**
   * Returns the next child that was waited for, or -1. The first may outlast its parent; the others
   * must have ended by the time that the one after them began.
   */
  private static int nextChild(Walk walk, List<TraceTree.Node> nodes) {
    while (walk.next < walk.children.length) {
      int child = walk.children[walk.next++];
      TraceTree.Node node = nodes.get(child);
      boolean waited =
          walk.waitedForAny
              ? node.endEpochNanos() <= walk.untilEpochNanos
              : node.startEpochNanos() < walk.untilEpochNanos;
      if (waited
          && node.endEpochNanos() > node.startEpochNanos()
          && node.endEpochNanos() > walk.startEpochNanos) {
        walk.waitedForAny = true;
        return child;
      }
    }
    return -1;
  }

  private static void add(List<Stretch> path, int node, long start, long end) {
    if (end > start) {
      path.add(new Stretch(node, start, end));
    }
  }

  /** Returns the children of each node, the one that ended last first. */
  private static int[][] children(List<TraceTree.Node> nodes) {
    int[][] children = new int[nodes.size()][];
    int[] filled = new int[nodes.size()];
    for (int i = 0; i < nodes.size(); i++) {
      children[i] = new int[nodes.get(i).childCount()];
      int parent = nodes.get(i).parentIndex();
      if (parent >= 0) {
        children[parent][filled[parent]++] = i;
      }
    }
    Comparator<Integer> latestEnd =
        Comparator.comparingLong((Integer i) -> nodes.get(i).endEpochNanos()).reversed();
    for (int i = 0; i < children.length; i++) {
      if (children[i].length > 1) {
        children[i] =
            Arrays.stream(children[i])
                .boxed()
                .sorted(latestEnd)
                .mapToInt(Integer::intValue)
                .toArray();
      }
    }
    return children;
  }
}
