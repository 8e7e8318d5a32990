// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

/** The store was closed. */
public final class StoreClosedException extends StoreException {
  private static final long serialVersionUID = 1;

  public StoreClosedException() {
    super("store: closed");
  }
}
