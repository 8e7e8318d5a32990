// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * X-Ray filter expressions: {@link io.roentgen.filter.Filter} parses one, says whether a trace
 * matches, and what a store can look for.
 */
@NullMarked
package io.roentgen.filter;

import org.jspecify.annotations.NullMarked;
