// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** The server process: endpoints, configuration and wiring. */
@NullMarked
package io.roentgen.server;

import org.jspecify.annotations.NullMarked;
