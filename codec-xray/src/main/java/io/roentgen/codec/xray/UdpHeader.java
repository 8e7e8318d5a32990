// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import io.roentgen.model.Rejection;
import io.roentgen.model.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The header line of a {@link UdpFrame}. */
final class UdpHeader {
  static final byte[] COMPACT =
      "{\"format\":\"json\",\"version\":1}".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] SPACED =
      "{\"format\": \"json\", \"version\": 1}".getBytes(StandardCharsets.US_ASCII);
  private static final int MAX_DEPTH = 8;
  private static final int MAX_BYTES = 1024;
  private static final String EXPECTED = " (expected: {\"format\":\"json\",\"version\":1})";

  private UdpHeader() {}

  /** Returns whether the line is one of the two that SDKs send, which need no parsing. */
  static boolean isUsual(byte[] datagram, int length) {
    return startsWith(datagram, length, COMPACT) || startsWith(datagram, length, SPACED);
  }

  private static boolean startsWith(byte[] datagram, int length, byte[] header) {
    return length == header.length
        && Arrays.equals(datagram, 0, length, header, 0, header.length);
  }

  /** Returns {@code document} if the line allows it, else why not. */
  static UdpFrame check(byte[] datagram, int length, UdpFrame document) {
    if (length > MAX_BYTES) {
      return rejected("of " + length + " bytes (expected: at most " + MAX_BYTES + ")");
    }
    if (!Utf8.isValid(datagram, 0, length)) {
      return rejected("that is not UTF-8" + EXPECTED);
    }
    JsonTape tape = new JsonTape(MAX_DEPTH);
    if (!tape.parse(datagram, 0, length)) {
      return rejected("that is not JSON: " + tape.failureMessage());
    }
    if (tape.type(JsonTape.ROOT) != JsonTape.OBJECT) {
      return rejected("that is not a JSON object" + EXPECTED);
    }
    boolean format = false;
    boolean version = false;
    for (int key = 1; key < tape.next(JsonTape.ROOT); key = tape.next(key + 1)) {
      int value = key + 1;
      switch (tape.string(key)) {
        case "format" ->
            format =
                tape.type(value) == JsonTape.STRING && tape.string(value).equalsIgnoreCase("json");
        case "version" ->
            version = tape.type(value) == JsonTape.INTEGER && tape.json(value).equals("1");
        default -> {}
      }
    }
    if (!format) {
      return rejected("without format json" + EXPECTED);
    }
    return version ? document : rejected("without version 1" + EXPECTED);
  }

  private static UdpFrame rejected(String what) {
    return new UdpFrame.Rejected(Rejection.INVALID_HEADER, "header line " + what);
  }
}
