// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The X-Ray API; {@link io.roentgen.server.xray.XRayApi} adds all of it to a server. A package for
 * each topic, and {@code protocol} for what they share.
 */
@NullMarked
package io.roentgen.server.xray;

import org.jspecify.annotations.NullMarked;
