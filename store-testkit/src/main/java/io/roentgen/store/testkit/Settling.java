// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.testkit;

import io.roentgen.store.TraceStore;

/** Where spans are when a test reads them; every reading test runs in all three. */
public enum Settling {
  /** Just as written. */
  NEVER {
    @Override
    boolean isDue(int writeCount, boolean beforeRead) {
      return false;
    }
  },
  /** All settled before the first read: see {@link StoreContract#settle}. */
  BEFORE_READ {
    @Override
    boolean isDue(int writeCount, boolean beforeRead) {
      return beforeRead;
    }
  },
  /** Settled after the first write and every second one from there, so that spans of a trace lie apart. */
  BETWEEN_WRITES {
    @Override
    boolean isDue(int writeCount, boolean beforeRead) {
      return !beforeRead && writeCount % 2 == 1;
    }
  };

  /** Returns whether {@link StoreContract#settle(TraceStore)} is to be called now. */
  abstract boolean isDue(int writeCount, boolean beforeRead);
}
