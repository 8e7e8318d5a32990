// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** Two traces, or two sets of traces, as one tree with what each of them spent where. */
@NullMarked
package io.roentgen.query.compare;

import org.jspecify.annotations.NullMarked;
