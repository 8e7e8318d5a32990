// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

/**
 * How a call went, as X-Ray divides it; several may be true of one span.
 *
 * @param error the caller's mistake (HTTP 4xx)
 * @param fault the callee's failure (HTTP 5xx, an exception)
 * @param throttle refused for rate (HTTP 429, gRPC RESOURCE_EXHAUSTED)
 */
public record Outcome(boolean error, boolean fault, boolean throttle) {
  /** Nothing went wrong. */
  public static final Outcome OK = new Outcome(false, false, false);

  public static final int ERROR_BIT = 1;
  public static final int FAULT_BIT = 2;
  public static final int THROTTLE_BIT = 4;

  /** Returns the sum of the three bits, the form in which an outcome is stored. */
  public int bits() {
    return (error ? ERROR_BIT : 0) | (fault ? FAULT_BIT : 0) | (throttle ? THROTTLE_BIT : 0);
  }

  /** Returns the outcome whose {@link #bits} these are. */
  public static Outcome ofBits(int bits) {
    return bits == 0
        ? OK
        : new Outcome(
            (bits & ERROR_BIT) != 0, (bits & FAULT_BIT) != 0, (bits & THROTTLE_BIT) != 0);
  }

  /** Returns whether none of the three is true. */
  public boolean isOk() {
    return !error && !fault && !throttle;
  }
}
