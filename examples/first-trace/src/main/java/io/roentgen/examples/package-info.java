// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** Programs that a reader runs in one command. */
@NullMarked
package io.roentgen.examples;

import org.jspecify.annotations.NullMarked;
