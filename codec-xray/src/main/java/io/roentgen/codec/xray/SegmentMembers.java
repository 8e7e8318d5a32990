// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import io.roentgen.codec.xray.Members.Member;
import io.roentgen.model.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The members of segments and subsegments that have a place in a span: which attribute each is, both ways. One
 * attribute belongs to one member and the other way round, so nothing gets mixed up; the RATIONALE has the
 * reasons for the names.
 */
final class SegmentMembers {
  /** A member that stands for a field, or that the decoder looks at by name. */
  static final int NAME = 1;

  static final int ID = 2;
  static final int TRACE_ID = 3;
  static final int PARENT_ID = 4;
  static final int TYPE = 5;
  static final int START_TIME = 6;
  static final int END_TIME = 7;
  static final int IN_PROGRESS = 8;
  static final int ERROR = 9;
  static final int FAULT = 10;
  static final int THROTTLE = 11;
  static final int ORIGIN = 12;
  static final int SUBSEGMENTS = 13;
  static final int LINKS = 14;
  static final int ANNOTATIONS = 15;
  static final int NAMESPACE = 16;
  static final int SQL = 17;
  static final int TABLE_NAME = 18;
  static final int QUEUE_URL = 19;
  static final int BUCKET_NAME = 20;
  static final int FUNCTION_NAME = 21;
  static final int TOPIC_ARN = 22;
  static final int METADATA = 23;
  static final int ROLE_COUNT = 24;

  /** What a member's value must be to become an attribute. */
  enum Type {
    STRING,
    LONG,
    BOOLEAN;

    /** Returns whether an attribute's value can be written as that member. */
    boolean fits(Value value) {
      return switch (this) {
        case STRING -> value instanceof Value.StringValue;
        case LONG -> value instanceof Value.LongValue;
        case BOOLEAN -> value instanceof Value.BooleanValue;
      };
    }
  }

  /** The attribute that a member becomes, and where the member is. */
  record Attribute(String key, Type type, List<String> path) {}

  private static final Map<String, Attribute> ATTRIBUTES = new LinkedHashMap<>();

  /** The members of a segment or subsegment. */
  static final Members ROOT =
      Members.of(
          field("name", NAME),
          field("id", ID),
          field("trace_id", TRACE_ID),
          field("parent_id", PARENT_ID),
          field("type", TYPE),
          field("start_time", START_TIME),
          field("end_time", END_TIME),
          field("in_progress", IN_PROGRESS),
          field("error", ERROR),
          field("fault", FAULT),
          field("throttle", THROTTLE),
          field("origin", ORIGIN),
          field("subsegments", SUBSEGMENTS),
          field("links", LINKS),
          field("annotations", ANNOTATIONS),
          field("metadata", METADATA),
          string("namespace", NAMESPACE, "xray.namespace"),
          string("user", 0, "enduser.id"),
          string("resource_arn", 0, "xray.resource_arn"),
          object(
              "service",
              0,
              string("service.version", 0, "service.version"),
              string("service.runtime", 0, "process.runtime.name"),
              string("service.runtime_version", 0, "process.runtime.version")),
          object(
              "http",
              0,
              object(
                  "http.request",
                  0,
                  string("http.request.method", 0, "http.request.method"),
                  string("http.request.url", 0, "url.full"),
                  string("http.request.user_agent", 0, "user_agent.original"),
                  string("http.request.client_ip", 0, "client.address"),
                  member("http.request.x_forwarded_for", 0, Type.BOOLEAN, "xray.x_forwarded_for"),
                  member("http.request.traced", 0, Type.BOOLEAN, "xray.traced")),
              object(
                  "http.response",
                  0,
                  member("http.response.status", 0, Type.LONG, "http.response.status_code"),
                  member("http.response.content_length", 0, Type.LONG, "http.response.body.size"))),
          object(
              "sql",
              SQL,
              string("sql.connection_string", 0, "db.connection_string"),
              string("sql.url", 0, "xray.sql.url"),
              string("sql.sanitized_query", 0, "db.query.text"),
              string("sql.database_type", 0, "db.system.name"),
              string("sql.database_version", 0, "xray.sql.database_version"),
              string("sql.driver_version", 0, "xray.sql.driver_version"),
              string("sql.user", 0, "db.user"),
              string("sql.preparation", 0, "xray.sql.preparation")),
          object(
              "aws",
              0,
              string("aws.account_id", 0, "aws.account_id"),
              string("aws.operation", 0, "aws.operation"),
              string("aws.region", 0, "aws.region"),
              string("aws.request_id", 0, "aws.request_id"),
              string("aws.id_2", 0, "aws.extended_request_id"),
              member("aws.retries", 0, Type.LONG, "aws.retries"),
              string("aws.table_name", TABLE_NAME, "aws.table_name"),
              string("aws.queue_url", QUEUE_URL, "aws.queue_url"),
              string("aws.bucket_name", BUCKET_NAME, "aws.s3.bucket"),
              string("aws.key", 0, "aws.s3.key"),
              string("aws.function_name", FUNCTION_NAME, "faas.invoked_name"),
              string("aws.topic_arn", TOPIC_ARN, "aws.sns.topic.arn"),
              string("aws.state_machine_arn", 0, "aws.step_functions.state_machine.arn"),
              object(
                  "aws.ec2",
                  0,
                  string("aws.ec2.instance_id", 0, "host.id"),
                  string("aws.ec2.instance_size", 0, "host.type"),
                  string("aws.ec2.ami_id", 0, "host.image.id"),
                  string("aws.ec2.availability_zone", 0, "cloud.availability_zone")),
              object(
                  "aws.ecs",
                  0,
                  string("aws.ecs.container", 0, "container.name"),
                  string("aws.ecs.container_id", 0, "container.id"),
                  string("aws.ecs.container_arn", 0, "aws.ecs.container.arn"),
                  string("aws.ecs.task_arn", 0, "aws.ecs.task.arn"),
                  string("aws.ecs.task_family", 0, "aws.ecs.task.family"),
                  string("aws.ecs.cluster_arn", 0, "aws.ecs.cluster.arn"),
                  string("aws.ecs.launch_type", 0, "aws.ecs.launchtype")),
              object(
                  "aws.eks",
                  0,
                  string("aws.eks.pod", 0, "k8s.pod.name"),
                  string("aws.eks.cluster_name", 0, "k8s.cluster.name"),
                  string("aws.eks.container_id", 0, "xray.eks.container_id")),
              object(
                  "aws.elastic_beanstalk",
                  0,
                  string(
                      "aws.elastic_beanstalk.environment_name",
                      0,
                      "xray.elastic_beanstalk.environment_name"),
                  string(
                      "aws.elastic_beanstalk.version_label",
                      0,
                      "xray.elastic_beanstalk.version_label"),
                  member(
                      "aws.elastic_beanstalk.deployment_id",
                      0,
                      Type.LONG,
                      "xray.elastic_beanstalk.deployment_id")),
              object(
                  "aws.xray",
                  0,
                  string("aws.xray.sdk", 0, "xray.sdk"),
                  string("aws.xray.sdk_version", 0, "xray.sdk_version"),
                  string("aws.xray.package", 0, "xray.package"),
                  string("aws.xray.sampling_rule_name", 0, "xray.sampling_rule_name"),
                  member(
                      "aws.xray.auto_instrumentation",
                      0,
                      Type.BOOLEAN,
                      "xray.auto_instrumentation"))));

  /** The attribute keys of the table, so that an annotation with one of them is not taken for it. */
  private static final Members KEYS =
      Members.of(
          ATTRIBUTES.keySet().stream()
              .map(key -> new Member(key, 0, null, null))
              .toArray(Member[]::new));

  private SegmentMembers() {}

  /** Returns what the attribute with that key stands for, or null if for an annotation. */
  static @Nullable Attribute attribute(String key) {
    return ATTRIBUTES.get(key);
  }

  /** Returns all attributes of the table, in its order. */
  static List<Attribute> attributes() {
    return List.copyOf(ATTRIBUTES.values());
  }

  /** Returns whether an attribute with that key stands for a member of the table. */
  static boolean isAttribute(byte[] key, int offset, int length, int hash) {
    return KEYS.find(key, offset, length, hash) != null;
  }

  private static Member field(String name, int role) {
    return new Member(name, role, null, null);
  }

  private static Member object(String path, int role, Member... members) {
    return new Member(last(path), role, Members.of(members), null);
  }

  private static Member string(String path, int role, String key) {
    return member(path, role, Type.STRING, key);
  }

  private static Member member(String path, int role, Type type, String key) {
    Attribute attribute = new Attribute(key, type, List.of(path.split("\\.", -1)));
    if (ATTRIBUTES.put(key, attribute) != null) {
      throw new IllegalStateException("attribute " + key + " for two members");
    }
    return new Member(last(path), role, null, attribute);
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }
}
