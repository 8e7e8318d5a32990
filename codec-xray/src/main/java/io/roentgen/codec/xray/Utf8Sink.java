// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** UTF-8 bytes that grow; what {@link SegmentDecoder} collects a span's left-over members in. */
final class Utf8Sink {
  byte[] bytes = new byte[1024];
  int size;

  void putByte(int value) {
    reserve(1);
    bytes[size++] = (byte) value;
  }

  void putBytes(byte[] source, int offset, int length) {
    reserve(length);
    System.arraycopy(source, offset, bytes, size, length);
    size += length;
  }

  void putAscii(String text) {
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    putBytes(ascii, 0, ascii.length);
  }

  /** Empties the sink, and gives back what an unusually large document took. */
  void clear(int keptCapacity) {
    size = 0;
    if (bytes.length > keptCapacity) {
      bytes = new byte[keptCapacity];
    }
  }

  private void reserve(int more) {
    int needed = Math.addExact(size, more);
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(needed, bytes.length * 2));
    }
  }
}
