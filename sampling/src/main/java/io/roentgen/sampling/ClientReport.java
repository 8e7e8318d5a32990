// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

/**
 * What a client did with one rule since its last report.
 *
 * @param clientId made up by the client, the same as long as it runs
 * @param requestCount requests that the rule matched
 * @param sampledCount those that were sampled; some clients leave the borrowed ones out
 * @param borrowCount those that were borrowed
 */
public record ClientReport(
    String ruleName, String clientId, long requestCount, long sampledCount, long borrowCount) {
  public ClientReport {
    SamplingRule.require(requestCount >= 0, "requestCount", requestCount, ">= 0");
    SamplingRule.require(sampledCount >= 0, "sampledCount", sampledCount, ">= 0");
    SamplingRule.require(borrowCount >= 0, "borrowCount", borrowCount, ">= 0");
  }
}
