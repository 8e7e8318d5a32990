// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.Value;
import io.roentgen.sampling.SampledRequest;
import io.roentgen.store.Trace;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a sampler had known of the request that became a trace, as far as its root tells. */
final class RequestAttributes {
  private static final JsonMapper JSON = new JsonMapper();

  /** The SDK for Python calls it so, those for Java and Node {@code aws.xray.rule_name}. */
  private static final String SAMPLING_RULE = "xray.sampling_rule_name";

  private static final String OTHER_SAMPLING_RULE = "rule_name";

  private RequestAttributes() {}

  /** Returns the span that stands for the request. */
  static Span root(Trace trace) {
    SpanId id = trace.summary().root().spanId();
    return trace.spans().stream()
        .filter(span -> span.spanId().equals(id))
        .findFirst()
        .orElseThrow();
  }

  /** Returns whether the root says that a sampling rule has let it in. */
  static boolean isSampledByRule(Span root) {
    if (root.attributes().containsKey(SAMPLING_RULE)) {
      return true;
    }
    String document = root.document();
    if (!document.contains(OTHER_SAMPLING_RULE)) {
      return false;
    }
    try {
      return JSON.readTree(document).path("aws").path("xray").has(OTHER_SAMPLING_RULE);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("document of span " + root.spanId().toHex(), e);
    }
  }

  /**
   * Returns the request. Host and path are those of the URL, in whatever attributes it is; the host
   * without a port. A gRPC call without them has the path that it has in HTTP/2.
   */
  static SampledRequest of(Span root) {
    String url = text(root, "url.full", "http.url");
    String host = null;
    String path = null;
    if (url != null) {
      int scheme = url.indexOf("://");
      int authority = scheme < 0 ? 0 : scheme + 3;
      int slash = firstOf(url, authority, "/?#");
      host = scheme < 0 ? null : url.substring(authority, slash);
      path = url.substring(slash);
    }
    host = host == null ? text(root, "server.address", "http.host", "net.host.name") : host;
    path = path == null ? text(root, "url.path", "http.target") : path;
    String method = text(root, "http.request.method", "http.method");
    String rpc = rpcPath(root);
    if (path == null && rpc != null) {
      path = rpc;
      method = method == null ? "POST" : method;
    }
    Map<String, String> attributes = new LinkedHashMap<>();
    root.attributes()
        .forEach(
            (key, value) -> {
              if (value instanceof Value.StringValue(String string)) {
                attributes.put(key, string);
              }
            });
    return new SampledRequest(
        root.service(),
        root.serviceType(),
        host == null ? "" : withoutPort(host),
        method == null ? "" : method,
        path == null ? "" : pathOnly(path, url != null),
        or(text(root, "xray.resource_arn", "cloud.resource_id")),
        attributes);
  }

  private static String or(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static int firstOf(String text, int from, String ends) {
    for (int i = from; i < text.length(); i++) {
      if (ends.indexOf(text.charAt(i)) >= 0) {
        return i;
      }
    }
    return text.length();
  }

  private static String withoutPort(String host) {
    String name = host.substring(host.lastIndexOf('@') + 1);
    int colon = name.lastIndexOf(':');
    return colon > name.lastIndexOf(']') ? name.substring(0, colon) : name;
  }

  private static String pathOnly(String path, boolean ofUrl) {
    String only = path.substring(0, firstOf(path, 0, "?#"));
    return only.isEmpty() && ofUrl ? "/" : only;
  }

  private static @Nullable String rpcPath(Span root) {
    String method = text(root, "rpc.method");
    if (method == null) {
      return null;
    }
    // Newer conventions have the service and the method in one.
    if (method.contains("/")) {
      return method.startsWith("/") ? method : '/' + method;
    }
    String service = text(root, "rpc.service");
    return service == null ? null : '/' + service + '/' + method;
  }

  private static @Nullable String text(Span root, String... keys) {
    for (String key : keys) {
      Value own = root.attributes().get(key);
      Value value = own != null ? own : root.resourceScope().resource().attributes().get(key);
      if (value instanceof Value.StringValue(String string) && !string.isEmpty()) {
        return string;
      }
    }
    return null;
  }
}
