// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** What a store must offer: the interfaces that ingest and query are written against. */
@NullMarked
package io.roentgen.store;

import org.jspecify.annotations.NullMarked;
