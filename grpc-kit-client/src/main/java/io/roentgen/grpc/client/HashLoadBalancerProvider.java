// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.Metadata;
import io.grpc.NameResolver.ConfigOrError;
import io.grpc.Status;
import io.grpc.protobuf.services.HealthCheckingLoadBalancerUtil;
import java.util.Locale;
import java.util.Map;

/**
 * The load balancing policy {@value #POLICY}: calls with the same value of a header go to the same
 * backend, and a backend that comes or goes moves only its own share of the values. gRPC finds the
 * provider by itself ({@code META-INF/services}); {@link LoadBalancing#hashOf} asks for it.
 *
 * <p>Its config is {@code {"header": "user-id"}}. Clients written with this class agree with each
 * other on where a value goes, as long as they see the same addresses.
 */
public final class HashLoadBalancerProvider extends LoadBalancerProvider {
  /** The name of the policy in service configs. */
  public static final String POLICY = "roentgen_hash";

  private static final boolean HEALTH_CHECKS =
      isPresent("io.grpc.protobuf.services.HealthCheckingLoadBalancerUtil");

  /** For gRPC, which finds providers by name. */
  public HashLoadBalancerProvider() {}

  @Override
  public boolean isAvailable() {
    return true;
  }

  @Override
  public int getPriority() {
    return 5;
  }

  @Override
  public String getPolicyName() {
    return POLICY;
  }

  @Override
  public LoadBalancer newLoadBalancer(LoadBalancer.Helper helper) {
    return HEALTH_CHECKS ? WithHealth.newLoadBalancer(helper) : new HashLoadBalancer(helper);
  }

  @Override
  public ConfigOrError parseLoadBalancingPolicyConfig(Map<String, ?> config) {
    Object header = config.get("header");
    try {
      if (header instanceof String name) {
        return ConfigOrError.fromConfig(headerKey(name));
      }
      throw Arguments.refusal("header", header, "a metadata key such as user-id");
    } catch (IllegalArgumentException e) {
      return ConfigOrError.fromError(
          Status.UNAVAILABLE.withDescription(POLICY + ": " + e.getMessage()).withCause(e));
    }
  }

  static Metadata.Key<String> headerKey(String header) {
    String name = header.toLowerCase(Locale.ROOT);
    if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
      throw Arguments.refusal("header", Arguments.quoted(header), "an ASCII key, not -bin");
    }
    try {
      return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    } catch (IllegalArgumentException e) {
      IllegalArgumentException refusal =
          Arguments.refusal(
              "header", Arguments.quoted(header), "letters, digits, '-', '_' and '.' only");
      refusal.initCause(e);
      throw refusal;
    }
  }

  static boolean isPresent(String className) {
    try {
      Class.forName(className, false, HashLoadBalancerProvider.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** Apart, so that nothing of grpc-services is loaded where it is absent. */
  private static final class WithHealth {
    static LoadBalancer newLoadBalancer(LoadBalancer.Helper helper) {
      return HealthCheckingLoadBalancerUtil.newHealthCheckingLoadBalancer(
          new LoadBalancer.Factory() {
            @Override
            public LoadBalancer newLoadBalancer(LoadBalancer.Helper checking) {
              return new HashLoadBalancer(checking);
            }
          },
          helper);
    }
  }
}
