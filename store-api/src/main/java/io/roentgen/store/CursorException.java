// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import org.jspecify.annotations.Nullable;

/** A search's cursor is none, or was made for another search. */
public final class CursorException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  CursorException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
