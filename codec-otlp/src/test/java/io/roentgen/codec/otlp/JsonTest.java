// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.roentgen.model.Rejection;
import io.roentgen.model.Span;
import io.roentgen.model.Value;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  private static final String IDS =
      "\"traceId\":\"5b8efff798038103d269b633813fc60c\",\"spanId\":\"eee19b7ec3c1b174\"";

  private static DecodedRequest decode(String json) {
    return decode(json.getBytes(StandardCharsets.UTF_8));
  }

  private static DecodedRequest decode(byte[] bytes) {
    return OtlpDecoder.decodeJson(bytes, 0, bytes.length);
  }

  private static DecodedRequest decodeSpans(String spans) {
    return decode("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" + spans + "]}]}]}");
  }

  private static Map<String, Value> decodeAttribute(String value) {
    DecodedRequest decoded =
        decodeSpans("{" + IDS + ",\"attributes\":[{\"key\":\"a\",\"value\":" + value + "}]}");
    assertThat(decoded.errorMessage()).isEmpty();
    return decoded.batch().toSpans().getFirst().attributes();
  }

  private static byte[] golden(String name) throws IOException {
    try (InputStream in = JsonTest.class.getResourceAsStream("/golden/otlp-json/" + name)) {
      return Objects.requireNonNull(in).readAllBytes();
    }
  }

  @Test
  void encodeJson_ofEveryField_isTheGoldenFile() throws IOException {
    DecodedRequest decoded = decode(golden("every-field.in.json"));

    assertThat(decoded.errorMessage()).isEmpty();
    assertThat(OtlpEncoder.encodeJson(decoded.batch().toSpans()))
        .isEqualTo(new String(golden("every-field.out.json"), StandardCharsets.UTF_8).strip());
  }

  @Test
  void decodeJson_ofGoldenOutput_givesTheSameSpans() throws IOException {
    assertThat(decode(golden("every-field.out.json")).batch().toSpans())
        .isEqualTo(decode(golden("every-field.in.json")).batch().toSpans());
  }

  @Test
  void encodeJson_ofNoSpans_isAnEmptyObject() {
    assertThat(OtlpEncoder.encodeJson(List.of())).isEqualTo("{}");
    assertThat(decode("{}").batch().spanCount()).isZero();
  }

  @Test
  void decodeJson_oldMemberNames_areTaken() {
    DecodedRequest decoded =
        decode(
            "{\"resourceSpans\":[{\"instrumentationLibrarySpans\":[{\"instrumentationLibrary\":"
                + "{\"name\":\"lib\"},\"spans\":[{"
                + IDS
                + "}]}]}]}");

    Span span = decoded.batch().toSpans().getFirst();
    assertThat(span.resourceScope().scope().name()).isEqualTo("lib");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1.0 | 1",
        "\"12\" | 12",
        "\"-9223372036854775808\" | -9223372036854775808",
        "9223372036854775807 | 9223372036854775807",
        "1e18 | 1000000000000000000",
        "-0 | 0",
        "0e5 | 0",
        "\"0\" | 0",
      })
  void decodeJson_integerHoweverWritten_isRead(String written, long value) {
    assertThat(decodeAttribute("{\"intValue\":" + written + "}"))
        .containsExactly(entry("a", Value.of(value)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.5",
        "\"x\"",
        "\"\"",
        "true",
        "{}",
        "9223372036854775808",
        "-9223372036854775809",
        "1e19",
        "1e999999999",
        "1e-999999999",
        "\"1e2147483648\"",
      })
  void decodeJson_integerThatIsNone_failsWithPlace(String written) {
    assertThatThrownBy(() -> decodeAttribute("{\"intValue\":" + written + "}"))
        .isInstanceOf(OtlpException.class)
        .hasMessageStartingWith("OTLP/JSON at line 1, column ")
        .hasMessageContaining("intValue ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e400", "\"x\"", "true", "[]", "\"1e400\""})
  void decodeJson_doubleThatIsNone_failsWithPlace(String written) {
    assertThatThrownBy(() -> decodeAttribute("{\"doubleValue\":" + written + "}"))
        .isInstanceOf(OtlpException.class)
        .hasMessageContaining("doubleValue ");
  }

  @Test
  void decodeJson_base64InEitherAlphabet_isRead() {
    Value bytes = new Value.BytesValue(new byte[] {(byte) 0xfb, (byte) 0xff});
    for (String written : new String[] {"+/8=", "+/8", "-_8=", "-_8"}) {
      assertThat(decodeAttribute("{\"bytesValue\":\"" + written + "\"}"))
          .containsExactly(entry("a", bytes));
    }
  }

  @Test
  void decodeJson_idInBase64_rejectsSpanAndSaysWhere() {
    DecodedRequest decoded =
        decodeSpans(
            "{\"traceId\":\"W47/95gDgQPSabYzgT/GDA==\",\"spanId\":\"eee19b7ec3c1b174\"},{"
                + IDS
                + "}");

    assertThat(decoded.batch().spanCount()).isEqualTo(1);
    assertThat(decoded.rejections()).containsExactly(entry(Rejection.INVALID_TRACE_ID, 1));
    assertThat(decoded.errorMessage())
        .endsWith(
            "first id that is not hex: traceId 'W47/95gDgQPSabYzgT/GDA==' at line 1, column 55");
  }

  @Test
  void decodeJson_linkIdThatIsNotHex_rejectsSpan() {
    DecodedRequest decoded =
        decodeSpans("{" + IDS + ",\"links\":[{\"spanId\":\"xyz\"}]},{" + IDS + "}");

    assertThat(decoded.batch().spanCount()).isEqualTo(1);
    assertThat(decoded.rejections()).containsExactly(entry(Rejection.INVALID_ID, 1));
    assertThat(decoded.errorMessage()).contains("first id that is not hex: spanId 'xyz'");
  }

  @Test
  void decodeJson_loneSurrogate_rejectsSpan() {
    DecodedRequest decoded =
        decodeSpans("{" + IDS + ",\"name\":\"\\ud83d\"},{" + IDS + ",\"name\":\"x\\ude00\"}");

    assertThat(decoded.batch().spanCount()).isZero();
    assertThat(decoded.rejections()).containsExactly(entry(Rejection.INVALID_TEXT, 2));
  }

  @Test
  void decodeJson_valueNestedTooDeep_rejectsSpan() {
    for (int depth : new int[] {32, 33, 200}) {
      String value =
          "{\"arrayValue\":{\"values\":[".repeat(depth - 1)
              + "{\"intValue\":1}"
              + "]}}".repeat(depth - 1);
      DecodedRequest decoded =
          decodeSpans("{" + IDS + ",\"attributes\":[{\"key\":\"a\",\"value\":" + value + "}]}");

      assertThat(decoded.batch().spanCount()).isEqualTo(depth == 32 ? 1 : 0);
      assertThat(decoded.rejections().keySet())
          .isEqualTo(depth == 32 ? Set.of() : Set.of(Rejection.TOO_LARGE));
    }
  }

  @Test
  void decodeJson_nestedBeyondAnyUse_fails() {
    assertThatThrownBy(() -> decode("{\"x\":" + "[".repeat(100_000)))
        .isInstanceOfSatisfying(
            OtlpException.class, e -> assertThat(e.rejection()).isEqualTo(Rejection.TOO_LARGE))
        .hasMessageStartingWith("OTLP/JSON at line 1, column ");
  }

  @Test
  void decodeJson_notUtf8_failsWithPlace() {
    byte[] bytes = "{\n \"x\": \"a?\"}".getBytes(StandardCharsets.UTF_8);
    bytes[10] = (byte) 0xff;

    assertThatThrownBy(() -> decode(bytes))
        .isInstanceOf(OtlpException.class)
        .hasMessage("OTLP/JSON at line 2, column 9: not UTF-8 (byte 10)");
  }

  @Test
  void decodeJson_inUtf16_fails() {
    assertThatThrownBy(() -> decode("{}".getBytes(StandardCharsets.UTF_16BE)))
        .isInstanceOf(OtlpException.class)
        .hasMessage("OTLP/JSON at line 1, column 1: a zero byte (expected: JSON in UTF-8)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | empty (expected: an object)",
        "[] | ExportTraceServiceRequest that is not an object",
        "null | ExportTraceServiceRequest that is not an object",
        "{\"resourceSpans\":{}} | resourceSpans that is not an array",
        "{\"resourceSpans\":[1]} | ResourceSpans that is not an object",
        "{\"resourceSpans\":[{\"schemaUrl\":1}]} | schemaUrl that is not a string",
        "{} {} | more text behind the request",
        "{\"a\":1,\"a\":2} | Duplicate field 'a'",
        "{\"resourceSpans\":[],\"resourceSpans\":[]} | Duplicate field 'resourceSpans'",
        "{\"a\":{\"b\":1,\"b\":2}} | Duplicate field 'b'",
        "{\"a\": | Unexpected end",
        "{'a':1} | Unexpected character",
        "{\"a\":NaN} | NaN",
        "{\"a\":01} | Leading zeroes not allowed",
      })
  void decodeJson_malformed_failsWithReason(String json, String message) {
    assertThatThrownBy(() -> decode(json))
        .isInstanceOfSatisfying(
            OtlpException.class, e -> assertThat(e.rejection()).isEqualTo(Rejection.PARSE_ERROR))
        .hasMessageStartingWith("OTLP/JSON")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"kind\":\"SERVER\" | kind that is not a whole number",
        "\"kind\":1.5 | kind that is not a whole number",
        "\"flags\":-1 | flags out of range (expected: 0 to 4294967295)",
        "\"startTimeUnixNano\":-1 | startTimeUnixNano out of range (expected: 0 to 2^64 - 1)",
        "\"endTimeUnixNano\":\"18446744073709551616\" | endTimeUnixNano out of range",
        "\"attributes\":[{\"value\":{\"boolValue\":\"true\"}}] | boolValue that is not true or false",
        "\"attributes\":[{\"value\":{\"bytesValue\":\"*\"}}] | bytesValue that is not base64",
        "\"traceState\":{} | traceState that is not a string",
        "\"parentSpanId\":7 | parentSpanId that is not a string",
      })
  void decodeJson_memberOfWrongType_failsWithReason(String member, String message) {
    assertThatThrownBy(() -> decodeSpans("{" + IDS + "," + member + "}"))
        .isInstanceOf(OtlpException.class)
        .hasMessageStartingWith("OTLP/JSON at line 1, column ")
        .hasMessageContaining(message);
  }

  @Test
  void decodeJson_timeBeyondLong_rejectsSpan() {
    DecodedRequest decoded =
        decodeSpans("{" + IDS + ",\"startTimeUnixNano\":\"18446744073709551615\"}");

    assertThat(decoded.rejections()).containsExactly(entry(Rejection.INVALID_START_TIME, 1));
  }
}
