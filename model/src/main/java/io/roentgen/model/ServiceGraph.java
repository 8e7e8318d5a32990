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
   */
  public record Node(NodeId id, CallStatistics statistics) {}

  /**
   * Caller to callee.
   *
   * @param caller who called
   * @param callee who was called
   * @param statistics the calls as the caller saw them, or where only the callee reported, as that one did
   */
  public record Edge(NodeId caller, NodeId callee, CallStatistics statistics) {}
}
