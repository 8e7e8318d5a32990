// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A byte array that grows, with the number encodings that {@link SpanBatch} is made of. */
final class ByteSink {
  static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int MAX_VARINT_BYTES = 5;

  byte[] bytes;
  int size;

  ByteSink(int capacity) {
    bytes = new byte[capacity];
  }

  /**
   * Makes room for {@code more} bytes and returns where they go. It may replace {@link #bytes}, so that must be
   * read after it, in a statement of its own.
   */
  int reserve(int more) {
    int at = size;
    int needed = Math.addExact(size, more);
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(needed, (int) Math.min(bytes.length * 2L, MAX_SIZE)));
    }
    size = needed;
    return at;
  }

  private static final long MAX_SIZE = Integer.MAX_VALUE - 16;

  void putByte(int value) {
    int at = reserve(1);
    bytes[at] = (byte) value;
  }

  void putInt(int value) {
    int at = reserve(Integer.BYTES);
    INT.set(bytes, at, value);
  }

  void putLong(long value) {
    int at = reserve(Long.BYTES);
    LONG.set(bytes, at, value);
  }

  void putVarint(int value) {
    int at = reserve(MAX_VARINT_BYTES);
    while ((value & ~0x7f) != 0) {
      bytes[at++] = (byte) (value | 0x80);
      value >>>= 7;
    }
    bytes[at++] = (byte) value;
    size = at;
  }

  void putBytes(byte[] source, int offset, int length) {
    int at = reserve(length);
    System.arraycopy(source, offset, bytes, at, length);
  }

  void putBlock(byte[] source, int offset, int length) {
    putVarint(length);
    putBytes(source, offset, length);
  }

  void putText(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    putBlock(utf8, 0, utf8.length);
  }
}
