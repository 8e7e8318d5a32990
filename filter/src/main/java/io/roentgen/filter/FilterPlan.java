// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.store.TraceCondition;

/**
 * What a store can look for in place of an expression.
 *
 * @param condition every trace that the expression matches is like this
 * @param exact whether, the other way round, the expression matches every trace that is like it
 * @param nearlyExact whether it matches nearly all of them, as a rule; so too if exact
 */
public record FilterPlan(TraceCondition condition, boolean exact, boolean nearlyExact) {}
