// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * Writes protobuf bytes as OTLP/JSON, by the table in {@link Schema}. Unknown fields, which JSON
 * has no way to say, are left out.
 */
final class JsonEncoder {
  private static final JsonFactory FACTORY = new JsonFactory();

  private final byte[] bytes;
  private final WireReader in;
  private final JsonGenerator json;

  private JsonEncoder(byte[] bytes, JsonGenerator json) {
    this.bytes = bytes;
    this.json = json;
    in = new WireReader(bytes, 0);
  }

  /** Returns the JSON of a message. */
  static String encode(byte[] bytes, Schema.Message type) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      new JsonEncoder(bytes, json).message(type, List.of(new Range(0, bytes.length)));
    } catch (IOException e) {
      // Writes to memory.
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** The content of a field: a number and no bytes, or bytes and no number. */
  private record Range(int start, int end, long number) {
    Range(int start, int end) {
      this(start, end, 0);
    }
  }

  /** Writes a message that stands in several places, to be merged as protobuf has it. */
  private void message(Schema.Message type, List<Range> places) throws IOException {
    List<List<Range>> found = new ArrayList<>(type.fields.size());
    for (int i = 0; i < type.fields.size(); i++) {
      found.add(new ArrayList<>(0));
    }
    int last = -1;
    for (Range place : places) {
      in.at = place.start;
      while (in.at < place.end) {
        int field = next(type, place.end, found);
        last = field < 0 ? last : field;
      }
    }
    json.writeStartObject();
    for (int i = 0; i < type.fields.size(); i++) {
      if (!found.get(i).isEmpty() && (!type.oneOf || i == last)) {
        field(type.fields.get(i), found.get(i), type.oneOf);
      }
    }
    json.writeEndObject();
  }

  /**
   * Reads a field and adds its content to what was found; returns its index, or -1 if it is
   * unknown.
   */
  private int next(Schema.Message type, int end, List<List<Range>> found) {
    int tag = in.tag(end);
    for (int i = 0; i < type.fields.size(); i++) {
      Schema.Field field = type.fields.get(i);
      int wireType = field.type().wireType;
      if (tag == WireReader.tagOf(field.number(), wireType)) {
        if (wireType == WireReader.LEN) {
          int length = in.length(end);
          found.get(i).add(new Range(in.at, in.at + length));
          in.at += length;
        } else {
          found.get(i).add(new Range(0, 0, number(wireType, end)));
        }
        return i;
      }
    }
    in.skip(tag, end);
    return -1;
  }

  private long number(int wireType, int end) {
    return switch (wireType) {
      case WireReader.VARINT -> in.varint(end);
      case WireReader.FIXED64 -> in.fixed64(end);
      default -> in.fixed32(end);
    };
  }

  private void field(Schema.Field field, List<Range> places, boolean oneOf) throws IOException {
    Range last = places.getLast();
    if (!field.repeated()) {
      if (oneOf || !isDefault(field, last)) {
        json.writeFieldName(field.name());
        if (field.type() == Schema.Type.MESSAGE) {
          // Of alternatives the last counts; messages that come twice are otherwise merged.
          message(field.messageType(), oneOf ? List.of(last) : places);
        } else {
          value(field, last);
        }
      }
      return;
    }
    json.writeArrayFieldStart(field.name());
    for (Range place : places) {
      if (field.type() == Schema.Type.MESSAGE) {
        message(field.messageType(), List.of(place));
      } else {
        value(field, place);
      }
    }
    json.writeEndArray();
  }

  private static boolean isDefault(Schema.Field field, Range content) {
    return field.type() != Schema.Type.MESSAGE
        && content.start == content.end
        && content.number == 0;
  }

  private void value(Schema.Field field, Range content) throws IOException {
    long number = content.number;
    int start = content.start;
    int end = content.end;
    switch (field.type()) {
      case TEXT -> json.writeString(new String(bytes, start, end - start, StandardCharsets.UTF_8));
      case HEX -> json.writeString(HexFormat.of().formatHex(bytes, start, end));
      case BASE64 ->
          json.writeString(
              Base64.getEncoder().encodeToString(Arrays.copyOfRange(bytes, start, end)));
      case BOOL -> json.writeBoolean(number != 0);
      case INT32, ENUM -> json.writeNumber((int) number);
      case UINT32, FIXED32 -> json.writeNumber(number & 0xffff_ffffL);
      case INT64 -> json.writeString(Long.toString(number));
      case FIXED64 -> json.writeString(Long.toUnsignedString(number));
      case DOUBLE -> {
        double real = Double.longBitsToDouble(number);
        if (Double.isFinite(real)) {
          json.writeNumber(real);
        } else {
          json.writeString(Double.toString(real));
        }
      }
      case MESSAGE -> throw new IllegalArgumentException("field: " + field.name());
    }
  }
}
