// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Checks on UTF-8 bytes. */
public final class Utf8 {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Utf8() {}

  /** Returns whether the bytes are well-formed UTF-8: no overlong forms, no surrogates, none cut short. */
  public static boolean isValid(byte[] bytes, int offset, int length) {
    int end = offset + length;
    int i = offset;
    while (i + 8 <= end && ((long) LONG.get(bytes, i) & 0x8080808080808080L) == 0) {
      i += 8;
    }
    while (i < end) {
      int first = bytes[i];
      if (first >= 0) {
        i++;
        continue;
      }
      int size = sequenceLength(bytes, i, end);
      if (size == 0) {
        return false;
      }
      i += size;
    }
    return true;
  }

  /** Returns the length of the multi-byte sequence at {@code i}, or 0 if it is malformed. */
  private static int sequenceLength(byte[] bytes, int i, int end) {
    int first = bytes[i] & 0xff;
    if (first >= 0xc2 && first <= 0xdf) {
      return i + 1 < end && isTail(bytes[i + 1]) ? 2 : 0;
    }
    if (first >= 0xe0 && first <= 0xef) {
      if (i + 2 >= end || !isTail(bytes[i + 1]) || !isTail(bytes[i + 2])) {
        return 0;
      }
      int second = bytes[i + 1] & 0xff;
      boolean overlong = first == 0xe0 && second < 0xa0;
      boolean surrogate = first == 0xed && second > 0x9f;
      return overlong || surrogate ? 0 : 3;
    }
    if (first >= 0xf0 && first <= 0xf4) {
      if (i + 3 >= end
          || !isTail(bytes[i + 1])
          || !isTail(bytes[i + 2])
          || !isTail(bytes[i + 3])) {
        return 0;
      }
      int second = bytes[i + 1] & 0xff;
      boolean overlong = first == 0xf0 && second < 0x90;
      boolean tooLarge = first == 0xf4 && second > 0x8f;
      return overlong || tooLarge ? 0 : 4;
    }
    return 0;
  }

  private static boolean isTail(byte b) {
    return (b & 0xc0) == 0x80;
  }
}
