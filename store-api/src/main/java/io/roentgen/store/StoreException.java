// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

/** A store could not do what was asked, for a reason outside the caller's program. */
public abstract sealed class StoreException extends RuntimeException
    permits StoreClosedException,
        StoreCorruptedException,
        StoreOverloadedException,
        StoreUnavailableException {
  private static final long serialVersionUID = 1;

  StoreException(String message) {
    super(message);
  }

  StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
