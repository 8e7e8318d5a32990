// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

/** A file of the store does not hold what was written; the message names the file. */
public final class StoreCorruptedException extends StoreException {
  private static final long serialVersionUID = 1;

  public StoreCorruptedException(String message) {
    super(message);
  }

  public StoreCorruptedException(String message, Throwable cause) {
    super(message, cause);
  }
}
