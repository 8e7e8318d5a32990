// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

/**
 * What makes a node of the service map one node: two nodes may share a name and differ in type.
 *
 * @param name the service's, resource's or host's name
 * @param type the resource type such as {@code AWS::ECS::Container}, {@value #CLIENT} for callers from
 *     outside, {@code remote} for hosts that send nothing; empty if unknown
 */
public record NodeId(String name, String type) implements Comparable<NodeId> {
  /** The type of the node that stands for whoever sent the first request. */
  public static final String CLIENT = "client";

  @Override
  public int compareTo(NodeId other) {
    int byName = name.compareTo(other.name);
    return byName != 0 ? byName : type.compareTo(other.type);
  }
}
