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

  /** The type of a host of which nothing is known but its name. */
  public static final String REMOTE = "remote";

  /** What the types of queues, topics and event buses begin with. */
  private static final String[] QUEUES = {
    "Messaging::",
    "AWS::SQS",
    "AWS::SNS",
    "AWS::Kinesis",
    "AWS::Events",
    "AWS::EventBridge",
    "AWS::MQ",
    "AWS::MSK"
  };

  /** What the types of what services run on begin with, after X-Ray's origins. */
  private static final String[] PLATFORMS = {
    "AWS::EC2::",
    "AWS::ECS::",
    "AWS::EKS::",
    "AWS::ElasticBeanstalk::",
    "AWS::AppRunner::",
    "AWS::Lambda::"
  };

  /** Returns whether it is something that passes messages on, such as a queue, a topic or an event bus. */
  public boolean hasQueueType() {
    return beginsWithAny(type, QUEUES);
  }

  /** Returns whether its type says what a service runs on, which only the service itself knows. */
  public boolean hasPlatformType() {
    return beginsWithAny(type, PLATFORMS);
  }

  private static boolean beginsWithAny(String text, String[] beginnings) {
    for (String beginning : beginnings) {
      if (text.startsWith(beginning)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public int compareTo(NodeId other) {
    int byName = name.compareTo(other.name);
    return byName != 0 ? byName : type.compareTo(other.type);
  }
}
