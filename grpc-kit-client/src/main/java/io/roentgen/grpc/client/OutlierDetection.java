// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * When a backend that fails calls is left out for a while (gRFC A50, failure percentage).
 *
 * <p>A mesh counts consecutive errors; gRPC looks once per interval at the backends that had at
 * least {@code errors} calls in it and leaves out those of which more than {@code failurePercent}
 * failed. A dead backend is caught by both.
 *
 * @param errors calls in an interval before a backend is judged, 1 or more
 * @param interval between two looks
 * @param baseEjection left out for this long the first time, twice as long the second, and so on
 * @param maxEjectionPercent of backends left out at once, 0 to 100; one always may be
 * @param failurePercent share of failed calls above which a backend is left out, 0 to 100
 */
public record OutlierDetection(
    int errors,
    Duration interval,
    Duration baseEjection,
    int maxEjectionPercent,
    int failurePercent) {
  /** 5 errors, 30 s, 30 s, 50 %, as in the usual mesh rule; failure share 85 % as in A50. */
  public static final OutlierDetection DEFAULT =
      new OutlierDetection(5, Duration.ofSeconds(30), Duration.ofSeconds(30), 50, 85);

  /** grpc-java's own 5 would leave a service of three backends without any detection. */
  private static final int MINIMUM_HOSTS = 2;

  private static final Duration A50_MAX_EJECTION = Duration.ofMinutes(5);

  public OutlierDetection {
    Arguments.check(errors >= 1, "errors", errors, "1 or more");
    Arguments.positive("interval", interval);
    Arguments.positive("baseEjection", baseEjection);
    Arguments.check(
        maxEjectionPercent >= 0 && maxEjectionPercent <= 100,
        "maxEjectionPercent",
        maxEjectionPercent,
        "0 to 100");
    Arguments.check(
        failurePercent >= 0 && failurePercent <= 100, "failurePercent", failurePercent, "0 to 100");
  }

  Map<String, Object> toMap(List<Map<String, Object>> children) {
    Map<String, Object> failure = new LinkedHashMap<>();
    failure.put("threshold", (double) failurePercent);
    failure.put("enforcementPercentage", 100.0);
    failure.put("minimumHosts", (double) MINIMUM_HOSTS);
    failure.put("requestVolume", (double) errors);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("interval", ServiceConfig.seconds(interval));
    map.put("baseEjectionTime", ServiceConfig.seconds(baseEjection));
    map.put(
        "maxEjectionTime",
        ServiceConfig.seconds(
            baseEjection.compareTo(A50_MAX_EJECTION) > 0 ? baseEjection : A50_MAX_EJECTION));
    // grpc-java reads the first name, gRFC A50 and the other languages the second.
    map.put("maxEjectionPercentage", (double) maxEjectionPercent);
    map.put("maxEjectionPercent", (double) maxEjectionPercent);
    map.put("failurePercentageEjection", failure);
    map.put("childPolicy", children);
    return map;
  }
}
