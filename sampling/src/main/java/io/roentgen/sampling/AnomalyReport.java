// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

/**
 * Anomalies that the first service of traces has seen since its last report, for rules with a
 * {@link RateBoost}.
 *
 * @param anomalyCount requests with an anomaly
 * @param totalCount all requests
 * @param sampledAnomalyCount requests with an anomaly that were sampled
 */
public record AnomalyReport(
    String ruleName,
    String serviceName,
    long anomalyCount,
    long totalCount,
    long sampledAnomalyCount) {
  public AnomalyReport {
    SamplingRule.require(anomalyCount >= 0, "anomalyCount", anomalyCount, ">= 0");
    SamplingRule.require(totalCount >= 0, "totalCount", totalCount, ">= 0");
    SamplingRule.require(
        sampledAnomalyCount >= 0, "sampledAnomalyCount", sampledAnomalyCount, ">= 0");
  }
}
