// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which requests a rule is about: those of which everything matches. Each is a {@link Wildcard}
 * pattern. Lengths are those of the X-Ray API.
 *
 * @param serviceName at most 64 characters
 * @param serviceType at most 64 characters
 * @param host at most 64 characters
 * @param httpMethod at most 10 characters
 * @param urlPath at most 128 characters
 * @param resourceArn at most 500 characters
 * @param attributes at most 5; keys, which are compared exactly, and patterns of 1 to 32
 *     characters. The request must have all of the keys
 */
public record RequestMatch(
    String serviceName,
    String serviceType,
    String host,
    String httpMethod,
    String urlPath,
    String resourceArn,
    Map<String, String> attributes) {
  /** Matches every request. */
  public static final RequestMatch ANY = new RequestMatch("*", "*", "*", "*", "*", "*", Map.of());

  /** The longest service name, service type and host. */
  public static final int MAX_NAME_LENGTH = 64;

  /** The longest HTTP method. */
  public static final int MAX_METHOD_LENGTH = 10;

  /** The longest path. */
  public static final int MAX_PATH_LENGTH = 128;

  /** The longest ARN. */
  public static final int MAX_ARN_LENGTH = 500;

  /** How many attributes there may be. */
  public static final int MAX_ATTRIBUTES = 5;

  /** The longest key and the longest value of an attribute. */
  public static final int MAX_ATTRIBUTE_LENGTH = 32;

  public RequestMatch {
    check("serviceName", serviceName, 0, MAX_NAME_LENGTH);
    check("serviceType", serviceType, 0, MAX_NAME_LENGTH);
    check("host", host, 0, MAX_NAME_LENGTH);
    check("httpMethod", httpMethod, 0, MAX_METHOD_LENGTH);
    check("urlPath", urlPath, 0, MAX_PATH_LENGTH);
    check("resourceArn", resourceArn, 0, MAX_ARN_LENGTH);
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    SamplingRule.require(
        attributes.size() <= MAX_ATTRIBUTES, "attributes", attributes.size(), "at most 5");
    attributes.forEach(
        (key, value) -> {
          check("attribute key", key, 1, MAX_ATTRIBUTE_LENGTH);
          check("attribute value", value, 1, MAX_ATTRIBUTE_LENGTH);
        });
  }

  private static void check(String name, String pattern, int min, int max) {
    SamplingRule.require(
        pattern.length() >= min && pattern.length() <= max,
        name,
        pattern.length() + " characters",
        min + " to " + max);
    SamplingRule.require(
        pattern.chars().noneMatch(Character::isISOControl),
        name,
        "control characters",
        "a pattern without any");
  }

  /** Returns whether {@code request} is one of those. */
  public boolean matches(SampledRequest request) {
    return Wildcard.matches(serviceName, request.serviceName())
        && Wildcard.matches(serviceType, request.serviceType())
        && Wildcard.matches(host, request.host())
        && Wildcard.matches(httpMethod, request.httpMethod())
        && Wildcard.matches(urlPath, request.urlPath())
        && Wildcard.matches(resourceArn, request.resourceArn())
        && matchesAttributes(request.attributes());
  }

  private boolean matchesAttributes(Map<String, String> present) {
    for (Map.Entry<String, String> wanted : attributes.entrySet()) {
      @Nullable String value = present.get(wanted.getKey());
      if (value == null || !Wildcard.matches(wanted.getValue(), value)) {
        return false;
      }
    }
    return true;
  }
}
