// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import org.jspecify.annotations.Nullable;

/**
 * The id that everything belonging to one request shares: 128 bits, never all zero.
 *
 * <p>It has three spellings for the same value: X-Ray ({@code 1-5759e988-bd862e3fe1be46a994272793}), W3C
 * (32 hex digits) and B3 (32 or 16 hex digits, the short one padded with zeros on the left). Ids are ordered
 * as unsigned numbers, which is also the order of their spellings.
 *
 * @param high the most significant 64 bits; zero for a 64-bit B3 id
 * @param low the least significant 64 bits
 */
public record TraceId(long high, long low) implements Comparable<TraceId> {
  public TraceId {
    if ((high | low) == 0) {
      throw new IllegalArgumentException("trace id: all zero (expected: at least one bit set)");
    }
  }

  /**
   * Returns the id that {@code text} spells in any of the three ways, in either case.
   *
   * @throws IllegalArgumentException if it is none of them; the message quotes at most 64 characters
   */
  public static TraceId parse(String text) {
    TraceId id = parseOrNull(text);
    if (id == null) {
      throw new IllegalArgumentException(
          "trace id: '"
              + Hex.quote(text)
              + "' (expected: 1-8hex-24hex, or 32 or 16 hex digits, not all zero)");
    }
    return id;
  }

  /** Returns the id that {@code text} spells, or null if it is none of the three spellings. */
  public static @Nullable TraceId parseOrNull(String text) {
    return switch (text.length()) {
      case 35 -> parseXRay(text);
      case 32 -> {
        if (!Hex.isHex(text, 0, 32)) {
          yield null;
        }
        yield ofOrNull(Hex.parse(text, 0, 16), Hex.parse(text, 16, 16));
      }
      case 16 -> Hex.isHex(text, 0, 16) ? ofOrNull(0, Hex.parse(text, 0, 16)) : null;
      default -> null;
    };
  }

  private static @Nullable TraceId parseXRay(String text) {
    if (text.charAt(0) != '1'
        || text.charAt(1) != '-'
        || text.charAt(10) != '-'
        || !Hex.isHex(text, 2, 8)
        || !Hex.isHex(text, 11, 24)) {
      return null;
    }
    long high = Hex.parse(text, 2, 8) << 32 | Hex.parse(text, 11, 8);
    return ofOrNull(high, Hex.parse(text, 19, 16));
  }

  private static @Nullable TraceId ofOrNull(long high, long low) {
    return (high | low) == 0 ? null : new TraceId(high, low);
  }

  /** Returns the id as 32 lower-case hex digits, the W3C spelling. */
  public String toHex() {
    byte[] digits = new byte[32];
    Hex.write(high, digits, 0);
    Hex.write(low, digits, 16);
    return Hex.toAscii(digits);
  }

  /** Returns the id as X-Ray spells it: {@code 1-}, 8 hex digits, {@code -}, 24 hex digits. */
  public String toXRay() {
    String hex = toHex();
    return "1-" + hex.substring(0, 8) + '-' + hex.substring(8);
  }

  /**
   * Returns the time that the first 32 bits spell as epoch seconds. It means something only for ids that were
   * made the X-Ray way; W3C ids are random there.
   */
  public long epochSeconds() {
    return high >>> 32;
  }

  @Override
  public int compareTo(TraceId other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  @Override
  public String toString() {
    return toHex();
  }
}
