// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.insights;

import io.roentgen.query.insight.Insight;

/**
 * A trace that shows what an insight is about.
 *
 * @param traceId its id, in the W3C spelling
 * @param category what is to be seen at the root cause
 * @param startEpochNanos when the trace began
 */
public record InsightExample(String traceId, Insight.Category category, long startEpochNanos) {}
