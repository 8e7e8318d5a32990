// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The operations of the X-Ray API by which SDKs and daemons send and ask how to sample; {@link
 * io.roentgen.server.xray.ingest.XRayRoutes} adds them to a server.
 */
@NullMarked
package io.roentgen.server.xray.ingest;

import org.jspecify.annotations.NullMarked;
