// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Values that every module shares: ids, traces, segments, spans, nodes and edges. No I/O, and
 * nothing but the JDK.
 */
@NullMarked
package io.roentgen.model;

import org.jspecify.annotations.NullMarked;
