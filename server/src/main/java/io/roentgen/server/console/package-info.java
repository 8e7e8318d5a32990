// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** The web console: its files, and who may use it. */
@NullMarked
package io.roentgen.server.console;

import org.jspecify.annotations.NullMarked;
