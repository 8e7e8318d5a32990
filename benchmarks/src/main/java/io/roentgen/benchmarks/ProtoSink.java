// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes of protobuf messages that are being written; grows as needed. */
final class ProtoSink {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;

  private byte[] bytes;
  private int size;

  ProtoSink(int capacity) {
    bytes = new byte[capacity];
  }

  int size() {
    return size;
  }

  void clear() {
    size = 0;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  void varint(int field, long value) {
    tag(field, VARINT);
    rawVarint(value);
  }

  void fixed64(int field, long value) {
    tag(field, FIXED64);
    reserve(Long.BYTES);
    for (int i = 0; i < Long.BYTES; i++) {
      bytes[size++] = (byte) (value >>> (8 * i));
    }
  }

  void fixed32(int field, int value) {
    tag(field, FIXED32);
    reserve(Integer.BYTES);
    for (int i = 0; i < Integer.BYTES; i++) {
      bytes[size++] = (byte) (value >>> (8 * i));
    }
  }

  /** Writes an id of 8 bytes, the highest first. */
  void id(int field, long value) {
    tag(field, LENGTH);
    rawVarint(Long.BYTES);
    bigEndian(value);
  }

  /** Writes an id of 16 bytes, the highest first. */
  void id(int field, long high, long low) {
    tag(field, LENGTH);
    rawVarint(2 * Long.BYTES);
    bigEndian(high);
    bigEndian(low);
  }

  void string(int field, String value) {
    bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  void bytes(int field, byte[] value) {
    tag(field, LENGTH);
    rawVarint(value.length);
    raw(value, value.length);
  }

  void message(int field, ProtoSink value) {
    tag(field, LENGTH);
    rawVarint(value.size);
    raw(value.bytes, value.size);
  }

  /** Writes what is encoded already. */
  void raw(byte[] encoded) {
    raw(encoded, encoded.length);
  }

  void raw(ProtoSink encoded) {
    raw(encoded.bytes, encoded.size);
  }

  private void raw(byte[] source, int length) {
    reserve(length);
    System.arraycopy(source, 0, bytes, size, length);
    size += length;
  }

  private void bigEndian(long value) {
    reserve(Long.BYTES);
    for (int i = Long.BYTES - 1; i >= 0; i--) {
      bytes[size++] = (byte) (value >>> (8 * i));
    }
  }

  private void tag(int field, int type) {
    rawVarint(((long) field << 3) | type);
  }

  private void rawVarint(long value) {
    reserve(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[size++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
