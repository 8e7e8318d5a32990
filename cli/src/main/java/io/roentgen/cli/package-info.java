// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** The {@code roentgen} command: starts the server and reads from it. */
@NullMarked
package io.roentgen.cli;

import org.jspecify.annotations.NullMarked;
