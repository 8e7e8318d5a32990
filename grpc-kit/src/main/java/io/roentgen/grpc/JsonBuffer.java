// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.roentgen.model.Hex;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * JSON in UTF-8, written without an object for each piece and used again for the next document. Not
 * safe for use by several threads.
 */
final class JsonBuffer {
  private static final int KEPT = 256 * 1024;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private byte[] bytes = new byte[4096];
  private int size;

  byte[] bytes() {
    return bytes;
  }

  int size() {
    return size;
  }

  /** Empties the buffer, and gives back what an unusually large document took. */
  void clear() {
    size = 0;
    if (bytes.length > KEPT) {
      bytes = new byte[KEPT];
    }
  }

  /** Writes ASCII as it is. */
  JsonBuffer raw(String ascii) {
    int length = ascii.length();
    reserve(length);
    for (int i = 0; i < length; i++) {
      bytes[size + i] = (byte) ascii.charAt(i);
    }
    size += length;
    return this;
  }

  /** Starts a member: a comma unless it is the first, its name, and a colon. */
  JsonBuffer member(String name) {
    comma();
    bytes[size++] = '"';
    raw(name);
    reserve(2);
    bytes[size++] = '"';
    bytes[size++] = ':';
    return this;
  }

  /** Starts a member whose name has to be escaped. */
  JsonBuffer anyMember(String name) {
    comma();
    string(name);
    reserve(1);
    bytes[size++] = ':';
    return this;
  }

  /** Writes a comma unless an object or array was just opened. */
  void comma() {
    reserve(2);
    byte last = bytes[size - 1];
    if (last != '{' && last != '[') {
      bytes[size++] = ',';
    }
  }

  /** Writes a string; half of a surrogate pair becomes the replacement character. */
  JsonBuffer string(String text) {
    return openString().text(text).closeString();
  }

  /** Starts a string that is written in pieces. */
  JsonBuffer openString() {
    reserve(1);
    bytes[size++] = '"';
    return this;
  }

  JsonBuffer closeString() {
    reserve(1);
    bytes[size++] = '"';
    return this;
  }

  /** Writes a piece of a string. */
  JsonBuffer text(String text) {
    int length = text.length();
    // A character takes at most six bytes, as an escape.
    reserve(6 * length);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
        bytes[size++] = (byte) c;
      } else {
        i = putOther(text, i, c);
      }
    }
    return this;
  }

  private int putOther(String text, int i, char c) {
    if (c == '"' || c == '\\') {
      bytes[size++] = '\\';
      bytes[size++] = (byte) c;
    } else if (c < ' ' || c == 0x7f) {
      bytes[size++] = '\\';
      bytes[size++] = 'u';
      bytes[size++] = '0';
      bytes[size++] = '0';
      bytes[size++] = DIGITS[c >> 4];
      bytes[size++] = DIGITS[c & 15];
    } else if (c < 0x800) {
      bytes[size++] = (byte) (0xc0 | (c >> 6));
      bytes[size++] = (byte) (0x80 | (c & 0x3f));
    } else if (Character.isHighSurrogate(c)
        && i + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(i + 1))) {
      int point = Character.toCodePoint(c, text.charAt(i + 1));
      bytes[size++] = (byte) (0xf0 | (point >> 18));
      bytes[size++] = (byte) (0x80 | ((point >> 12) & 0x3f));
      bytes[size++] = (byte) (0x80 | ((point >> 6) & 0x3f));
      bytes[size++] = (byte) (0x80 | (point & 0x3f));
      return i + 1;
    } else {
      int point = Character.isSurrogate(c) ? 0xfffd : c;
      bytes[size++] = (byte) (0xe0 | (point >> 12));
      bytes[size++] = (byte) (0x80 | ((point >> 6) & 0x3f));
      bytes[size++] = (byte) (0x80 | (point & 0x3f));
    }
    return i;
  }

  /** Writes 16 hex digits as a string. */
  JsonBuffer hex(long value) {
    reserve(18);
    bytes[size] = '"';
    Hex.write(value, bytes, size + 1);
    bytes[size + 17] = '"';
    size += 18;
    return this;
  }

  /** Writes a trace id as X-Ray spells it. */
  JsonBuffer traceId(long high, long low) {
    reserve(40);
    int at = size;
    bytes[at++] = '"';
    bytes[at++] = '1';
    bytes[at++] = '-';
    for (int shift = 60; shift >= 32; shift -= 4) {
      bytes[at++] = DIGITS[(int) (high >>> shift) & 15];
    }
    bytes[at++] = '-';
    for (int shift = 28; shift >= 0; shift -= 4) {
      bytes[at++] = DIGITS[(int) (high >>> shift) & 15];
    }
    Hex.write(low, bytes, at);
    at += 16;
    bytes[at++] = '"';
    size = at;
    return this;
  }

  /** Writes epoch nanoseconds as seconds, with nine decimals. */
  JsonBuffer seconds(long epochNanos) {
    number(Math.floorDiv(epochNanos, NANOS_PER_SECOND));
    reserve(10);
    bytes[size++] = '.';
    long rest = Math.floorMod(epochNanos, NANOS_PER_SECOND);
    for (int i = 8; i >= 0; i--) {
      bytes[size + i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    size += 9;
    return this;
  }

  JsonBuffer number(long value) {
    reserve(20);
    if (value == Long.MIN_VALUE) {
      return raw("-9223372036854775808");
    }
    if (value < 0) {
      bytes[size++] = '-';
      value = -value;
    }
    int digits = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    for (int i = digits - 1; i >= 0; i--) {
      bytes[size + i] = (byte) ('0' + value % 10);
      value /= 10;
    }
    size += digits;
    return this;
  }

  /** Writes a number; what JSON has no number for, as a string. */
  JsonBuffer number(double value) {
    return Double.isFinite(value) ? raw(Double.toString(value)) : string(Double.toString(value));
  }

  private void reserve(int more) {
    int needed = size + more;
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(needed, bytes.length * 2));
    }
  }
}
