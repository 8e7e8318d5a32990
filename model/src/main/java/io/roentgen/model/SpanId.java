// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import org.jspecify.annotations.Nullable;

/**
 * The id of one span, segment or subsegment within its trace: 64 bits, never zero. Ordered as unsigned numbers.
 *
 * @param value the 64 bits
 */
public record SpanId(long value) implements Comparable<SpanId> {
  public SpanId {
    if (value == 0) {
      throw new IllegalArgumentException("span id: all zero (expected: at least one bit set)");
    }
  }

  /**
   * Returns the id that 16 hex digits spell, in either case.
   *
   * @throws IllegalArgumentException if {@code text} is anything else
   */
  public static SpanId parse(String text) {
    SpanId id = parseOrNull(text);
    if (id == null) {
      throw new IllegalArgumentException(
          "span id: '" + Hex.quote(text) + "' (expected: 16 hex digits, not all zero)");
    }
    return id;
  }

  /** Returns the id that 16 hex digits spell, or null if {@code text} is anything else. */
  public static @Nullable SpanId parseOrNull(String text) {
    if (text.length() != 16 || !Hex.isHex(text, 0, 16)) {
      return null;
    }
    long value = Hex.parse(text, 0, 16);
    return value == 0 ? null : new SpanId(value);
  }

  /** Returns the id, or null for zero, which stands for "no span" where ids travel as numbers. */
  public static @Nullable SpanId ofOrNull(long value) {
    return value == 0 ? null : new SpanId(value);
  }

  /** Returns 16 lower-case hex digits. */
  public String toHex() {
    return Hex.format(value);
  }

  @Override
  public int compareTo(SpanId other) {
    return Long.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    return toHex();
  }
}
