// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts what is said of work that is no gRPC call under OpenTelemetry's names into the members that
 * X-Ray's documents have for it: an HTTP request and its answer, a call to AWS, a database. What
 * has no member, or a value that the member does not take, stays an annotation.
 *
 * <p>Source: AWS X-Ray developer guide, "X-Ray segment documents"; OpenTelemetry's semantic
 * conventions for HTTP and databases.
 */
final class DocumentMembers {
  private static final String STATUS = "http.response.status_code";
  private static final String NAMESPACE = "xray.namespace";
  private static final String USER = "enduser.id";
  private static final String DATABASE = "db.";

  private record Member(String key, String name, Class<?> type) {}

  private static final List<Member> REQUEST =
      List.of(
          new Member("http.request.method", "method", String.class),
          new Member("url.full", "url", String.class),
          new Member("user_agent.original", "user_agent", String.class),
          new Member("client.address", "client_ip", String.class),
          new Member("xray.traced", "traced", Boolean.class));

  private static final List<Member> RESPONSE =
      List.of(
          new Member(STATUS, "status", Long.class),
          new Member("http.response.body.size", "content_length", Long.class));

  private static final List<Member> AWS =
      List.of(
          new Member("aws.account_id", "account_id", String.class),
          new Member("aws.operation", "operation", String.class),
          new Member("aws.region", "region", String.class),
          new Member("aws.request_id", "request_id", String.class),
          new Member("aws.retries", "retries", Long.class),
          new Member("aws.table_name", "table_name", String.class),
          new Member("aws.queue_url", "queue_url", String.class));

  private static final Map<String, Class<?>> TYPES = types();

  private DocumentMembers() {}

  private static Map<String, Class<?>> types() {
    Map<String, Class<?>> types = new HashMap<>();
    for (List<Member> members : List.of(REQUEST, RESPONSE, AWS)) {
      members.forEach(member -> types.put(member.key, member.type));
    }
    types.put(NAMESPACE, String.class);
    types.put(USER, String.class);
    return types;
  }

  /** Returns whether an annotation has a member of a segment, or else of a subsegment. */
  static boolean has(String key, Object value, boolean segment) {
    if (key.startsWith(DATABASE)) {
      return key.length() > DATABASE.length();
    }
    // Those of a segment say what it runs on; a subsegment has no user.
    if (segment ? key.equals(NAMESPACE) || key.startsWith("aws.") : key.equals(USER)) {
      return false;
    }
    Class<?> type = TYPES.get(key);
    return type != null && type.isInstance(value);
  }

  /** Returns the namespace that a subsegment was given, or null. */
  static @Nullable String namespace(Object[] annotations) {
    return value(annotations, NAMESPACE) instanceof String text && !text.isEmpty() ? text : null;
  }

  /** Returns the status of the answer, or -1. */
  static long status(Object[] annotations) {
    return value(annotations, STATUS) instanceof Long status ? status : -1;
  }

  /** Writes those members, but for the namespace. */
  static void write(JsonBuffer json, Object[] annotations, boolean segment) {
    boolean request = any(annotations, REQUEST);
    boolean response = any(annotations, RESPONSE);
    if (request || response) {
      json.member("http").raw("{");
      if (request) {
        object(json, "request", REQUEST, annotations);
      }
      if (response) {
        object(json, "response", RESPONSE, annotations);
      }
      json.raw("}");
    }
    if (segment) {
      if (value(annotations, USER) instanceof String user) {
        json.member("user").string(user);
      }
    } else if (any(annotations, AWS)) {
      object(json, "aws", AWS, annotations);
    }
    database(json, annotations);
  }

  private static void database(JsonBuffer json, Object[] annotations) {
    boolean open = false;
    for (int i = 0; i < annotations.length; i += 2) {
      String key = (String) annotations[i];
      if (has(key, annotations[i + 1], true) && key.startsWith(DATABASE)) {
        if (!open) {
          json.member("metadata").raw("{\"db\":{");
          open = true;
        }
        json.anyMember(key.substring(DATABASE.length()));
        SegmentEncoder.value(json, annotations[i + 1]);
      }
    }
    if (open) {
      json.raw("}}");
    }
  }

  private static void object(
      JsonBuffer json, String name, List<Member> members, Object[] annotations) {
    json.member(name).raw("{");
    for (Member member : members) {
      Object value = value(annotations, member.key);
      if (value != null && member.type.isInstance(value)) {
        SegmentEncoder.value(json.member(member.name), value);
      }
    }
    json.raw("}");
  }

  private static boolean any(Object[] annotations, List<Member> members) {
    for (Member member : members) {
      if (member.type.isInstance(value(annotations, member.key))) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable Object value(Object[] annotations, String key) {
    for (int i = 0; i < annotations.length; i += 2) {
      if (annotations[i].equals(key)) {
        return annotations[i + 1];
      }
    }
    return null;
  }
}
