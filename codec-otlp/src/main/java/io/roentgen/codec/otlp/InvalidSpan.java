// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import io.roentgen.model.Rejection;

/**
 * Leaves the decoding of one span, or of what its spans share; thrown often, so without a stack
 * trace.
 */
final class InvalidSpan extends Exception {
  final Rejection rejection;

  InvalidSpan(Rejection rejection, String message) {
    super(message, null, false, false);
    this.rejection = rejection;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
