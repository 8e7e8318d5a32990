// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** The reference store, kept in memory: small and obvious, the oracle for the others. */
@NullMarked
package io.roentgen.store.memory;

import org.jspecify.annotations.NullMarked;
