// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.groups;

import org.jspecify.annotations.Nullable;

/** Says whether a text is a filter expression. */
@FunctionalInterface
public interface FilterCheck {
  /** Returns null if it is one, or else what is wrong with it. */
  @Nullable String problem(String expression);
}
