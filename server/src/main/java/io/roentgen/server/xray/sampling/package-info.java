// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Sampling rules and what clients ask and report of them; {@link
 * io.roentgen.server.xray.sampling.SamplingOperations} adds the operations to a table.
 */
@NullMarked
package io.roentgen.server.xray.sampling;

import org.jspecify.annotations.NullMarked;
