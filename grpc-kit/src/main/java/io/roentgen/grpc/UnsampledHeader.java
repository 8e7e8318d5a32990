// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Metadata;
import io.roentgen.grpc.TraceContext.Decision;
import io.roentgen.model.Hex;
import org.jspecify.annotations.Nullable;

/**
 * A trace that is not recorded, as the bytes of a header in the usual form of X-Ray or W3C: {@code
 * Root=1-...;Sampled=0}, with or without {@code Parent}, and {@code 00-...-...-00}. A call of which
 * nothing is told carries no more on than that, so the bytes go from a call that is served to those
 * made for it as they are: they are neither taken apart nor made again. Nobody writes to them.
 */
final class UnsampledHeader {
  private static final int XRAY_LENGTH = 50;
  private static final int XRAY_PARENT_LENGTH = 74;
  private static final int W3C_LENGTH = 55;

  /** In every digit that is not a capital letter. */
  private static final int NO_CAPITAL = 0x20;

  private UnsampledHeader() {}

  /**
   * Returns the header of a call if it is all that a format says, and says that the trace is not
   * recorded; null for whatever must be looked at more closely.
   */
  static byte @Nullable [] find(TraceFormat format, Metadata headers) {
    if (format != TraceFormat.XRAY && format != TraceFormat.W3C) {
      return null;
    }
    byte[] text = headers.get(format.rawKeys.get(0));
    if (text == null || text.length == 0 || text[text.length - 1] != '0') {
      return null;
    }
    boolean found =
        format == TraceFormat.XRAY
            ? isXRay(text)
            : isW3c(text) && !headers.containsKey(format.keys.get(1));
    return found ? text : null;
  }

  private static boolean isXRay(byte[] text) {
    boolean parent = text.length == XRAY_PARENT_LENGTH;
    return (parent || text.length == XRAY_LENGTH)
        && TraceFormat.has(text, 0, "Root=1-")
        && text[15] == '-'
        && TraceFormat.has(text, text.length - 10, ";Sampled=0")
        && isId(text, 7, 8, 16, 24)
        && (!parent || (TraceFormat.has(text, 40, ";Parent=") && isId(text, 48, 16, 64, 0)));
  }

  private static boolean isW3c(byte[] text) {
    return text.length == W3C_LENGTH
        && TraceFormat.has(text, 0, "00-")
        && text[35] == '-'
        && TraceFormat.has(text, 52, "-00")
        && isId(text, 3, 32, 35, 0)
        && isId(text, 36, 16, 52, 0);
  }

  /** Returns whether both parts are digits in small letters, and not all of them zero. */
  private static boolean isId(byte[] text, int at, int length, int secondAt, int secondLength) {
    int values = 0;
    int small = NO_CAPITAL;
    for (int i = at; i < at + length; i++) {
      values |= Hex.digit(text[i]);
      small &= text[i];
    }
    for (int i = secondAt; i < secondAt + secondLength; i++) {
      values |= Hex.digit(text[i]);
      small &= text[i];
    }
    return values > 0 && small != 0;
  }

  private static boolean isXRayForm(byte[] header) {
    return header.length != W3C_LENGTH;
  }

  /** Returns whether this very header came with a call. */
  static boolean cameWith(Metadata headers, byte[] header) {
    TraceFormat format = isXRayForm(header) ? TraceFormat.XRAY : TraceFormat.W3C;
    return headers.get(format.rawKeys.get(0)) == header;
  }

  /** Returns what it says. */
  static TraceContext context(byte[] header) {
    boolean xray = isXRayForm(header);
    long high =
        xray
            ? (TraceFormat.hex(header, 7, 8) << 32) | TraceFormat.hex(header, 16, 8)
            : TraceFormat.hex(header, 3, 16);
    long low = TraceFormat.hex(header, xray ? 24 : 19, 16);
    int span = spanAt(header);
    return TraceContext.ofBits(
        high, low, span == 0 ? 0 : TraceFormat.hex(header, span, 16), Decision.NOT_SAMPLED);
  }

  /** Returns where the calling span is, 0 for nowhere. */
  private static int spanAt(byte[] header) {
    return switch (header.length) {
      case XRAY_PARENT_LENGTH -> 48;
      case W3C_LENGTH -> 36;
      default -> 0;
    };
  }

  /** Returns the header of a trace that begins here; W3C's if that is the format, else X-Ray's. */
  static byte[] root(TraceFormat format, long high, long low) {
    return format == TraceFormat.W3C
        ? TraceFormat.w3cBytes(high, low, low == 0 ? high : low, false)
        : TraceFormat.xrayBytes(high, low, 0, Decision.NOT_SAMPLED, "");
  }

  /** Returns the same as X-Ray writes it; itself if that is its form. */
  static byte[] toXRay(byte[] header) {
    if (isXRayForm(header)) {
      return header;
    }
    byte[] text = new byte[XRAY_PARENT_LENGTH];
    TraceFormat.ascii("Root=1-", text, 0);
    System.arraycopy(header, 3, text, 7, 8);
    text[15] = '-';
    System.arraycopy(header, 11, text, 16, 24);
    TraceFormat.ascii(";Parent=", text, 40);
    System.arraycopy(header, 36, text, 48, 16);
    TraceFormat.ascii(";Sampled=0", text, 64);
    return text;
  }

  /** Returns the same as W3C writes it; itself if that is its form. */
  static byte[] toW3c(byte[] header) {
    if (!isXRayForm(header)) {
      return header;
    }
    if (header.length == XRAY_LENGTH) {
      TraceContext context = context(header);
      return TraceFormat.w3cBytes(
          context.traceHigh, context.traceLow, TraceFormat.spanOrTrace(context), false);
    }
    byte[] text = new byte[W3C_LENGTH];
    TraceFormat.ascii("00-", text, 0);
    System.arraycopy(header, 7, text, 3, 8);
    System.arraycopy(header, 16, text, 11, 24);
    text[35] = '-';
    System.arraycopy(header, 48, text, 36, 16);
    TraceFormat.ascii("-00", text, 52);
    return text;
  }
}
