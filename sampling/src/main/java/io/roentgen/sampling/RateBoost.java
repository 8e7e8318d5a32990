// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

/**
 * Lets a rule sample more for a short while when clients report anomalies.
 *
 * @param maxRate the fraction of requests to sample at the most, 0 to 1
 * @param cooldownWindowMinutes for how long after the start of a boost there is no other
 */
public record RateBoost(double maxRate, int cooldownWindowMinutes) {
  public RateBoost {
    SamplingRule.require(maxRate >= 0 && maxRate <= 1, "maxRate", maxRate, "0 to 1");
    SamplingRule.require(
        cooldownWindowMinutes >= 0, "cooldownWindowMinutes", cooldownWindowMinutes, ">= 0");
  }
}
