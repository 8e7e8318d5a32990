// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A byte array that grows, written in protobuf's wire format. */
final class WireSink {
  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int MAX_CAPACITY = Integer.MAX_VALUE - 16;

  byte[] bytes;
  int size;

  WireSink(int capacity) {
    bytes = new byte[capacity];
  }

  void clear() {
    size = 0;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  /**
   * Makes room and returns where; to be called before {@link #bytes} is read, which it may replace.
   */
  private int reserve(int more) {
    int at = size;
    int needed = Math.addExact(at, more);
    if (needed > bytes.length) {
      bytes =
          Arrays.copyOf(bytes, Math.max(needed, (int) Math.min(bytes.length * 2L, MAX_CAPACITY)));
    }
    size = needed;
    return at;
  }

  void putByte(int value) {
    int at = reserve(1);
    bytes[at] = (byte) value;
  }

  void putBytes(byte[] source, int offset, int length) {
    int at = reserve(length);
    System.arraycopy(source, offset, bytes, at, length);
  }

  void putVarint(long value) {
    while ((value & ~0x7fL) != 0) {
      putByte((int) (value | 0x80));
      value >>>= 7;
    }
    putByte((int) value);
  }

  void putTag(int field, int wireType) {
    putVarint(Integer.toUnsignedLong(WireReader.tagOf(field, wireType)));
  }

  void putVarintField(int field, long value) {
    putTag(field, WireReader.VARINT);
    putVarint(value);
  }

  void putFixed64Field(int field, long value) {
    putTag(field, WireReader.FIXED64);
    int at = reserve(Long.BYTES);
    LONG.set(bytes, at, value);
  }

  void putFixed32Field(int field, int value) {
    putTag(field, WireReader.FIXED32);
    int at = reserve(Integer.BYTES);
    INT.set(bytes, at, value);
  }

  void putBytesField(int field, byte[] source, int offset, int length) {
    putTag(field, WireReader.LEN);
    putVarint(length);
    putBytes(source, offset, length);
  }

  void putTextField(int field, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    putBytesField(field, utf8, 0, utf8.length);
  }

  /** Appends a big-endian number, the way ids stand in bytes fields. */
  void putBigEndian(long value) {
    int at = reserve(Long.BYTES);
    LONG.set(bytes, at, Long.reverseBytes(value));
  }

  /** Starts a nested message; what is returned goes to {@link #endMessage}. */
  int beginMessage(int field) {
    putTag(field, WireReader.LEN);
    return reserve(1);
  }

  /**
   * Completes a nested message. One byte was left for its length; most are that short, and the
   * others are moved up.
   */
  void endMessage(int begun) {
    int start = begun + 1;
    int length = size - start;
    int lengthBytes = Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 6) / 7);
    if (lengthBytes > 1) {
      reserve(lengthBytes - 1);
      System.arraycopy(bytes, start, bytes, begun + lengthBytes, length);
    }
    int end = size;
    size = begun;
    putVarint(length);
    size = end;
  }
}
