// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import io.roentgen.model.Rejection;
import java.util.Arrays;
import java.util.Objects;

/**
 * What a datagram to the X-Ray daemon's port holds: a header line, {@code {"format":"json","version":1}}, a
 * line feed and one segment document.
 *
 * <p>Source: aws-xray-daemon 3.6.6, whose behaviour this matches: other members of the header are ignored, the
 * format is compared without regard to case, the version must be 1.
 */
public sealed interface UdpFrame {
  /** The most that one IPv4 datagram carries, in bytes. */
  int MAX_DATAGRAM_BYTES = 65_507;

  /**
   * The datagram is a frame.
   *
   * @param offset where in the datagram the document starts
   * @param length how many bytes it has, white space at its end left out; at least 1
   */
  record Document(int offset, int length) implements UdpFrame {}

  /** The datagram is no frame, and {@code message} tells what was found and expected. */
  record Rejected(Rejection reason, String message) implements UdpFrame {}

  /**
   * Finds the document in the first {@code length} bytes of {@code datagram}. The document itself is not looked
   * at.
   *
   * @throws IndexOutOfBoundsException if {@code length} is not within {@code datagram}
   */
  static UdpFrame parse(byte[] datagram, int length) {
    Objects.checkFromIndexSize(0, length, datagram.length);
    int line = 0;
    while (line < length && datagram[line] != '\n') {
      line++;
    }
    if (line == length) {
      return rejected("no line feed (expected: a header line, then a document)");
    }
    int end = length;
    while (end > line + 1 && isSpace(datagram[end - 1])) {
      end--;
    }
    if (end == line + 1) {
      return rejected("no document (expected: one behind the header line)");
    }
    UdpFrame document = new Document(line + 1, end - line - 1);
    return UdpHeader.isUsual(datagram, line) ? document : UdpHeader.check(datagram, line, document);
  }

  /** Returns a copy of what stands before a document in its datagram, line feed included. */
  static byte[] header() {
    byte[] header = Arrays.copyOf(UdpHeader.COMPACT, UdpHeader.COMPACT.length + 1);
    header[UdpHeader.COMPACT.length] = '\n';
    return header;
  }

  /**
   * Returns the datagram that carries a document.
   *
   * @throws IllegalArgumentException if it is empty or does not fit into one datagram
   */
  static byte[] of(byte[] document) {
    byte[] header = UdpHeader.COMPACT;
    int length = header.length + 1 + document.length;
    if (document.length == 0 || length > MAX_DATAGRAM_BYTES) {
      throw new IllegalArgumentException(
          "document: "
              + document.length
              + " bytes (expected: 1 to "
              + (MAX_DATAGRAM_BYTES - header.length - 1)
              + ")");
    }
    byte[] datagram = Arrays.copyOf(header, length);
    datagram[header.length] = '\n';
    System.arraycopy(document, 0, datagram, header.length + 1, document.length);
    return datagram;
  }

  private static boolean isSpace(byte b) {
    return b == '\n' || b == '\r' || b == ' ' || b == '\t';
  }

  private static UdpFrame rejected(String what) {
    return new Rejected(Rejection.INVALID_HEADER, "datagram with " + what);
  }
}
