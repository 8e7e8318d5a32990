// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The durable store: a write-ahead log, a live part in memory and Parquet parts, queried by DuckDB.
 */
@NullMarked
package io.roentgen.store.lake;

import org.jspecify.annotations.NullMarked;
