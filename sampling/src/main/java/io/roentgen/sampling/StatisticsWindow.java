// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import java.time.Instant;

/**
 * What all clients together did with a rule in {@link SamplingTargets#WINDOW}.
 *
 * @param start a multiple of the window's length since the epoch
 */
public record StatisticsWindow(
    String ruleName, Instant start, long requestCount, long sampledCount, long borrowCount) {}
