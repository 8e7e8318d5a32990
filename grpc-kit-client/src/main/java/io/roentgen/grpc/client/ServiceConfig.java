// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.Status;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A gRPC service config made of typed parts, checked when it is built.
 *
 * <pre>{@code
 * ServiceConfig config = ServiceConfig.builder()
 *     .loadBalancing(LoadBalancing.roundRobin())
 *     .healthCheck("")
 *     .everyMethod(MethodPolicy.builder().retry(RetryPolicy.DEFAULT).build())
 *     .build();
 * builder.defaultServiceConfig(config.toMap());
 * }</pre>
 *
 * <p>Source: service_config.proto of grpc-proto, and gRFCs A2, A6, A17, A50. A config that the name
 * resolver delivers wins over this one.
 */
public final class ServiceConfig {
  private static final Duration MAX_DURATION = Duration.ofDays(3_652_500);

  private final Map<String, Object> map;

  private ServiceConfig(Map<String, Object> map) {
    this.map = map;
  }

  /** Returns a builder of an empty config. */
  public static Builder builder() {
    return new Builder();
  }

  /** The form that {@code ManagedChannelBuilder.defaultServiceConfig} takes; not to be changed. */
  public Map<String, Object> toMap() {
    return map;
  }

  /** The form that goes into a DNS TXT record or to clients in other languages. */
  public String toJson() {
    return Json.write(map);
  }

  /** Whether backends are asked for their health. */
  boolean checksHealth() {
    return map.containsKey("healthCheckConfig");
  }

  @Override
  public String toString() {
    return toJson();
  }

  /** Seconds with {@code s}, as protobuf writes a duration in JSON. */
  static String seconds(Duration duration) {
    Arguments.check(
        duration.compareTo(MAX_DURATION) <= 0, "duration", duration, "10,000 years at most");
    BigDecimal seconds =
        BigDecimal.valueOf(duration.getSeconds()).add(BigDecimal.valueOf(duration.getNano(), 9));
    return seconds.signum() == 0 ? "0s" : seconds.stripTrailingZeros().toPlainString() + "s";
  }

  static List<String> names(Set<Status.Code> codes) {
    List<String> names = new ArrayList<>();
    for (Status.Code code : codes) {
      names.add(code.name());
    }
    return names;
  }

  /** Not for use by several threads. */
  public static final class Builder {
    private final Map<String, MethodPolicy> methods = new LinkedHashMap<>();
    private @Nullable LoadBalancing loadBalancing;
    private @Nullable String healthCheck;
    private @Nullable Map<String, Object> throttling;

    private Builder() {}

    /** How calls spread over backends; pick_first if never said. */
    public Builder loadBalancing(LoadBalancing loadBalancing) {
      this.loadBalancing = loadBalancing;
      return this;
    }

    /**
     * Backends get calls only while their health service answers SERVING for this name; empty is
     * the server as a whole. A backend without a health service gets calls too. Needs {@code
     * grpc-services} on the class path, without which gRPC leaves the check out in silence.
     */
    public Builder healthCheck(String serviceName) {
      this.healthCheck = serviceName;
      return this;
    }

    /** What holds for methods that no other entry names. */
    public Builder everyMethod(MethodPolicy policy) {
      return entry("", policy);
    }

    /** What holds for the methods of a service, such as {@code ecommerce.v1.OrderService}. */
    public Builder service(String service, MethodPolicy policy) {
      Arguments.check(
          !service.isEmpty() && service.indexOf('/') < 0,
          "service",
          Arguments.quoted(service),
          "a full service name such as ecommerce.v1.OrderService");
      return entry(service, policy);
    }

    /** What holds for a method, such as {@code ecommerce.v1.OrderService/GetOrder}. */
    public Builder method(String fullMethod, MethodPolicy policy) {
      int slash = fullMethod.indexOf('/');
      Arguments.check(
          slash > 0 && slash == fullMethod.lastIndexOf('/') && slash < fullMethod.length() - 1,
          "method",
          Arguments.quoted(fullMethod),
          "SERVICE/METHOD such as ecommerce.v1.OrderService/GetOrder");
      return entry(fullMethod, policy);
    }

    private Builder entry(String name, MethodPolicy policy) {
      Arguments.check(
          methods.putIfAbsent(name, policy) == null,
          "method",
          name.isEmpty() ? "every" : Arguments.quoted(name),
          "one policy each");
      return this;
    }

    /**
     * Stops retries and hedging while many calls fail: a failed call takes one token, a good one
     * gives {@code tokenRatio} back, and there are no retries below half of {@code maxTokens}.
     *
     * @param maxTokens 1 to 1000
     * @param tokenRatio more than 0; digits after the third do not count
     */
    public Builder retryThrottling(int maxTokens, double tokenRatio) {
      Arguments.check(maxTokens >= 1 && maxTokens <= 1000, "maxTokens", maxTokens, "1 to 1000");
      Arguments.check(
          tokenRatio >= 0.001 && tokenRatio <= 1000, "tokenRatio", tokenRatio, "0.001 to 1000");
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("maxTokens", (double) maxTokens);
      map.put("tokenRatio", tokenRatio);
      this.throttling = map;
      return this;
    }

    /**
     * Returns the config.
     *
     * @throws IllegalArgumentException if health is to be checked by a policy that does not, or
     *     retries are throttled and there are none
     */
    public ServiceConfig build() {
      Map<String, Object> map = new LinkedHashMap<>();
      if (loadBalancing != null) {
        map.put("loadBalancingConfig", List.of(loadBalancing.toMap()));
      }
      if (healthCheck != null) {
        Arguments.check(
            loadBalancing != null && loadBalancing.checksHealth(),
            "healthCheck",
            '"' + Arguments.quoted(healthCheck) + '"',
            "round_robin or hash load balancing, for pick_first never asks");
        map.put("healthCheckConfig", Map.of("serviceName", healthCheck));
      }
      if (!methods.isEmpty()) {
        List<Map<String, Object>> entries = new ArrayList<>();
        methods.forEach((name, policy) -> entries.add(entryMap(name, policy)));
        map.put("methodConfig", entries);
      }
      if (throttling != null) {
        boolean retries =
            methods.values().stream()
                .map(MethodPolicy::toMap)
                .anyMatch(m -> m.containsKey("retryPolicy") || m.containsKey("hedgingPolicy"));
        Arguments.check(
            retries, "retryThrottling", throttling, "a method with retries or hedging to throttle");
        map.put("retryThrottling", throttling);
      }
      return new ServiceConfig(Collections.unmodifiableMap(map));
    }

    private static Map<String, Object> entryMap(String name, MethodPolicy policy) {
      Map<String, Object> selector = new LinkedHashMap<>();
      if (!name.isEmpty()) {
        int slash = name.indexOf('/');
        selector.put("service", slash < 0 ? name : name.substring(0, slash));
        if (slash > 0) {
          selector.put("method", name.substring(slash + 1));
        }
      }
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("name", List.of(selector));
      map.putAll(policy.toMap());
      return map;
    }
  }
}
