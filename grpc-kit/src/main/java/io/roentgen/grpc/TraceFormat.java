// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.roentgen.codec.xray.TraceHeader;
import io.roentgen.grpc.TraceContext.Decision;
import io.roentgen.model.Hex;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A spelling of a {@link TraceContext} in headers. What is not a valid context in a spelling is
 * read as none; nothing empty is ever written.
 */
public enum TraceFormat {
  /**
   * {@code x-amzn-trace-id:
   * Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1}. Source: AWS X-Ray
   * developer guide, "Tracing header".
   */
  XRAY("x-amzn-trace-id") {
    @Override
    @Nullable TraceContext read(Headers headers) {
      byte[] raw = headers.raw(0);
      TraceContext usual = raw == null ? null : readUsual(raw);
      if (usual != null) {
        return usual;
      }
      String text = headers.text(0);
      return text == null ? null : readAny(text);
    }

    /** Reads the forms that every SDK writes, without taking them apart. */
    private @Nullable TraceContext readUsual(byte[] text) {
      int parent = text.length == XRAY_LENGTH ? PARENT_LENGTH : 0;
      if (text.length != XRAY_LENGTH - PARENT_LENGTH + parent
          || !has(text, 0, "Root=1-")
          || text[15] != '-'
          || (parent > 0 && !has(text, 40, ";Parent="))
          || !has(text, 40 + parent, ";Sampled=")) {
        return null;
      }
      long high = (hex(text, 7, 8) << 32) | hex(text, 16, 8);
      long low = hex(text, 24, 16);
      long span = parent > 0 ? hex(text, 48, 16) : 0;
      Decision decision =
          switch (text[text.length - 1]) {
            case '1' -> Decision.SAMPLED;
            case '0' -> Decision.NOT_SAMPLED;
            case '?' -> Decision.REQUESTED;
            default -> null;
          };
      boolean valid =
          isHex(text, 7, 8)
              && isHex(text, 16, 24)
              && (parent == 0 || (isHex(text, 48, 16) && span != 0))
              && (high | low) != 0;
      return valid && decision != null ? TraceContext.ofBits(high, low, span, decision) : null;
    }

    private @Nullable TraceContext readAny(String text) {
      if (!(TraceHeader.parse(text) instanceof TraceHeader.Parsed.Accepted accepted)) {
        return null;
      }
      TraceHeader header = accepted.header();
      Decision decision =
          switch (header.sampled()) {
            case YES -> Decision.SAMPLED;
            case NO -> Decision.NOT_SAMPLED;
            case REQUESTED -> Decision.REQUESTED;
            case UNDECIDED -> Decision.UNDECIDED;
          };
      TraceContext context = TraceContext.of(header.root(), header.parent(), decision);
      if (header.others().isEmpty()) {
        return context;
      }
      StringBuilder others = new StringBuilder();
      for (TraceHeader.Part part : header.others()) {
        others.append(';').append(part.name()).append('=').append(part.value());
      }
      return context.withOthers(others.toString());
    }

    @Override
    void write(TraceContext context, Headers headers) {
      if (!context.hasTrace()) {
        return;
      }
      headers.putRaw(0, xrayBytes(context));
    }
  },

  /**
   * {@code traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01}, and {@code
   * tracestate}, which is passed on as it came. Source: W3C Trace Context, level 1.
   */
  W3C("traceparent", "tracestate") {
    @Override
    @Nullable TraceContext read(Headers headers) {
      String text = headers.text(0);
      if (text == null
          || text.length() < W3C_LENGTH
          || text.charAt(2) != '-'
          || text.charAt(35) != '-'
          || text.charAt(52) != '-'
          || !isLowerHex(text, 0, 2)
          || !isLowerHex(text, 3, 32)
          || !isLowerHex(text, 36, 16)
          || !isLowerHex(text, 53, 2)) {
        return null;
      }
      boolean first = text.startsWith("00");
      // Later versions may have more behind a further dash; version ff does not exist.
      if (text.startsWith("ff")
          || (first && text.length() != W3C_LENGTH)
          || (text.length() > W3C_LENGTH && text.charAt(W3C_LENGTH) != '-')) {
        return null;
      }
      long high = Hex.parse(text, 3, 16);
      long low = Hex.parse(text, 19, 16);
      long parent = Hex.parse(text, 36, 16);
      if ((high | low) == 0 || parent == 0) {
        return null;
      }
      boolean sampled = (Hex.parse(text, 53, 2) & 1) != 0;
      TraceContext context =
          TraceContext.ofBits(high, low, parent, sampled ? Decision.SAMPLED : Decision.NOT_SAMPLED);
      String state = headers.text(1);
      return state == null
              || state.isEmpty()
              || state.length() > MAX_TRACE_STATE
              || !isPrintable(state)
          ? context
          : context.withTraceState(state);
    }

    @Override
    void write(TraceContext context, Headers headers) {
      if (!context.hasTrace()) {
        return;
      }
      headers.putRaw(
          0,
          w3cBytes(
              context.traceHigh,
              context.traceLow,
              spanOrTrace(context),
              context.decision == Decision.SAMPLED));
      if (!context.traceState.isEmpty()) {
        headers.put(1, context.traceState);
      }
    }
  },

  /**
   * {@code b3: traceid-spanid-1}, or a decision alone: {@code b3: 0}. Source:
   * openzipkin/b3-propagation.
   */
  B3_SINGLE("b3") {
    @Override
    @Nullable TraceContext read(Headers headers) {
      String text = headers.text(0);
      if (text == null || text.isEmpty() || text.length() > MAX_B3) {
        return null;
      }
      List<String> parts = List.of(text.split("-", -1));
      if (parts.size() == 1) {
        Decision decision = b3Decision(text);
        return decision == null ? null : TraceContext.ofDecision(decision);
      }
      Decision decision = parts.size() == 2 ? Decision.UNDECIDED : b3Decision(parts.get(2));
      boolean parent = parts.size() < 4 || SpanId.parseOrNull(parts.get(3)) != null;
      return decision == null || parts.size() > 4 || !parent
          ? null
          : b3Context(parts.get(0), parts.get(1), decision);
    }

    @Override
    void write(TraceContext context, Headers headers) {
      if (!context.hasTrace()) {
        String decision = b3Text(context.decision);
        if (!decision.isEmpty()) {
          headers.put(0, decision);
        }
        return;
      }
      String decision = b3Text(context.decision);
      headers.put(
          0,
          traceHex(context)
              + '-'
              + Hex.format(spanOrTrace(context))
              + (decision.isEmpty() ? "" : '-' + decision));
    }
  },

  /** {@code x-b3-traceid}, {@code x-b3-spanid}, {@code x-b3-sampled}, {@code x-b3-flags}. */
  B3_MULTI("x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "x-b3-flags", "x-b3-parentspanid") {
    @Override
    @Nullable TraceContext read(Headers headers) {
      String flags = headers.text(3);
      String sampled = headers.text(2);
      Decision decision = Decision.UNDECIDED;
      if ("1".equals(flags)) {
        decision = Decision.SAMPLED;
      } else if (sampled != null && !sampled.isEmpty()) {
        decision =
            switch (sampled.toLowerCase(Locale.ROOT)) {
              case "1", "true" -> Decision.SAMPLED;
              case "0", "false" -> Decision.NOT_SAMPLED;
              default -> Decision.UNDECIDED;
            };
      }
      String trace = headers.text(0);
      String span = headers.text(1);
      if (trace == null || span == null || trace.isEmpty() || span.isEmpty()) {
        return decision == Decision.UNDECIDED ? null : TraceContext.ofDecision(decision);
      }
      return b3Context(trace, span, decision);
    }

    @Override
    void write(TraceContext context, Headers headers) {
      if (context.hasTrace()) {
        headers.put(0, traceHex(context));
        headers.put(1, Hex.format(spanOrTrace(context)));
      }
      String decision = b3Text(context.decision);
      if (!decision.isEmpty()) {
        headers.put(2, decision);
      }
    }
  },

  /**
   * {@code grpc-trace-bin}: version 0, then the fields 0 (trace), 1 (span) and 2 (options). gRPC
   * metadata only, as it is bytes. Source: census-instrumentation/opencensus-specs, BinaryEncoding.
   */
  GRPC_TRACE_BIN("grpc-trace-bin") {
    private static final int LENGTH = 29;

    @Override
    @Nullable TraceContext read(Headers headers) {
      byte[] bytes = headers.bytes();
      if (bytes == null
          || bytes.length < LENGTH - 2
          || bytes[0] != 0
          || bytes[1] != 0
          || bytes[18] != 1) {
        return null;
      }
      long high = longAt(bytes, 2);
      long low = longAt(bytes, 10);
      long span = longAt(bytes, 19);
      if ((high | low) == 0 || span == 0) {
        return null;
      }
      boolean sampled = bytes.length >= LENGTH && bytes[27] == 2 && (bytes[28] & 1) != 0;
      return TraceContext.ofBits(
          high, low, span, sampled ? Decision.SAMPLED : Decision.NOT_SAMPLED);
    }

    @Override
    void write(TraceContext context, Headers headers) {
      if (!context.hasTrace()) {
        return;
      }
      byte[] bytes = new byte[LENGTH];
      putLong(context.traceHigh, bytes, 2);
      putLong(context.traceLow, bytes, 10);
      bytes[18] = 1;
      putLong(spanOrTrace(context), bytes, 19);
      bytes[27] = 2;
      bytes[28] = (byte) (context.decision == Decision.SAMPLED ? 1 : 0);
      headers.putBytes(bytes);
    }
  },

  /**
   * The bare keys {@code traceid} and {@code parentid} of the first gRPC interceptors for X-Ray;
   * they carry no decision.
   */
  TRACE_ID_PARENT_ID("traceid", "parentid") {
    @Override
    @Nullable TraceContext read(Headers headers) {
      String trace = headers.text(0);
      TraceId id = trace == null ? null : TraceId.parseOrNull(trace);
      if (id == null) {
        return null;
      }
      String parent = headers.text(1);
      return TraceContext.of(
          id, parent == null ? null : SpanId.parseOrNull(parent), Decision.UNDECIDED);
    }

    @Override
    void write(TraceContext context, Headers headers) {
      TraceId trace = context.traceId();
      if (trace != null) {
        headers.put(0, trace.toXRay());
        if (context.span != 0) {
          headers.put(1, Hex.format(context.span));
        }
      }
    }
  };

  /** Where a format reads and writes its own headers, by their place in {@link #names}. */
  interface Headers {
    @Nullable String text(int index);

    byte @Nullable [] bytes();

    /**
     * Returns the same as {@link #text} as ASCII, which is not written to; null if there is none.
     */
    byte @Nullable [] raw(int index);

    void put(int index, String value);

    /** Puts ASCII, which is not written to afterwards. */
    void putRaw(int index, byte[] value);

    void putBytes(byte[] value);
  }

  private static final int XRAY_LENGTH = 74;
  private static final int PARENT_LENGTH = 24;
  private static final int W3C_LENGTH = 55;
  private static final int MAX_TRACE_STATE = 4096;
  private static final int MAX_B3 = 68;

  private final List<String> names;
  final List<Metadata.Key<String>> keys;

  /** The same keys for values that are ASCII already, so that no string is made of them. */
  final List<Metadata.Key<byte[]>> rawKeys;

  final Metadata.@Nullable Key<byte[]> binaryKey;

  TraceFormat(String... names) {
    this.names = List.of(names);
    boolean binary = names[0].endsWith(Metadata.BINARY_HEADER_SUFFIX);
    keys =
        binary
            ? List.of()
            : this.names.stream()
                .map(name -> Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER))
                .toList();
    rawKeys =
        binary
            ? List.of()
            : this.names.stream().map(name -> InternalMetadata.keyOf(name, RawAscii.RAW)).toList();
    binaryKey = binary ? Metadata.Key.of(names[0], Metadata.BINARY_BYTE_MARSHALLER) : null;
  }

  /** Returns the names of this format's headers, in lower case. */
  public List<String> names() {
    return names;
  }

  abstract @Nullable TraceContext read(Headers headers);

  /** Writes a context; what is not written of {@link #names} must not be left from before. */
  abstract void write(TraceContext context, Headers headers);

  /** Returns X-Ray's header for a context that has a trace. */
  static byte[] xrayBytes(TraceContext context) {
    return xrayBytes(
        context.traceHigh, context.traceLow, context.span, context.decision, context.others);
  }

  static byte[] xrayBytes(long high, long low, long span, Decision decision, String others) {
    int length =
        40
            + (span == 0 ? 0 : PARENT_LENGTH)
            + (decision == Decision.UNDECIDED ? 0 : 10)
            + others.length();
    byte[] text = new byte[length];
    int at = ascii("Root=1-", text, 0);
    at = hex32((int) (high >>> 32), text, at);
    text[at++] = '-';
    at = hex32((int) high, text, at);
    Hex.write(low, text, at);
    at += 16;
    if (span != 0) {
      at = ascii(";Parent=", text, at);
      Hex.write(span, text, at);
      at += 16;
    }
    switch (decision) {
      case SAMPLED -> at = ascii(";Sampled=1", text, at);
      case NOT_SAMPLED -> at = ascii(";Sampled=0", text, at);
      case REQUESTED -> at = ascii(";Sampled=?", text, at);
      case UNDECIDED -> {}
    }
    ascii(others, text, at);
    return text;
  }

  /** Returns W3C's header; neither the trace nor the span may be 0. */
  static byte[] w3cBytes(long high, long low, long span, boolean sampled) {
    byte[] text = new byte[W3C_LENGTH];
    ascii("00-", text, 0);
    Hex.write(high, text, 3);
    Hex.write(low, text, 19);
    text[35] = '-';
    Hex.write(span, text, 36);
    ascii(sampled ? "-01" : "-00", text, 52);
    return text;
  }

  private static @Nullable TraceContext b3Context(String trace, String span, Decision decision) {
    TraceId traceId = trace.length() == 35 ? null : TraceId.parseOrNull(trace);
    SpanId spanId = SpanId.parseOrNull(span);
    return traceId == null || spanId == null ? null : TraceContext.of(traceId, spanId, decision);
  }

  private static @Nullable Decision b3Decision(String text) {
    return switch (text) {
      case "1", "d" -> Decision.SAMPLED;
      case "0" -> Decision.NOT_SAMPLED;
      default -> null;
    };
  }

  private static String b3Text(Decision decision) {
    return switch (decision) {
      case SAMPLED -> "1";
      case NOT_SAMPLED -> "0";
      case UNDECIDED, REQUESTED -> "";
    };
  }

  private static String traceHex(TraceContext context) {
    byte[] digits = new byte[32];
    Hex.write(context.traceHigh, digits, 0);
    Hex.write(context.traceLow, digits, 16);
    return new String(digits, StandardCharsets.ISO_8859_1);
  }

  /**
   * Returns the calling span, or half the trace's id if there is none: these formats do not know a
   * trace without a span, and of an unsampled one nobody looks at it.
   */
  static long spanOrTrace(TraceContext context) {
    if (context.span != 0) {
      return context.span;
    }
    return context.traceLow == 0 ? context.traceHigh : context.traceLow;
  }

  private static boolean isLowerHex(String text, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether text may stand in a header, so that it cannot start another one. */
  static boolean isPrintable(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }

  static boolean has(byte[] text, int at, String part) {
    for (int i = 0; i < part.length(); i++) {
      if (text[at + i] != part.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isHex(byte[] text, int at, int length) {
    // Valid as a rule, so that all digits are looked at, without a branch for each.
    int all = 0;
    for (int i = at; i < at + length; i++) {
      all |= Hex.digit(text[i]);
    }
    return all >= 0;
  }

  static long hex(byte[] text, int at, int length) {
    long value = 0;
    for (int i = at; i < at + length; i++) {
      value = (value << 4) | (Hex.digit(text[i]) & 0xf);
    }
    return value;
  }

  static int ascii(String text, byte[] target, int at) {
    for (int i = 0; i < text.length(); i++) {
      target[at + i] = (byte) text.charAt(i);
    }
    return at + text.length();
  }

  private static int hex32(int value, byte[] target, int at) {
    Hex.writeInt(value, target, at);
    return at + 8;
  }

  private static long longAt(byte[] bytes, int at) {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = (value << 8) | (bytes[at + i] & 0xff);
    }
    return value;
  }

  private static void putLong(long value, byte[] bytes, int at) {
    for (int i = 0; i < 8; i++) {
      bytes[at + i] = (byte) (value >>> (56 - 8 * i));
    }
  }
}
