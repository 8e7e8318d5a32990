// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Calls of the traces that the filters of groups match, minute by minute, kept beside the store;
 * start at {@link io.roentgen.server.xray.sums.KeptSums}.
 */
@NullMarked
package io.roentgen.server.xray.sums;

import org.jspecify.annotations.NullMarked;
