// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest;

/** More is being worked on than allowed; nothing was kept, the same request may come again. */
public final class OverloadedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final long retryAfterMillis;

  OverloadedException(String message, long retryAfterMillis) {
    // Refusing must stay cheap when there is too much to do already: no stack trace.
    super(message, null, false, false);
    this.retryAfterMillis = retryAfterMillis;
  }

  /** Returns after how many milliseconds another attempt makes sense. */
  public long retryAfterMillis() {
    return retryAfterMillis;
  }
}
