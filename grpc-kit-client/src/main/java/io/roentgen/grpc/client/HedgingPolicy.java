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
 * Attempts sent beside one another (gRFC A6); the first good answer wins. For idempotent methods.
 *
 * @param maxAttempts with the first one, 2 to 5
 * @param delay between the starts of attempts; zero sends all at once
 * @param nonFatalCodes the statuses of one attempt that do not end the others; may be empty, never
 *     OK
 */
public record HedgingPolicy(int maxAttempts, Duration delay, Set<Status.Code> nonFatalCodes) {
  public HedgingPolicy {
    Arguments.check(
        maxAttempts >= 2 && maxAttempts <= RetryPolicy.MAX_ATTEMPTS,
        "maxAttempts",
        maxAttempts,
        "2 to 5");
    Arguments.check(!delay.isNegative(), "delay", delay, "0 or more");
    Arguments.check(
        !nonFatalCodes.contains(Status.Code.OK), "nonFatalCodes", nonFatalCodes, "not OK");
    EnumSet<Status.Code> copy = EnumSet.noneOf(Status.Code.class);
    copy.addAll(nonFatalCodes);
    nonFatalCodes = Collections.unmodifiableSet(copy);
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("maxAttempts", (double) maxAttempts);
    map.put("hedgingDelay", ServiceConfig.seconds(delay));
    map.put("nonFatalStatusCodes", ServiceConfig.names(nonFatalCodes));
    return map;
  }
}
