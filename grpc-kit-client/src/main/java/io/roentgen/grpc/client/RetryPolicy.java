// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.Status;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Retries that the channel itself makes (gRFC A6): attempt n + 1 starts after a random wait of up
 * to {@code initialBackoff * multiplier^(n - 1)}, at most {@code maxBackoff}.
 *
 * @param maxAttempts with the first one, 2 to 5. grpc-java cuts larger numbers down to 5 and does
 *     not say so; here they are refused.
 * @param initialBackoff more than 0
 * @param maxBackoff not less than {@code initialBackoff}
 * @param multiplier more than 0
 * @param codes the statuses after which to try again, at least one, never OK
 */
public record RetryPolicy(
    int maxAttempts,
    Duration initialBackoff,
    Duration maxBackoff,
    double multiplier,
    Set<Status.Code> codes) {
  /** The number that grpc-java cuts attempts down to. */
  public static final int MAX_ATTEMPTS = 5;

  /** 5 attempts, 0.1 s doubling up to 10 s, after UNAVAILABLE. */
  public static final RetryPolicy DEFAULT =
      new RetryPolicy(
          MAX_ATTEMPTS,
          Duration.ofMillis(100),
          Duration.ofSeconds(10),
          2,
          EnumSet.of(Status.Code.UNAVAILABLE));

  public RetryPolicy {
    Arguments.check(
        maxAttempts >= 2 && maxAttempts <= MAX_ATTEMPTS, "maxAttempts", maxAttempts, "2 to 5");
    Arguments.positive("initialBackoff", initialBackoff);
    Arguments.check(
        maxBackoff.compareTo(initialBackoff) >= 0,
        "maxBackoff",
        maxBackoff,
        "initialBackoff " + initialBackoff + " or more");
    Arguments.check(
        multiplier > 0 && Double.isFinite(multiplier), "multiplier", multiplier, "more than 0");
    Arguments.check(!codes.isEmpty(), "codes", codes, "at least one");
    Arguments.check(!codes.contains(Status.Code.OK), "codes", codes, "not OK");
    codes = Collections.unmodifiableSet(EnumSet.copyOf(codes));
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("maxAttempts", (double) maxAttempts);
    map.put("initialBackoff", ServiceConfig.seconds(initialBackoff));
    map.put("maxBackoff", ServiceConfig.seconds(maxBackoff));
    map.put("backoffMultiplier", multiplier);
    map.put("retryableStatusCodes", ServiceConfig.names(codes));
    return map;
  }
}
