// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.benchmarks.GeneratedSpan.Outcome;
import io.roentgen.benchmarks.Topology.Operation;
import io.roentgen.benchmarks.Topology.Role;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The reference data set: at scale 1 a million traces of 10 spans over 10 days. The same seed,
 * trace count and range give the same bytes on every machine. README.md of this module describes
 * it.
 *
 * <p>Traces are made one after another and nothing is kept, so memory does not depend on the scale.
 */
final class ReferenceData {
  static final int SPANS_PER_TRACE = 10;
  static final int SPANS_PER_REQUEST = 500;
  static final long FULL_TRACE_COUNT = 1_000_000;

  private static final long NANOS_PER_DAY = 86_400_000_000_000L;

  /** 2026-01-01T00:00:00Z. */
  static final long END_EPOCH_NANOS = 1_767_225_600_000_000_000L;

  private static final int SEED = 1;
  private static final double MEDIAN_NANOS = 40e6;
  private static final double SIGMA = 0.9;
  private static final double FAULT_SHARE = 0.01;
  private static final double ERROR_SHARE = 0.02;

  /** One in so many traces has its spans in two requests. */
  private static final int SPLIT_EVERY = 10;

  private final Topology topology;
  private final long seed;
  private final long traceCount;
  private final TimeRange range;

  ReferenceData(Topology topology, long seed, long traceCount, TimeRange range) {
    if (traceCount < 1) {
      throw new IllegalArgumentException("traceCount: " + traceCount + " (expected: > 0)");
    }
    this.topology = topology;
    this.seed = seed;
    this.traceCount = traceCount;
    this.range = range;
  }

  /** Returns the data set at a scale above 0, up to 1. */
  static ReferenceData ofScale(Topology topology, double scale) {
    if (!(scale > 0 && scale <= 1)) {
      throw new IllegalArgumentException("scale: " + scale + " (expected: above 0, up to 1)");
    }
    return new ReferenceData(
        topology,
        SEED,
        Math.max(1, Math.round(FULL_TRACE_COUNT * scale)),
        new TimeRange(END_EPOCH_NANOS - 10 * NANOS_PER_DAY, END_EPOCH_NANOS));
  }

  /** Returns other traces, from the end of this range on, so many a second. */
  ReferenceData next(long count, double tracesPerSecond) {
    long start = range.endEpochNanos();
    long nanos = Math.max(1, (long) (count / tracesPerSecond * 1e9));
    return new ReferenceData(topology, seed + 1, count, new TimeRange(start, start + nanos));
  }

  private long length() {
    return range.endEpochNanos() - range.startEpochNanos();
  }

  Topology topology() {
    return topology;
  }

  long traceCount() {
    return traceCount;
  }

  long spanCount() {
    return traceCount * SPANS_PER_TRACE;
  }

  /** Returns when the traces start. */
  TimeRange range() {
    return range;
  }

  /** Returns the id of a trace by its number, 0 to below the trace count. */
  TraceId traceId(long trace) {
    return new TraceId(idHigh(trace), idLow(trace));
  }

  private long idHigh(long trace) {
    return mix(mix(seed) ^ (2 * trace));
  }

  private long idLow(long trace) {
    return nonZero(mix(mix(seed) ^ (2 * trace + 1)));
  }

  private static long nonZero(long id) {
    return id == 0 ? 1 : id;
  }

  /** The finalizer of SplitMix64: spreads every bit over all. */
  private static long mix(long value) {
    long mixed = value + 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }

  /** Returns the whole set in requests, in order of time. */
  Requests requests(Function<Topology, ? extends SpanEncoder> encoder) {
    return new Requests(encoder.apply(topology), encoder.apply(topology));
  }

  /** A request's body and how many spans are in it. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Request(byte[] body, int spanCount) {}

  /** Makes one request after another. */
  final class Requests {
    private SpanEncoder current;
    private SpanEncoder following;
    private long trace;

    private Requests(SpanEncoder current, SpanEncoder following) {
      this.current = current;
      this.following = following;
    }

    /** Returns the next request, or null after the last. */
    @Nullable Request next() {
      while (trace < traceCount && current.spanCount() < SPANS_PER_REQUEST) {
        boolean split = trace % SPLIT_EVERY == SPLIT_EVERY - 1;
        for (GeneratedSpan span : spans(trace)) {
          boolean late = split && span.operation.service() >= Topology.SERVICE_COUNT / 2;
          (late ? following : current).add(span);
        }
        trace++;
      }
      if (current.spanCount() == 0 && following.spanCount() == 0) {
        return null;
      }
      if (current.spanCount() == 0) {
        swap();
      }
      int spanCount = current.spanCount();
      Request request = new Request(current.finish(), spanCount);
      swap();
      return request;
    }

    private void swap() {
      SpanEncoder finished = current;
      current = following;
      following = finished;
    }
  }

  /** Returns the spans of a trace by its number, parents before their children. */
  List<GeneratedSpan> spans(long trace) {
    SplittableRandom random = new SplittableRandom(mix(seed) + mix(trace));
    List<Node> nodes = tree(random);
    double slot = (double) length() / traceCount;
    Node root = nodes.getFirst();
    root.span.startEpochNanos =
        range.startEpochNanos() + (long) (slot * trace) + (long) (slot * random.nextDouble());
    root.span.durationNanos =
        Math.max(10_000, (long) (MEDIAN_NANOS * StrictMath.exp(SIGMA * gaussian(random))));
    List<GeneratedSpan> spans = new ArrayList<>(nodes.size());
    for (Node node : nodes) {
      node.span.traceHigh = idHigh(trace);
      node.span.traceLow = idLow(trace);
      node.span.spanId = nonZero(random.nextLong());
      node.span.parentSpanId = node.parent == null ? 0 : node.parent.span.spanId;
      node.placeChildren(random);
      decideOutcome(node, random);
      pickValues(node, random);
      spans.add(node.span);
    }
    return spans;
  }

  private static final class Node {
    final GeneratedSpan span;
    final @Nullable Node parent;
    final List<Node> children = new ArrayList<>();

    Node(Operation operation, @Nullable Node parent) {
      span = new GeneratedSpan(operation);
      this.parent = parent;
      if (parent != null) {
        parent.children.add(this);
      }
    }

    /** Has children run one after another, with work of the span's own between them. */
    void placeChildren(SplittableRandom random) {
      if (children.isEmpty()) {
        return;
      }
      long slot = span.durationNanos / children.size();
      for (int i = 0; i < children.size(); i++) {
        GeneratedSpan child = children.get(i).span;
        long before = (long) (slot * 0.15 * random.nextDouble());
        child.startEpochNanos = span.startEpochNanos + i * slot + before;
        child.durationNanos =
            Math.max(1, (long) ((slot - before) * (0.4 + 0.6 * random.nextDouble())));
      }
    }
  }

  /**
   * Builds calls of services along a tree: client spans have the called service's server span
   * below.
   */
  private List<Node> tree(SplittableRandom random) {
    // Most requests come in at the first three services.
    int entry = random.nextInt(10) < 7 ? random.nextInt(3) : random.nextInt(Topology.SERVICE_COUNT);
    List<Node> nodes = new ArrayList<>(SPANS_PER_TRACE);
    List<Node> servers = new ArrayList<>();
    Node root = new Node(topology.operation(entry, Role.SERVER, random.nextDouble()), null);
    nodes.add(root);
    servers.add(root);
    while (nodes.size() < SPANS_PER_TRACE) {
      int back = random.nextInt(Math.min(3, servers.size()));
      Node caller = servers.get(servers.size() - 1 - back);
      int service = caller.span.operation.service();
      double choice = random.nextDouble();
      if (choice < 0.6 && nodes.size() <= SPANS_PER_TRACE - 2) {
        Node client =
            new Node(topology.operation(service, Role.CLIENT, random.nextDouble()), caller);
        Node server =
            new Node(
                topology.operation(
                    client.span.operation.target(), Role.SERVER, random.nextDouble()),
                client);
        nodes.add(client);
        nodes.add(server);
        servers.add(server);
      } else {
        Role role = choice < 0.85 ? Role.DATABASE : Role.INTERNAL;
        nodes.add(new Node(topology.operation(service, role, random.nextDouble()), caller));
      }
    }
    return nodes;
  }

  private static void decideOutcome(Node node, SplittableRandom random) {
    Role role = node.span.operation.role();
    Node parent = node.parent;
    double share = random.nextDouble();
    if (role == Role.SERVER && parent != null) {
      // Both sides of a call saw the same.
      node.span.outcome = parent.span.outcome;
    } else if (share < FAULT_SHARE) {
      node.span.outcome = Outcome.FAULT;
    } else if (share < FAULT_SHARE + ERROR_SHARE
        && role != Role.DATABASE
        && role != Role.INTERNAL) {
      node.span.outcome = Outcome.ERROR;
    } else {
      node.span.outcome = Outcome.OK;
    }
  }

  private void pickValues(Node node, SplittableRandom random) {
    GeneratedSpan span = node.span;
    List<Integer> keys = span.operation.keys();
    for (int i = 0; i < keys.size(); i++) {
      int key = keys.get(i);
      double uniform = random.nextDouble();
      span.values[i] =
          switch (key) {
            case Topology.STATUS_CODE ->
                switch (span.outcome) {
                  case OK -> (int) (uniform * uniform * 3);
                  case ERROR -> 3;
                  case FAULT -> 4;
                };
            case Topology.SERVER_ADDRESS -> span.operation.target();
            case Topology.DB_NAMESPACE -> span.operation.service();
            case Topology.DB_SYSTEM -> span.operation.service() % 3;
            default -> topology.pickValue(key, uniform);
          };
    }
  }

  /** Nearly normal, and the same on every JDK: twelve uniform numbers added up. */
  private static double gaussian(SplittableRandom random) {
    double sum = -6;
    for (int i = 0; i < 12; i++) {
      sum += random.nextDouble();
    }
    return sum;
  }
}
