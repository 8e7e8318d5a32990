// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query.compare;

import io.roentgen.model.SpanKind;
import io.roentgen.query.CriticalPath;
import io.roentgen.query.TraceTree;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Two sides, A and B, each a trace or a set of traces, merged into one tree of paths. A path is the
 * services, operation names and kinds from a root down; all spans of a trace that have the same
 * path are one node, counted.
 *
 * <p>A side of several traces has the median of them: each trace gives its sums for a path, 0 where
 * it does not have the path.
 *
 * @param a what is compared
 * @param b what it is compared with
 * @param nodes the tree from top to bottom, each parent before its children; children by when they
 *     first began
 * @param pathCount how many paths there are, those beyond {@link #nodes} among them
 * @param leftOutSpanCount spans on paths that were not counted as there were too many
 */
public record TraceComparison(
    Side a, Side b, List<Node> nodes, int pathCount, long leftOutSpanCount) {
  /** How many nodes there are at the most; those that differ most are kept, with all above them. */
  public static final int MAX_NODES = 2_000;

  /** Of how many spans a set is taken in at the most; one trace always is, whatever its size. */
  public static final int MAX_SET_SPANS = 200_000;

  static final int MAX_PATHS = 50_000;

  public TraceComparison {
    nodes = List.copyOf(nodes);
  }

  /**
   * A side as a whole.
   *
   * @param traceCount traces taken in
   * @param spanCount spans of a trace; the median
   * @param durationNanos from the first start to the last end; the median
   * @param criticalNanos length of the critical path; the median
   */
  public record Side(int traceCount, double spanCount, long durationNanos, long criticalNanos) {}

  /**
   * A path.
   *
   * @param parentIndex place of the node above in {@link TraceComparison#nodes}, or -1
   * @param a null if no trace of A has the path
   * @param b null if no trace of B has the path
   */
  public record Node(
      int parentIndex,
      String service,
      String name,
      SpanKind kind,
      @Nullable Part a,
      @Nullable Part b) {}

  /**
   * What one side spent on a path; all but the number of traces are medians.
   *
   * @param traceCount traces that have the path
   * @param count spans
   * @param totalNanos sum of their durations
   * @param selfNanos the part of that during which no child of the same span ran
   * @param criticalNanos the part of the critical path that is the spans' own
   * @param failedCount spans with an error, fault or throttle
   */
  public record Part(
      int traceCount,
      double count,
      long totalNanos,
      long selfNanos,
      long criticalNanos,
      double failedCount) {
    private static final Part NONE = new Part(0, 0, 0, 0, 0, 0);
  }

  /** Takes in traces. Not safe for use by several threads. */
  public static final class Builder {
    private final Map<Key, Path> byKey = new HashMap<>();
    private final List<Path> paths = new ArrayList<>();
    private final Totals a = new Totals();
    private final Totals b = new Totals();
    private long leftOutSpanCount;

    /**
     * Takes in a trace of A, unless the side would become too large.
     *
     * @param root the place of the span that stands for the request in {@link TraceTree#nodes}
     * @return whether it was taken in
     */
    public boolean addA(TraceTree tree, int root) {
      return add(tree, root, a, true);
    }

    /** Takes in a trace of B as {@link #addA} does one of A. */
    public boolean addB(TraceTree tree, int root) {
      return add(tree, root, b, false);
    }

    private boolean add(TraceTree tree, int root, Totals totals, boolean ofA) {
      List<TraceTree.Node> nodes = tree.nodes();
      if (totals.traceCount > 0 && totals.spanSum + nodes.size() > MAX_SET_SPANS) {
        return false;
      }
      @Nullable Path[] pathOf = new Path[nodes.size()];
      long[] self = selfNanos(nodes);
      long[] critical = new long[nodes.size()];
      long criticalSum = 0;
      for (CriticalPath.Stretch stretch : CriticalPath.of(tree, root)) {
        long nanos = stretch.endEpochNanos() - stretch.startEpochNanos();
        critical[stretch.node()] += nanos;
        criticalSum += nanos;
      }
      List<Path> touched = new ArrayList<>();
      for (int i = 0; i < nodes.size(); i++) {
        TraceTree.Node node = nodes.get(i);
        int parent = node.parentIndex();
        Path above = parent < 0 ? null : pathOf[parent];
        Path path = parent >= 0 && above == null ? null : path(above, node, tree);
        if (path == null) {
          leftOutSpanCount++;
          continue;
        }
        pathOf[i] = path;
        Samples samples = ofA ? path.a : path.b;
        if (samples.open()) {
          touched.add(path);
        }
        samples.add(
            node.span().durationNanos(), self[i], critical[i], !node.span().outcome().isOk());
      }
      touched.forEach(path -> (ofA ? path.a : path.b).close());
      totals.add(nodes.size(), tree.endEpochNanos() - tree.startEpochNanos(), criticalSum);
      return true;
    }

    private @Nullable Path path(@Nullable Path above, TraceTree.Node node, TraceTree tree) {
      Key key =
          new Key(
              above == null ? -1 : above.index,
              node.service(),
              node.span().name(),
              node.span().kind());
      Path known = byKey.get(key);
      if (known != null || paths.size() == MAX_PATHS) {
        return known;
      }
      Path path =
          new Path(paths.size(), key, above, node.startEpochNanos() - tree.startEpochNanos());
      byKey.put(key, path);
      paths.add(path);
      return path;
    }

    /** Returns what has been taken in. */
    public TraceComparison build() {
      for (Path path : paths) {
        path.partA = path.a.part(a.traceCount);
        path.partB = path.b.part(b.traceCount);
      }
      boolean[] shown = mostDifferent();
      List<Node> nodes = new ArrayList<>();
      int[] places = new int[paths.size()];
      Deque<Path> open = new ArrayDeque<>();
      List<List<Path>> children = children(shown);
      push(open, children.getFirst());
      while (!open.isEmpty()) {
        Path path = open.pop();
        places[path.index] = nodes.size();
        nodes.add(
            new Node(
                path.above == null ? -1 : places[path.above.index],
                path.key.service,
                path.key.name,
                path.key.kind,
                path.partA,
                path.partB));
        push(open, children.get(path.index + 1));
      }
      return new TraceComparison(a.side(), b.side(), nodes, paths.size(), leftOutSpanCount);
    }

    private static void push(Deque<Path> open, List<Path> children) {
      children.sort(Comparator.comparingLong(path -> path.startNanos));
      for (Path each : children.reversed()) {
        open.push(each);
      }
    }

    /** Returns the paths right below each path, and the roots in front of them. */
    private List<List<Path>> children(boolean[] shown) {
      List<List<Path>> children = new ArrayList<>();
      for (int i = 0; i <= paths.size(); i++) {
        children.add(new ArrayList<>(0));
      }
      for (Path path : paths) {
        if (shown[path.index]) {
          children.get(path.key.above + 1).add(path);
        }
      }
      return children;
    }

    private boolean[] mostDifferent() {
      boolean[] shown = new boolean[paths.size()];
      if (paths.size() <= MAX_NODES) {
        Arrays.fill(shown, true);
        return shown;
      }
      List<Path> byDifference = new ArrayList<>(paths);
      byDifference.sort(
          Comparator.comparingLong(Path::differenceNanos)
              .thenComparingLong(Path::totalNanos)
              .reversed());
      int count = 0;
      for (Path path : byDifference) {
        int more = 0;
        for (Path at = path; at != null && !shown[at.index]; at = at.above) {
          more++;
        }
        if (count + more <= MAX_NODES) {
          for (Path at = path; at != null && !shown[at.index]; at = at.above) {
            shown[at.index] = true;
          }
          count += more;
        }
      }
      return shown;
    }

    /** Returns for how long of each span none of its children ran. */
    private static long[] selfNanos(List<TraceTree.Node> nodes) {
      Integer[] byStart = new Integer[nodes.size()];
      long[] self = new long[nodes.size()];
      long[] coveredUntil = new long[nodes.size()];
      for (int i = 0; i < byStart.length; i++) {
        byStart[i] = i;
        self[i] = nodes.get(i).span().durationNanos();
        coveredUntil[i] = nodes.get(i).startEpochNanos();
      }
      Arrays.sort(byStart, Comparator.comparingLong(i -> nodes.get(i).startEpochNanos()));
      for (int i : byStart) {
        TraceTree.Node node = nodes.get(i);
        int parent = node.parentIndex();
        if (parent >= 0) {
          long from = Math.max(node.startEpochNanos(), coveredUntil[parent]);
          long to = Math.min(node.endEpochNanos(), nodes.get(parent).endEpochNanos());
          if (to > from) {
            self[parent] -= to - from;
            coveredUntil[parent] = to;
          }
        }
      }
      return self;
    }
  }

  private record Key(int above, String service, String name, SpanKind kind) {}

  private static final class Path {
    final int index;
    final Key key;
    final @Nullable Path above;
    final long startNanos;
    final Samples a = new Samples();
    final Samples b = new Samples();
    @Nullable Part partA;
    @Nullable Part partB;

    Path(int index, Key key, @Nullable Path above, long startNanos) {
      this.index = index;
      this.key = key;
      this.above = above;
      this.startNanos = startNanos;
    }

    long differenceNanos() {
      return Math.abs(total(partA) - total(partB));
    }

    long totalNanos() {
      return Math.max(total(partA), total(partB));
    }

    private static long total(@Nullable Part part) {
      return (part == null ? Part.NONE : part).totalNanos();
    }
  }

  /** Five numbers for each trace that has a path. */
  private static final class Samples {
    private static final int FIELDS = 5;
    private static final int COUNT = 0;
    private static final int TOTAL = 1;
    private static final int SELF = 2;
    private static final int CRITICAL = 3;
    private static final int FAILED = 4;

    private long[] values = new long[0];
    private int closedCount;
    private boolean isOpen;

    /** Begins with a trace, if that has not been done; returns whether it had to. */
    boolean open() {
      if (isOpen) {
        return false;
      }
      isOpen = true;
      int end = (closedCount + 1) * FIELDS;
      if (end > values.length) {
        values = Arrays.copyOf(values, Math.max(end, values.length * 2));
      }
      return true;
    }

    void add(long total, long self, long critical, boolean failed) {
      int at = closedCount * FIELDS;
      values[at + COUNT]++;
      values[at + TOTAL] = sum(values[at + TOTAL], total);
      values[at + SELF] = sum(values[at + SELF], self);
      values[at + CRITICAL] = sum(values[at + CRITICAL], critical);
      values[at + FAILED] += failed ? 1 : 0;
    }

    void close() {
      closedCount++;
      isOpen = false;
    }

    @Nullable Part part(int traceCount) {
      return closedCount == 0
          ? null
          : new Part(
              closedCount,
              median(COUNT, traceCount),
              Math.round(median(TOTAL, traceCount)),
              Math.round(median(SELF, traceCount)),
              Math.round(median(CRITICAL, traceCount)),
              median(FAILED, traceCount));
    }

    private double median(int field, int traceCount) {
      if (traceCount == 1) {
        return values[field];
      }
      // Traces without the path have 0.
      long[] all = new long[traceCount];
      for (int i = 0; i < closedCount; i++) {
        all[i] = values[i * FIELDS + field];
      }
      return medianOf(all);
    }
  }

  private static final class Totals {
    int traceCount;
    long spanSum;
    private final List<long[]> traces = new ArrayList<>();

    void add(long spans, long durationNanos, long criticalNanos) {
      traceCount++;
      spanSum += spans;
      traces.add(new long[] {spans, durationNanos, criticalNanos});
    }

    Side side() {
      return new Side(traceCount, median(0), Math.round(median(1)), Math.round(median(2)));
    }

    private double median(int field) {
      return traces.isEmpty()
          ? 0
          : medianOf(traces.stream().mapToLong(trace -> trace[field]).toArray());
    }
  }

  private static double medianOf(long[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1
        ? values[middle]
        : (double) values[middle - 1] / 2 + (double) values[middle] / 2;
  }

  /** Adds without wrapping around: a sender may send any 64 bits as a time. */
  private static long sum(long first, long second) {
    long sum = first + second;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
