// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** What tells one set of traces from another: durations, values of fields and root causes. */
@NullMarked
package io.roentgen.query.analytics;

import org.jspecify.annotations.NullMarked;
