// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Which requests are traced: rules and how they match, what a client decides by them, and on the
 * server's side the quotas that clients get and what they report. Starting points are {@link
 * io.roentgen.sampling.RuleSet} and {@link io.roentgen.sampling.RuleFile}, {@link
 * io.roentgen.sampling.ClientSampler}, and {@link io.roentgen.sampling.SamplingTargets}.
 */
@NullMarked
package io.roentgen.sampling;

import org.jspecify.annotations.NullMarked;
