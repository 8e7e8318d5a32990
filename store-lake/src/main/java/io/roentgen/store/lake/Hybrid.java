// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads Parquet's hybrid of runs and bit-packed groups at ascending places. Not safe for use by several threads.
 *
 * <p>Source: Parquet format 2.11, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid".
 */
final class Hybrid {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes;
  private final int end;
  private final int width;
  private int at;

  /** The run at hand: where it starts and ends, its value, or where its packed bits start. */
  private int runStart;

  private int runEnd;
  private boolean packed;
  private int value;
  private int bitsAt;

  /** How many of the values before {@link #counted} are 1; kept by {@link #onesBefore} alone. */
  private int ones;

  private int counted;

  /**
   * @param width bits of a value, 0 to 32
   */
  Hybrid(byte[] bytes, int from, int end, int width) {
    if (from < 0 || end > bytes.length || from > end || width < 0 || width > 32) {
      throw new IndexOutOfBoundsException("runs: " + from + " to " + end + ", width " + width);
    }
    this.bytes = bytes;
    this.at = from;
    this.end = end;
    this.width = width;
  }

  private void nextRun() {
    int header = 0;
    for (int shift = 0; ; shift += 7) {
      byte each = next();
      header |= (each & 0x7f) << shift;
      if (each >= 0) {
        break;
      }
    }
    runStart = runEnd;
    packed = (header & 1) != 0;
    if (packed) {
      int groups = header >>> 1;
      bitsAt = at;
      runEnd = Math.addExact(runStart, Math.multiplyExact(groups, 8));
      at = Math.addExact(at, Math.multiplyExact(groups, width));
    } else {
      runEnd = Math.addExact(runStart, header >>> 1);
      value = 0;
      for (int shift = 0; shift < width; shift += 8) {
        value |= (next() & 0xff) << shift;
      }
    }
  }

  private byte next() {
    if (at >= end) {
      throw new IndexOutOfBoundsException("runs end at " + runEnd);
    }
    return bytes[at++];
  }

  /** Returns the value at a place that is not before those asked for earlier. */
  int valueAt(int index) {
    while (index >= runEnd) {
      nextRun();
    }
    if (!packed) {
      return value;
    }
    if (width == 0) {
      return 0;
    }
    long bit = (long) (index - runStart) * width;
    int from = bitsAt + (int) (bit >>> 3);
    int shift = (int) (bit & 7);
    long word = 0;
    for (int i = 0; i << 3 < shift + width; i++) {
      word |= (from + i < end ? bytes[from + i] & 0xffL : 0) << (i << 3);
    }
    return (int) ((word >>> shift) & ((1L << width) - 1));
  }

  /**
   * Returns how many of the values before {@code index}, which is not before those asked for earlier, are 1. For values
   * of one bit.
   */
  int onesBefore(int index) {
    while (counted < index) {
      while (counted >= runEnd) {
        nextRun();
      }
      int to = Math.min(index, runEnd);
      ones += packed ? bitsSet(counted - runStart, to - runStart) : value * (to - counted);
      counted = to;
    }
    return ones;
  }

  private int bitsSet(int from, int to) {
    int sum = 0;
    int bit = from;
    while (bit < to) {
      int place = bitsAt + (bit >> 3);
      int first = bit & 7;
      if (first == 0 && to - bit >= Long.SIZE) {
        sum += Long.bitCount((long) LONG.get(bytes, place));
        bit += Long.SIZE;
      } else {
        int last = Math.min(8, first + to - bit);
        sum += Integer.bitCount(bytes[place] & ((1 << last) - (1 << first)));
        bit += last - first;
      }
    }
    return sum;
  }
}
