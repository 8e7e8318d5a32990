// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** A fetcher that gets pages and has an archiver keep them, over HTTP, and clients for both. */
@NullMarked
package io.roentgen.examples.archive;

import org.jspecify.annotations.NullMarked;
