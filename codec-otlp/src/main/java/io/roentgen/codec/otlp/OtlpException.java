// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import io.roentgen.model.Rejection;
import org.jspecify.annotations.Nullable;

/**
 * A request that is not OTLP at all, so that nothing of it was taken. The message says at which
 * byte, or line and column, and what was expected; it is fit to be sent back.
 */
public final class OtlpException extends RuntimeException {
  private final Rejection rejection;

  OtlpException(Rejection rejection, String message) {
    this(rejection, message, null);
  }

  OtlpException(Rejection rejection, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.rejection = rejection;
  }

  /** Returns the reason: {@code PARSE_ERROR}, or {@code TOO_LARGE} for nesting beyond the limit. */
  public Rejection rejection() {
    return rejection;
  }
}
