// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.model.Span;
import io.roentgen.model.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The attributes that stand for what keywords ask about: those that the X-Ray codec makes of
 * members, then other names of OpenTelemetry's for the same. Any of them counts.
 */
final class Names {
  static final List<String> HTTP_STATUS = List.of("http.response.status_code", "http.status_code");
  static final List<String> HTTP_METHOD = List.of("http.request.method", "http.method");
  static final List<String> HTTP_USER_AGENT = List.of("user_agent.original", "http.user_agent");
  static final List<String> HTTP_CLIENT_IP = List.of("client.address", "http.client_ip");
  static final List<String> HTTP_URL = List.of("url.full", "http.url");

  /** Without a URL of its own, an OpenTelemetry server span has one of these. */
  static final List<String> URL_PATH = List.of("url.path", "http.target");

  static final List<String> USER = List.of("enduser.id", "user.id");
  static final List<String> AVAILABILITY_ZONE = List.of("cloud.availability_zone");
  static final List<String> INSTANCE_ID = List.of("host.id");
  static final List<String> RESOURCE_ARN = List.of("xray.resource_arn");
  static final List<String> ACCOUNT_ID = List.of("aws.account_id", "cloud.account.id");
  static final List<String> RPC_SYSTEM = List.of("rpc.system.name", "rpc.system");

  /** Systems that have gRPC's status codes and names. */
  static final List<String> GRPC_SYSTEMS = List.of("grpc", "connect");

  static final String GRPC_STATUS = "rpc.grpc.status_code";
  static final String RPC_STATUS = "rpc.response.status_code";
  static final String RPC_SERVICE = "rpc.service";
  static final String RPC_METHOD = "rpc.method";

  /** Says that the callee of a subsegment sends a segment of its own. */
  static final String TRACED = "xray.traced";

  static final String NAMESPACE = "xray.namespace";

  /** Before the keys of resource attributes where these are shown as annotations of segments. */
  static final String RESOURCE_PREFIX = "otel.resource.";

  private Names() {}

  /** Returns the attribute of a span or else of its resource, or null. */
  static @Nullable Value valueOrNull(Span span, String key) {
    Value own = span.attributes().get(key);
    return own != null ? own : span.resourceScope().resource().attributes().get(key);
  }

  /** Returns the values that a span or its resource has for these keys. */
  static List<Value> values(Span span, List<String> keys) {
    List<Value> values = new ArrayList<>();
    for (String key : keys) {
      Value value = valueOrNull(span, key);
      if (value != null) {
        values.add(value);
      }
    }
    return values;
  }

  /** Returns the texts among the values that a span or its resource has for these keys. */
  static List<String> texts(Span span, List<String> keys) {
    List<String> texts = new ArrayList<>();
    for (Value value : values(span, keys)) {
      if (value instanceof Value.StringValue(String text)) {
        texts.add(text);
      }
    }
    return texts;
  }

  static @Nullable String firstTextOrNull(Span span, String... keys) {
    List<String> texts = texts(span, List.of(keys));
    return texts.isEmpty() ? null : texts.getFirst();
  }
}
