// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The operations that give traces out; {@link io.roentgen.server.xray.traces.TraceOperations} adds
 * them to a table.
 */
@NullMarked
package io.roentgen.server.xray.traces;

import org.jspecify.annotations.NullMarked;
