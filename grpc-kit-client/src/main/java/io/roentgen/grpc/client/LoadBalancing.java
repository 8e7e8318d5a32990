// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How a channel spreads calls over the backends that its name resolves to. */
public final class LoadBalancing {
  private final String policy;
  private final Map<String, Object> config;
  private final boolean checksHealth;

  private LoadBalancing(String policy, Map<String, Object> config, boolean checksHealth) {
    this.policy = policy;
    this.config = config;
    this.checksHealth = checksHealth;
  }

  /** All calls to the first backend that answers: gRPC's default, and why HTTP/2 pins load. */
  public static LoadBalancing pickFirst() {
    return new LoadBalancing("pick_first", Map.of(), false);
  }

  /** As {@link #pickFirst()}, over the backends in random order, so that clients differ. */
  public static LoadBalancing pickFirstShuffled() {
    return new LoadBalancing("pick_first", Map.of("shuffleAddressList", true), false);
  }

  /** Call after call to one backend after the other. */
  public static LoadBalancing roundRobin() {
    return new LoadBalancing("round_robin", Map.of(), true);
  }

  /**
   * Calls with the same value of a header go to the same backend, as long as it is reachable. Calls
   * without the header go anywhere. The policy is this module's own, see {@link
   * HashLoadBalancerProvider}.
   *
   * @param header the key in any case, such as {@code user-id}
   * @throws IllegalArgumentException if it is no ASCII metadata key
   */
  public static LoadBalancing hashOf(String header) {
    return new LoadBalancing(
        HashLoadBalancerProvider.POLICY,
        Map.of("header", HashLoadBalancerProvider.headerKey(header).name()),
        true);
  }

  /**
   * This policy, over the backends that {@code detection} does not leave out.
   *
   * @throws IllegalArgumentException if this has outlier detection already
   */
  public LoadBalancing withOutlierDetection(OutlierDetection detection) {
    Arguments.check(
        !policy.equals("outlier_detection_experimental"),
        "withOutlierDetection",
        detection,
        "once per policy");
    // What pick_first does below outlier detection differs between grpc-java versions.
    Arguments.check(
        !policy.equals("pick_first"),
        "withOutlierDetection",
        policy,
        "round_robin or hash, for pick_first has no other backend to turn to");
    return new LoadBalancing(
        "outlier_detection_experimental", detection.toMap(List.of(toMap())), checksHealth);
  }

  /** The name under which gRPC knows the policy. */
  public String policy() {
    return policy;
  }

  boolean checksHealth() {
    return checksHealth;
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(policy, config);
    return map;
  }

  @Override
  public String toString() {
    return Json.write(toMap());
  }
}
