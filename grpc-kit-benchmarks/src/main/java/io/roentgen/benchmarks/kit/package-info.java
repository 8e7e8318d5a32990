// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** What interceptors cost a call. */
@NullMarked
package io.roentgen.benchmarks.kit;

import org.jspecify.annotations.NullMarked;
