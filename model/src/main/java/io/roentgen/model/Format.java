// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

/** The wire format in which a span came; it says how the span is written out again without loss. */
public enum Format {
  OTLP,
  XRAY;

  private static final Format[] BY_NUMBER = values();

  /** Returns the number that the store uses; numbers are never reused. */
  public int number() {
    return ordinal();
  }

  /**
   * Returns the format with that number.
   *
   * @throws IllegalArgumentException if no format has it
   */
  public static Format ofNumber(int number) {
    if (number < 0 || number >= BY_NUMBER.length) {
      throw new IllegalArgumentException("format: " + number + " (expected: 0 or 1)");
    }
    return BY_NUMBER[number];
  }
}
