// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** Finds out, minute by minute, which services do worse than they used to. */
@NullMarked
package io.roentgen.query.insight;

import org.jspecify.annotations.NullMarked;
