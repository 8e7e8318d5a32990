// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A request of which is to be decided whether it is traced. What is not known of it is empty, which
 * only patterns match that match anything.
 *
 * @param serviceName name of the service that takes it
 * @param serviceType what that runs on, such as {@code AWS::ECS::Container}
 * @param host the Host header
 * @param httpMethod such as {@code GET}
 * @param urlPath without the query
 * @param resourceArn of what the service runs on
 * @param attributes by key, which is compared exactly
 */
public record SampledRequest(
    String serviceName,
    String serviceType,
    String host,
    String httpMethod,
    String urlPath,
    String resourceArn,
    Map<String, String> attributes) {
  public SampledRequest {
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }
}
