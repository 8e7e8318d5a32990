// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Settings of AWS's own world, which are kept and given back: encryption, resource policies,
 * indexing, where segments go.
 */
@NullMarked
package io.roentgen.server.xray.settings;

import org.jspecify.annotations.NullMarked;
