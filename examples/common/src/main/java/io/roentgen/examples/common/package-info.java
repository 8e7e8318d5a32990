// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** What the example applications share, on top of the gRPC kit. */
@NullMarked
package io.roentgen.examples.common;

import org.jspecify.annotations.NullMarked;
