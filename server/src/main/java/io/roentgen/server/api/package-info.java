// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The JSON API under {@code /api}, for the console, the command line and scripts. Start at {@link
 * io.roentgen.server.api.ApiRoutes}; {@code openapi.yaml} describes each route for callers.
 */
@NullMarked
package io.roentgen.server.api;

import org.jspecify.annotations.NullMarked;
