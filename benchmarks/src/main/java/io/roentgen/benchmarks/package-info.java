// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** JMH benchmarks and load programs. */
@NullMarked
package io.roentgen.benchmarks;

import org.jspecify.annotations.NullMarked;
