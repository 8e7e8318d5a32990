// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.util.List;

/**
 * Who called whom in a stretch of time.
 *
 * @param nodes sorted by id; one for each end of each edge and each service that did work
 * @param edges sorted by caller, then callee
 */
public record ServiceGraph(List<Node> nodes, List<Edge> edges) {
  public ServiceGraph {
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
  }

  /**
   * A vertex of the service map.
   *
   * @param id name and type
   * @param statistics requests that the service answered, by its own segments; for a node that sends none, as
   *     its callers saw them; all zero for a client
   * @param durations distribution of the same requests' durations with the work that went on after the answer;
   *     belongs to this record, must not be changed
   */
  public record Node(NodeId id, CallStatistics statistics, LatencySketch durations) {
    /** Makes one of a node that was never at work after it had answered. */
    public Node(NodeId id, CallStatistics statistics) {
      this(id, statistics, statistics.latency());
    }
  }

  /**
   * Caller to callee, or queue to consumer.
   *
   * @param caller who called, or the queue from which messages came
   * @param callee who was called, or the consumer
   * @param statistics the calls as the caller saw them, or where only the callee reported, as that one did;
   *     from a queue, the consumer's work
   * @param ages how old messages were, from the end of sending them to the start of work on them, as far as the
   *     sender is known; empty but for edges from queues; belongs to this record, must not be changed
   * @param aliases other names under which the caller knew the callee, sorted
   */
  public record Edge(
      NodeId caller,
      NodeId callee,
      CallStatistics statistics,
      LatencySketch ages,
      List<NodeId> aliases) {
    public Edge {
      aliases = List.copyOf(aliases);
    }

    /** Makes one without ages and aliases. */
    public Edge(NodeId caller, NodeId callee, CallStatistics statistics) {
      this(caller, callee, statistics, new LatencySketch(), List.of());
    }

    /** Returns whether messages went along it rather than calls. */
    public boolean isLink() {
      return caller.hasQueueType();
    }
  }
}
