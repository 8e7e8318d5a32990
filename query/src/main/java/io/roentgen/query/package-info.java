// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Answers questions over any store: assembled traces, summaries, the service graph and analytics.
 */
@NullMarked
package io.roentgen.query;

import org.jspecify.annotations.NullMarked;
