// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** One command that shows a living system: Roentgen, the example applications, and load on them. */
@NullMarked
package io.roentgen.demo;

import org.jspecify.annotations.NullMarked;
