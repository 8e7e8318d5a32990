// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * What all requests with spans have in common: bounded bodies, decompression, threads, refusals,
 * the token. {@link io.roentgen.server.intake.Intake} runs them.
 */
@NullMarked
package io.roentgen.server.intake;

import org.jspecify.annotations.NullMarked;
