// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

/** Too much is waiting to be written; nothing was kept and the same batch may be sent again. */
public final class StoreOverloadedException extends StoreException {
  private static final long serialVersionUID = 1;

  private final long retryAfterMillis;

  /** Makes one that asks the sender to wait {@code retryAfterMillis} milliseconds. */
  public StoreOverloadedException(String message, long retryAfterMillis) {
    super(message);
    this.retryAfterMillis = retryAfterMillis;
  }

  /** Returns after how many milliseconds another attempt makes sense. */
  public long retryAfterMillis() {
    return retryAfterMillis;
  }
}
