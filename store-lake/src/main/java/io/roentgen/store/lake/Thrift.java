// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import java.nio.charset.StandardCharsets;

/**
 * Reads Thrift's compact protocol, in which Parquet writes what it says of a file. A struct is read by asking for field
 * after field and reading or skipping each. Not safe for use by several threads.
 *
 * <p>Source: Apache Thrift, doc/specs/thrift-compact-protocol.md.
 */
final class Thrift {
  private static final int TRUE = 1;
  private static final int FALSE = 2;
  private static final int BYTE = 3;
  private static final int DOUBLE = 7;
  private static final int BINARY = 8;
  private static final int LIST = 9;
  private static final int SET = 10;
  private static final int MAP = 11;
  private static final int STRUCT = 12;
  private static final int MAX_DEPTH = 32;

  /** What {@link #nextField} returns after the last field of a struct. */
  static final int END = 0;

  private final byte[] bytes;
  private int at;
  private int field;
  private int type;

  Thrift(byte[] bytes, int from) {
    this.bytes = bytes;
    at = from;
  }

  /** Returns the place behind what was read. */
  int position() {
    return at;
  }

  /** Starts to read a struct and returns what {@link #end} takes. */
  int begin() {
    int outer = field;
    field = 0;
    return outer;
  }

  /** Goes on with the struct around the one that has ended. */
  void end(int outer) {
    field = outer;
  }

  /** Returns the number of the next field, whose value is to be read or skipped, or {@link #END}. */
  int nextField() {
    int header = bytes[at++] & 0xff;
    type = header & 0xf;
    if (type == 0) {
      return END;
    }
    int delta = header >>> 4;
    field = delta == 0 ? (int) number() : field + delta;
    return field;
  }

  /** Reads a whole number. */
  long number() {
    long zigzag = varint();
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte each = bytes[at++];
      value |= (each & 0x7fL) << shift;
      if (each >= 0) {
        return value;
      }
    }
  }

  /** Reads bytes. */
  byte[] binary() {
    int length = Math.toIntExact(varint());
    byte[] value = new byte[length];
    System.arraycopy(bytes, at, value, 0, length);
    at += length;
    return value;
  }

  String text() {
    return new String(binary(), StandardCharsets.UTF_8);
  }

  /** Starts to read a list and returns how many elements it has. */
  int list() {
    int header = bytes[at++] & 0xff;
    type = header & 0xf;
    int size = header >>> 4;
    return size == 15 ? Math.toIntExact(varint()) : size;
  }

  /** Skips the value of the current field. */
  void skip() {
    skip(type, false, 0);
  }

  private void skip(int skipped, boolean element, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IndexOutOfBoundsException("structs nested too deeply");
    }
    switch (skipped) {
      case TRUE, FALSE -> at += element ? 1 : 0;
      case BYTE -> at++;
      case DOUBLE -> at += Double.BYTES;
      case BINARY -> {
        int length = Math.toIntExact(varint());
        at = Math.addExact(at, length);
      }
      case LIST, SET -> {
        int size = list();
        int of = type;
        for (int i = 0; i < size; i++) {
          skip(of, true, depth + 1);
        }
      }
      case STRUCT -> {
        int outer = begin();
        while (nextField() != END) {
          skip(type, false, depth + 1);
        }
        end(outer);
      }
      case MAP -> throw new IndexOutOfBoundsException("a map, of which Parquet has none");
      default -> varint();
    }
  }
}
