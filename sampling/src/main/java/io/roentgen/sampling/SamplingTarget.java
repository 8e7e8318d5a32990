// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a client is to do with a rule until it reports again.
 *
 * @param quota its share of the reservoir, in requests a second
 * @param quotaExpiry until when the share is its own
 * @param boost null if there is none now
 */
public record SamplingTarget(
    String ruleName, double fixedRate, int quota, Instant quotaExpiry, @Nullable Boost boost) {
  /**
   * A rate that takes the place of the fixed one for a while.
   *
   * @param rate fraction of requests to sample, 0 to 1
   * @param expiry until when
   */
  public record Boost(double rate, Instant expiry) {}
}
