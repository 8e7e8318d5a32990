// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Collectors: they decode, validate, limit, batch and count what arrives, then hand it to the
 * store.
 */
@NullMarked
package io.roentgen.ingest;

import org.jspecify.annotations.NullMarked;
