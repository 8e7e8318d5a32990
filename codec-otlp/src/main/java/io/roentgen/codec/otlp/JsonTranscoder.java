// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.roentgen.model.Hex;
import io.roentgen.model.Rejection;
import io.roentgen.model.Utf8;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Turns a request in OTLP/JSON into the same in protobuf, by the table in {@link Schema}, without
 * building messages. What protobuf can say is left to the one decoder to judge, such as ids of a
 * wrong length.
 */
final class JsonTranscoder {
  /** Far beyond what the values that are taken need: three levels of JSON for one of AnyValue. */
  private static final int MAX_JSON_DEPTH = 1000;

  private static final int MAX_NUMBER_LENGTH = 400;
  private static final int MAX_INTEGER_DIGITS = 20;
  private static final int MAX_MESSAGE = 300;

  /** Lengths are bounded by the request's size, which has a limit; the depth is ours. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_JSON_DEPTH)
                  .maxNumberLength(MAX_NUMBER_LENGTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private final WireSink out = new WireSink(4096);
  private String firstBadId = "";
  private boolean badLinkId;

  /** Returns the first id that is not hex, quoted, with its place; empty if all are. */
  String firstBadId() {
    return firstBadId;
  }

  WireSink transcode(byte[] bytes, int offset, int length) {
    checkUtf8(bytes, offset, length);
    try (JsonParser json = FACTORY.createParser(bytes, offset, length)) {
      if (json.nextToken() == null) {
        throw new OtlpException(Rejection.PARSE_ERROR, "OTLP/JSON: empty (expected: an object)");
      }
      message(json, Schema.REQUEST, 0);
      if (json.nextToken() != null) {
        throw wrong(json, "more text behind the request");
      }
      return out;
    } catch (StreamConstraintsException e) {
      throw failed(Rejection.TOO_LARGE, e);
    } catch (JsonProcessingException e) {
      throw failed(Rejection.PARSE_ERROR, e);
    } catch (IOException e) {
      // Reads from an array.
      throw new UncheckedIOException(e);
    }
  }

  private static void checkUtf8(byte[] bytes, int offset, int length) {
    if (Utf8.isValid(bytes, offset, length)) {
      return;
    }
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer source = ByteBuffer.wrap(bytes, offset, length);
    CharBuffer target = CharBuffer.allocate(8 * 1024);
    while (decoder.decode(source, target, true).isOverflow()) {
      target.clear();
    }
    int line = 1;
    int lineStart = offset;
    for (int i = offset; i < source.position(); i++) {
      if (bytes[i] == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    throw new OtlpException(
        Rejection.PARSE_ERROR,
        at(line, source.position() - lineStart + 1)
            + "not UTF-8 (byte "
            + (source.position() - offset)
            + ")");
  }

  /** Writes the fields of the object that the parser is at. */
  private void message(JsonParser json, Schema.Message type, int valueDepth) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw wrong(json, type.name + " that is not an object");
    }
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      Schema.Field field = type.byName.get(name);
      JsonToken token = json.nextToken();
      if (field == null) {
        json.skipChildren();
      } else if (token != JsonToken.VALUE_NULL) {
        member(json, field, type, valueDepth);
      }
    }
  }

  private void member(JsonParser json, Schema.Field field, Schema.Message parent, int valueDepth)
      throws IOException {
    if (!field.repeated()) {
      field(json, field, parent, valueDepth);
    } else if (json.currentToken() == JsonToken.START_ARRAY) {
      while (json.nextToken() != JsonToken.END_ARRAY) {
        field(json, field, parent, valueDepth);
      }
    } else {
      throw wrong(json, field.name() + " that is not an array");
    }
  }

  private void field(JsonParser json, Schema.Field field, Schema.Message parent, int valueDepth)
      throws IOException {
    int number = field.number();
    switch (field.type()) {
      case TEXT -> {
        out.putTag(number, WireReader.LEN);
        text(json, field);
      }
      case HEX -> {
        out.putTag(number, WireReader.LEN);
        hex(json, field, parent);
      }
      case BASE64 -> {
        byte[] value = base64(json, field);
        out.putBytesField(number, value, 0, value.length);
      }
      case BOOL -> {
        if (!json.currentToken().isBoolean()) {
          throw wrong(json, field.name() + " that is not true or false");
        }
        out.putVarintField(number, json.getBooleanValue() ? 1 : 0);
      }
      case INT32 ->
          out.putVarintField(number, integer(json, field, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case UINT32 -> out.putVarintField(number, integer(json, field, 0, 0xffff_ffffL));
      case INT64 ->
          out.putVarintField(number, integer(json, field, Long.MIN_VALUE, Long.MAX_VALUE));
      case ENUM -> out.putVarintField(number, enumeration(json, field));
      case DOUBLE -> out.putFixed64Field(number, Double.doubleToRawLongBits(real(json, field)));
      case FIXED64 -> out.putFixed64Field(number, unsigned64(json, field));
      case FIXED32 -> out.putFixed32Field(number, (int) integer(json, field, 0, 0xffff_ffffL));
      case MESSAGE -> nested(json, field, valueDepth);
    }
  }

  private void nested(JsonParser json, Schema.Field field, int valueDepth) throws IOException {
    Schema.Message type = field.messageType();
    int depth = type == Schema.ANY_VALUE ? valueDepth + 1 : valueDepth;
    int begun = out.beginMessage(field.number());
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      // An element that is null: an empty message.
      out.endMessage(begun);
      return;
    }
    if (depth > Otlp.MAX_VALUE_DEPTH) {
      // The decoder rejects the span for a value at this depth, whatever it holds.
      json.skipChildren();
      out.endMessage(begun);
      return;
    }
    message(json, type, depth);
    if (type == Schema.SPAN && badLinkId) {
      // The last span id counts, and this one is refused: a link's id could not be kept as it was.
      badLinkId = false;
      out.putBytesField(Otlp.SPAN_SPAN_ID, out.bytes, 0, 0);
    }
    out.endMessage(begun);
  }

  private void text(JsonParser json, Schema.Field field) throws IOException {
    requireText(json, field);
    char[] chars = json.getTextCharacters();
    int start = json.getTextOffset();
    utf8(chars, start, start + json.getTextLength());
  }

  private static void requireText(JsonParser json, Schema.Field field) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw wrong(json, field.name() + " that is not a string");
    }
  }

  /**
   * Writes text with its length. A lone surrogate, which JSON can escape, becomes the three bytes
   * that it would be; they are not UTF-8, so the decoder rejects the span.
   */
  private void utf8(char[] chars, int start, int end) {
    int length = 0;
    for (int i = start; i < end; i++) {
      char c = chars[i];
      if (c < 0x80) {
        length++;
      } else if (c < 0x800) {
        length += 2;
      } else if (isPair(chars, i, end)) {
        length += 4;
        i++;
      } else {
        length += 3;
      }
    }
    out.putVarint(length);
    for (int i = start; i < end; i++) {
      char c = chars[i];
      if (c < 0x80) {
        out.putByte(c);
      } else if (c < 0x800) {
        out.putByte(0xc0 | (c >> 6));
        putTail(c);
      } else if (isPair(chars, i, end)) {
        i++;
        int point = Character.toCodePoint(c, chars[i]);
        out.putByte(0xf0 | (point >> 18));
        putTail(point >> 12);
        putTail(point >> 6);
        putTail(point);
      } else {
        out.putByte(0xe0 | (c >> 12));
        putTail(c >> 6);
        putTail(c);
      }
    }
  }

  private void putTail(int bits) {
    out.putByte(0x80 | (bits & 0x3f));
  }

  private static boolean isPair(char[] chars, int i, int end) {
    return Character.isHighSurrogate(chars[i])
        && i + 1 < end
        && Character.isLowSurrogate(chars[i + 1]);
  }

  /**
   * Writes an id with its length. One that is not hex becomes a single byte, a length that the
   * decoder rejects, and is told in {@link #firstBadId}.
   */
  private void hex(JsonParser json, Schema.Field field, Schema.Message parent) throws IOException {
    requireText(json, field);
    String text = json.getText();
    int length = text.length();
    if (length % 2 == 0 && Hex.isHex(text, 0, length)) {
      out.putVarint(length / 2);
      for (int i = 0; i < length; i += 2) {
        out.putByte((int) Hex.parse(text, i, 2));
      }
      return;
    }
    out.putVarint(1);
    out.putByte(0);
    badLinkId |= parent != Schema.SPAN;
    if (firstBadId.isEmpty()) {
      firstBadId =
          field.name() + " '" + Hex.quote(text) + "' at " + place(json.currentTokenLocation());
    }
  }

  private static byte[] base64(JsonParser json, Schema.Field field) throws IOException {
    requireText(json, field);
    // Base64 in both alphabets, padded or not, as protobuf's JSON mapping asks of readers.
    String text = json.getText().replace('-', '+').replace('_', '/');
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new OtlpException(
          Rejection.PARSE_ERROR, at(json) + field.name() + " that is not base64", e);
    }
  }

  private static long enumeration(JsonParser json, Schema.Field field) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      int named = field.names().indexOf(json.getText());
      if (named >= 0) {
        return named;
      }
    }
    return integer(json, field, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  private static long integer(JsonParser json, Schema.Field field, long min, long max)
      throws IOException {
    if (json.currentToken() == JsonToken.VALUE_NUMBER_INT
        && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      long value = json.getLongValue();
      if (value >= min && value <= max) {
        return value;
      }
    }
    BigDecimal value = wholeNumber(json, field);
    if (value.compareTo(BigDecimal.valueOf(min)) < 0
        || value.compareTo(BigDecimal.valueOf(max)) > 0) {
      throw wrong(json, field.name() + " out of range (expected: " + min + " to " + max + ")");
    }
    return value.longValueExact();
  }

  private static long unsigned64(JsonParser json, Schema.Field field) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      long value = shortDigits(json.getText());
      if (value >= 0) {
        return value;
      }
    }
    BigDecimal value = wholeNumber(json, field);
    if (value.signum() < 0 || value.toBigInteger().bitLength() > Long.SIZE) {
      throw wrong(json, field.name() + " out of range (expected: 0 to 2^64 - 1)");
    }
    return value.toBigInteger().longValue();
  }

  /** Returns the number that 1 to 18 digits spell, or -1. */
  private static long shortDigits(String text) {
    if (text.isEmpty() || text.length() > 18) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  /** Returns a number, or a string that spells one, without fraction and of at most 20 digits. */
  private static BigDecimal wholeNumber(JsonParser json, Schema.Field field) throws IOException {
    BigDecimal value = decimal(json);
    if (value == null
        || (long) value.precision() - value.scale() > MAX_INTEGER_DIGITS
        || (value.signum() != 0 && value.stripTrailingZeros().scale() > 0)) {
      throw wrong(json, field.name() + " that is not a whole number of at most 64 bits");
    }
    // Zero may carry any exponent, which toBigInteger would write out in digits.
    return value.signum() == 0 ? BigDecimal.ZERO : value;
  }

  private static @Nullable BigDecimal decimal(JsonParser json) throws IOException {
    JsonToken token = json.currentToken();
    if (token != JsonToken.VALUE_STRING && !token.isNumeric()) {
      return null;
    }
    String text = json.getText();
    if (text.length() > MAX_NUMBER_LENGTH) {
      return null;
    }
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static double real(JsonParser json, Schema.Field field) throws IOException {
    String text =
        json.currentToken() == JsonToken.VALUE_STRING || json.currentToken().isNumeric()
            ? json.getText()
            : "";
    switch (text) {
      case "NaN" -> {
        return Double.NaN;
      }
      case "Infinity" -> {
        return Double.POSITIVE_INFINITY;
      }
      case "-Infinity" -> {
        return Double.NEGATIVE_INFINITY;
      }
      default -> {
        BigDecimal value = decimal(json);
        if (value == null) {
          throw wrong(json, field.name() + " that is not a number");
        }
        double number = Double.parseDouble(text);
        if (Double.isInfinite(number)) {
          throw wrong(json, field.name() + " beyond what a double holds");
        }
        return number;
      }
    }
  }

  private static OtlpException wrong(JsonParser json, String what) {
    return new OtlpException(Rejection.PARSE_ERROR, at(json) + what);
  }

  private static String at(JsonParser json) {
    return "OTLP/JSON at " + place(json.currentTokenLocation()) + ": ";
  }

  private static String at(int line, int column) {
    return "OTLP/JSON at line " + line + ", column " + column + ": ";
  }

  private static String place(JsonLocation location) {
    return "line " + location.getLineNr() + ", column " + location.getColumnNr();
  }

  private static OtlpException failed(Rejection rejection, JsonProcessingException e) {
    JsonLocation location = e.getLocation();
    String place = location == null ? "OTLP/JSON: " : "OTLP/JSON at " + place(location) + ": ";
    StringBuilder message = new StringBuilder(place);
    String told = String.valueOf(e.getOriginalMessage());
    for (int i = 0; i < told.length() && i < MAX_MESSAGE; i++) {
      char c = told.charAt(i);
      message.append(Character.isISOControl(c) || Character.isSurrogate(c) ? ' ' : c);
    }
    return new OtlpException(rejection, message.toString(), e);
  }
}
