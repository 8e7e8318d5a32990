// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The operations by which SDKs and daemons send; {@link
 * io.roentgen.server.xray.ingest.IngestOperations} adds them to a table.
 */
@NullMarked
package io.roentgen.server.xray.ingest;

import org.jspecify.annotations.NullMarked;
