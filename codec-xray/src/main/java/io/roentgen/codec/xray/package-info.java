// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** Reads and writes the X-Ray formats: segment documents, UDP frames and the trace header. */
@NullMarked
package io.roentgen.codec.xray;

import org.jspecify.annotations.NullMarked;
