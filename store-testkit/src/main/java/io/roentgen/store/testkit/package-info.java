// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** Contract tests and fixtures that every store has to pass. */
@NullMarked
package io.roentgen.store.testkit;

import org.jspecify.annotations.NullMarked;
