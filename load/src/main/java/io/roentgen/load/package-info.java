// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Sends HTTP and gRPC load, bounded in time and count, and measures it from the times at which each
 * request was meant to start. Start with {@link io.roentgen.load.Load}.
 */
@NullMarked
package io.roentgen.load;

import org.jspecify.annotations.NullMarked;
