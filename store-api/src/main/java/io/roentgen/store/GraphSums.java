// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.CallStatistics;
import io.roentgen.model.LatencySketch;
import io.roentgen.model.NodeId;
import io.roentgen.model.ServiceGraph;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts a graph together from sums of calls, which may be partial, and negative, as long as they add up to what there
 * was. Not safe for use by several threads.
 *
 * <p>Senders do not always say the same of one thing, so some nodes are one:
 *
 * <ul>
 *   <li>A node without a type is that of the same name whose type says what the service runs on, if there is exactly
 *       one: the service reported through an SDK that knows it, and through another that does not.
 *   <li>A host of which only the name is known is the service of that name, if there is exactly one: what called it
 *       while it was down, or through what passes no trace on, knows the name only.
 *   <li>A queue or topic of AWS that goes by its short name is the one whose URL or ARN ends in it, if there is
 *       exactly one: who sends knows the URL, who receives often the name only.
 * </ul>
 */
public final class GraphSums {
  private static final Set<String> ADDRESSED_TYPES = Set.of("AWS::SQS::Queue", "AWS::SNS::Topic");

  private final Map<NodeId, Sum> nodes = new HashMap<>();
  private final Map<EdgeId, Sum> edges = new HashMap<>();

  private record EdgeId(NodeId caller, NodeId callee) {}

  private static final Comparator<EdgeId> BY_CALLER =
      Comparator.comparing(EdgeId::caller).thenComparing(EdgeId::callee);

  /** Calls, a distribution that goes with them, and how many of them were of each alias. */
  private static final class Sum {
    final CallStatistics.Builder calls = new CallStatistics.Builder();
    final LatencySketch other = new LatencySketch();
    final Map<NodeId, Long> aliases = new TreeMap<>();

    void add(Sum more) {
      calls.add(more.calls.build());
      other.add(more.other);
      more.aliases.forEach((alias, count) -> aliases.merge(alias, count, Long::sum));
    }
  }

  /**
   * Adds requests to a node.
   *
   * @param durationChange what makes the distribution of durations with the work after the answer out of that of
   *     {@code calls}
   */
  public void addRequests(NodeId node, CallStatistics calls, LatencySketch durationChange) {
    Sum sum = nodes.computeIfAbsent(node, _ -> new Sum());
    sum.calls.add(calls);
    sum.other.add(durationChange);
  }

  /**
   * Adds calls, or messages from a queue.
   *
   * @param alias the other name under which the callers knew the callee, or null
   * @param ages how old messages were
   */
  public void addCalls(
      NodeId caller,
      NodeId callee,
      @Nullable NodeId alias,
      CallStatistics calls,
      LatencySketch ages) {
    Sum sum = edges.computeIfAbsent(new EdgeId(caller, callee), _ -> new Sum());
    sum.calls.add(calls);
    sum.other.add(ages);
    if (alias != null) {
      sum.aliases.merge(alias, calls.totalCount(), Long::sum);
    }
  }

  /** Returns the graph. */
  public ServiceGraph build() {
    return build(sameNodes(ids()));
  }

  /** Returns the graphs of periods by their starts, those without any call left out, with nodes one in all if in any. */
  public static List<GraphReader.Period> build(SortedMap<Long, GraphSums> periods) {
    Set<NodeId> ids = new HashSet<>();
    periods.values().forEach(sums -> ids.addAll(sums.ids()));
    Map<NodeId, NodeId> same = sameNodes(ids);
    List<GraphReader.Period> result = new ArrayList<>();
    periods.forEach(
        (start, sums) -> {
          ServiceGraph graph = sums.build(same);
          // What later sums take away again leaves nothing.
          if (!graph.nodes().isEmpty()) {
            result.add(new GraphReader.Period(start, graph));
          }
        });
    return result;
  }

  private Set<NodeId> ids() {
    Set<NodeId> ids = new HashSet<>();
    nodes.forEach(
        (id, sum) -> {
          if (sum.calls.totalCount() > 0) {
            ids.add(id);
          }
        });
    edges.forEach(
        (id, sum) -> {
          if (sum.calls.totalCount() > 0) {
            ids.add(id.caller);
            ids.add(id.callee);
          }
        });
    return ids;
  }

  /** Returns which nodes are another one. */
  private static Map<NodeId, NodeId> sameNodes(Collection<NodeId> ids) {
    Map<NodeId, List<NodeId>> candidates = new HashMap<>();
    Map<String, Set<NodeId>> services = new HashMap<>();
    for (NodeId id : ids) {
      if (id.hasPlatformType() || id.type().isEmpty()) {
        services.computeIfAbsent(id.name(), _ -> new HashSet<>()).add(id);
      }
      if (id.hasPlatformType()) {
        candidates.computeIfAbsent(new NodeId(id.name(), ""), _ -> new ArrayList<>()).add(id);
      } else if (ADDRESSED_TYPES.contains(id.type())) {
        String shortName = shortName(id.name());
        if (!shortName.equals(id.name())) {
          candidates
              .computeIfAbsent(new NodeId(shortName, id.type()), _ -> new ArrayList<>())
              .add(id);
        }
      }
    }
    Map<NodeId, NodeId> same = new HashMap<>();
    candidates.forEach(
        (id, others) -> {
          if (others.size() == 1) {
            same.put(id, others.getFirst());
          }
        });
    services.forEach(
        (name, all) -> {
          Set<NodeId> apart = new HashSet<>();
          all.forEach(id -> apart.add(same.getOrDefault(id, id)));
          if (apart.size() == 1) {
            same.put(new NodeId(name, NodeId.REMOTE), apart.iterator().next());
          }
        });
    return same;
  }

  /** Returns what is behind the last slash or colon. */
  private static String shortName(String name) {
    return name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf(':')) + 1);
  }

  private ServiceGraph build(Map<NodeId, NodeId> same) {
    Map<NodeId, Sum> nodeSums = new TreeMap<>();
    Map<EdgeId, Sum> edgeSums = new TreeMap<>(BY_CALLER);
    edges.forEach(
        (id, sum) -> {
          if (sum.calls.totalCount() > 0) {
            NodeId caller = same.getOrDefault(id.caller, id.caller);
            NodeId callee = same.getOrDefault(id.callee, id.callee);
            edgeSums.computeIfAbsent(new EdgeId(caller, callee), _ -> new Sum()).add(sum);
            nodeSums.computeIfAbsent(caller, _ -> new Sum());
            nodeSums.computeIfAbsent(callee, _ -> new Sum());
          }
        });
    nodes.forEach(
        (id, sum) -> {
          if (sum.calls.totalCount() > 0) {
            nodeSums.computeIfAbsent(same.getOrDefault(id, id), _ -> new Sum()).add(sum);
          }
        });
    List<ServiceGraph.Node> graphNodes = new ArrayList<>();
    nodeSums.forEach((id, sum) -> graphNodes.add(node(id, sum)));
    List<ServiceGraph.Edge> graphEdges = new ArrayList<>();
    edgeSums.forEach((id, sum) -> graphEdges.add(edge(id, sum)));
    return new ServiceGraph(graphNodes, graphEdges);
  }

  private static ServiceGraph.Node node(NodeId id, Sum sum) {
    CallStatistics calls = sum.calls.build();
    if (sum.other.bucketCount() == 0) {
      return new ServiceGraph.Node(id, calls);
    }
    LatencySketch durations = new LatencySketch();
    durations.add(calls.latency());
    durations.add(sum.other);
    return new ServiceGraph.Node(id, calls, durations);
  }

  private static ServiceGraph.Edge edge(EdgeId id, Sum sum) {
    List<NodeId> aliases = new ArrayList<>();
    sum.aliases.forEach(
        (alias, count) -> {
          if (count > 0 && !alias.equals(id.callee)) {
            aliases.add(alias);
          }
        });
    return new ServiceGraph.Edge(id.caller, id.callee, sum.calls.build(), sum.other, aliases);
  }
}
