// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.util.Arrays;

/**
 * Bytes of the source format that have no field of their own: unknown protobuf fields, repeated keys. They are
 * kept so that what was received can be written out again. Equal when the bytes are.
 */
public final class Raw {
  /** No bytes. */
  public static final Raw EMPTY = new Raw(new byte[0]);

  private final byte[] bytes;

  private Raw(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Returns a copy of {@code bytes}. */
  public static Raw of(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : new Raw(bytes.clone());
  }

  /** Returns a copy of {@code length} bytes from {@code offset}. */
  public static Raw of(byte[] bytes, int offset, int length) {
    return length == 0 ? EMPTY : new Raw(Arrays.copyOfRange(bytes, offset, offset + length));
  }

  /** Returns a copy of the bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Returns how many bytes there are. */
  public int length() {
    return bytes.length;
  }

  public boolean isEmpty() {
    return bytes.length == 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Raw that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "Raw[" + bytes.length + " bytes]";
  }
}
