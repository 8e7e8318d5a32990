// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import io.roentgen.model.Rejection;

/**
 * Reads protobuf's wire format from an array. Ends are passed in, so that nested messages need no
 * object.
 *
 * <p>Stricter than the generated parsers in one thing: tags and lengths of more than 32 bits are
 * refused, where some of them cut bits off.
 */
final class WireReader {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LEN = 2;
  static final int START_GROUP = 3;
  static final int END_GROUP = 4;
  static final int FIXED32 = 5;

  /** Groups are unknown to OTLP; generated parsers stop at 100 levels of everything together. */
  private static final int MAX_GROUP_DEPTH = 32;

  final byte[] bytes;
  private final int origin;
  int at;

  WireReader(byte[] bytes, int offset) {
    this.bytes = bytes;
    origin = offset;
    at = offset;
  }

  static int tagOf(int field, int wireType) {
    return field << 3 | wireType;
  }

  /** Reads a tag; the caller has checked that {@link #at} is before {@code end}. */
  int tag(int end) {
    int start = at;
    long tag = varint(end);
    if (tag >>> Integer.SIZE != 0 || tag >>> 3 == 0) {
      throw malformed(start, "tag " + Long.toUnsignedString(tag) + " (expected: a field number)");
    }
    return (int) tag;
  }

  long varint(int end) {
    int i = at;
    if (i < end) {
      byte first = bytes[i];
      if (first >= 0) {
        at = i + 1;
        return first;
      }
    }
    return longVarint(end);
  }

  private long longVarint(int end) {
    int i = at;
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (i >= end) {
        throw malformed(at, "varint cut short");
      }
      byte next = bytes[i++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        at = i;
        return value;
      }
    }
    throw malformed(at, "varint of more than 10 bytes");
  }

  /** Reads the length of what follows, which ends at or before {@code end}. */
  int length(int end) {
    int start = at;
    long length = varint(end);
    if (length < 0 || length > end - at) {
      throw malformed(
          start,
          "length "
              + Long.toUnsignedString(length)
              + " (expected: at most the "
              + (end - at)
              + " bytes left)");
    }
    return (int) length;
  }

  long fixed64(int end) {
    need(Long.BYTES, end);
    long value = (long) WireSink.LONG.get(bytes, at);
    at += Long.BYTES;
    return value;
  }

  int fixed32(int end) {
    need(Integer.BYTES, end);
    int value = (int) WireSink.INT.get(bytes, at);
    at += Integer.BYTES;
    return value;
  }

  private void need(int count, int end) {
    if (end - at < count) {
      throw malformed(at, count + "-byte number cut short");
    }
  }

  /** Goes behind the content of a field whose tag has been read. */
  void skip(int tag, int end) {
    skip(tag, end, 0);
  }

  private void skip(int tag, int end, int depth) {
    switch (tag & 7) {
      case VARINT -> varint(end);
      case FIXED64 -> fixed64(end);
      case LEN -> {
        int length = length(end);
        at += length;
      }
      case FIXED32 -> fixed32(end);
      case START_GROUP -> skipGroup(tag >>> 3, end, depth + 1);
      case END_GROUP -> throw malformed(at, "end of group " + (tag >>> 3) + " without its start");
      default -> throw malformed(at, "wire type " + (tag & 7) + " (expected: 0 to 5)");
    }
  }

  private void skipGroup(int field, int end, int depth) {
    if (depth > MAX_GROUP_DEPTH) {
      throw new OtlpException(
          Rejection.TOO_LARGE,
          "OTLP request at byte " + (at - origin) + ": groups nested over " + MAX_GROUP_DEPTH);
    }
    int start = at;
    while (at < end) {
      int tag = tag(end);
      if (tag == tagOf(field, END_GROUP)) {
        return;
      }
      skip(tag, end, depth);
    }
    throw malformed(start, "group " + field + " without its end");
  }

  OtlpException malformed(int position, String what) {
    return new OtlpException(
        Rejection.PARSE_ERROR,
        "OTLP request at byte " + (position - origin) + ": malformed protobuf, " + what);
  }
}
