// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** Three programs that call each other, each with the gRPC kit in three lines. */
@NullMarked
package io.roentgen.examples.kit;

import org.jspecify.annotations.NullMarked;
