// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Part of a search result.
 *
 * @param traces newest first; may be empty
 * @param next the cursor of the following page, which has at least one trace as things stand, or null if none
 *     follows
 */
public record TracePage(List<TraceSummary> traces, @Nullable String next) {
  public TracePage {
    traces = List.copyOf(traces);
  }
}
