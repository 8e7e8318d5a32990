// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** Traces of a made-up shop, to be looked at beside what was received, and taken away again. */
@NullMarked
package io.roentgen.server.sample;

import org.jspecify.annotations.NullMarked;
