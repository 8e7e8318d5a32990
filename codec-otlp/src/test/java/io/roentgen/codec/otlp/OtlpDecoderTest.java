// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.roentgen.model.Rejection;
import io.roentgen.model.SpanKind;
import io.roentgen.model.StatusCode;
import io.roentgen.model.Value;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OtlpDecoderTest {
  private static final UnknownFieldSet UNKNOWN =
      UnknownFieldSet.newBuilder()
          .addField(200, UnknownFieldSet.Field.newBuilder().addVarint(5).build())
          .build();

  private static DecodedRequest decode(ExportTraceServiceRequest request) {
    return decode(request.toByteArray());
  }

  private static DecodedRequest decode(byte[] bytes) {
    return OtlpDecoder.decodeProtobuf(bytes, 0, bytes.length);
  }

  private static io.roentgen.model.Span decodeOne(Span.Builder span) {
    DecodedRequest decoded = decode(Requests.of(span.build()));
    assertThat(decoded.errorMessage()).isEmpty();
    assertThat(decoded.batch().spanCount()).isEqualTo(1);
    return decoded.batch().toSpans().getFirst();
  }

  /** Sends the span between two good ones, which must be taken. */
  private static DecodedRequest decodeAmongGood(Span.Builder bad) {
    DecodedRequest decoded =
        decode(Requests.of(Requests.span(1).build(), bad.build(), Requests.span(2).build()));
    assertThat(decoded.batch().toSpans())
        .extracting(io.roentgen.model.Span::name)
        .containsExactly("span 1", "span 2");
    assertThat(decoded.rejectedSpans()).isEqualTo(1);
    assertThat(decoded.errorMessage()).hasSizeLessThan(1000);
    return decoded;
  }

  private static void assertRejected(Span.Builder bad, Rejection rejection, String message) {
    DecodedRequest decoded = decodeAmongGood(bad);
    assertThat(decoded.rejections()).containsExactly(entry(rejection, 1));
    assertThat(decoded.errorMessage())
        .startsWith("rejected 1 of 3 spans (" + rejection.label() + " 1); first: span '")
        .endsWith(message);
  }

  private static ByteString bytes(int... bytes) {
    byte[] array = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      array[i] = (byte) bytes[i];
    }
    return ByteString.copyFrom(array);
  }

  /** A field whose text cannot be set through the generated classes, as they check it. */
  private static Span.Builder withRawField(int field, ByteString content) {
    return Requests.span(9)
        .setUnknownFields(
            UnknownFieldSet.newBuilder()
                .addField(
                    field, UnknownFieldSet.Field.newBuilder().addLengthDelimited(content).build())
                .build());
  }

  private static KeyValue nested(int depth, boolean map) {
    AnyValue value = AnyValue.newBuilder().setIntValue(1).build();
    for (int i = 1; i < depth; i++) {
      value =
          map
              ? AnyValue.newBuilder()
                  .setKvlistValue(
                      KeyValueList.newBuilder()
                          .addValues(KeyValue.newBuilder().setKey("k").setValue(value)))
                  .build()
              : AnyValue.newBuilder()
                  .setArrayValue(ArrayValue.newBuilder().addValues(value))
                  .build();
    }
    return KeyValue.newBuilder().setKey("deep").setValue(value).build();
  }

  @Test
  void decode_nothing_givesEmptyBatch() {
    DecodedRequest decoded = decode(new byte[0]);

    assertThat(decoded.batch().spanCount()).isZero();
    assertThat(decoded.rejectedSpans()).isZero();
    assertThat(decoded.rejections()).isEmpty();
    assertThat(decoded.errorMessage()).isEmpty();
  }

  @Test
  void decode_plainSpan_hasItsFields() {
    io.roentgen.model.Span span =
        decodeOne(
            Requests.span(1)
                .setKind(Span.SpanKind.SPAN_KIND_SERVER)
                .setTraceState("a=b")
                .setFlags(0x101)
                .addAttributes(Requests.text("text", "x"))
                .addAttributes(Requests.number("long", -7))
                .setStatus(
                    Status.newBuilder()
                        .setCode(Status.StatusCode.STATUS_CODE_ERROR)
                        .setMessage("broken")));

    assertThat(span.traceId().toHex()).isEqualTo(HexFormat.of().formatHex(Requests.id(16, 1)));
    assertThat(span.spanId().toHex()).isEqualTo(HexFormat.of().formatHex(Requests.id(8, 2)));
    assertThat(span.parentSpanId()).isNull();
    assertThat(span.name()).isEqualTo("span 1");
    assertThat(span.service()).isEqualTo("checkout");
    assertThat(span.kind()).isEqualTo(SpanKind.SERVER);
    assertThat(span.startEpochNanos()).isEqualTo(1_700_000_000_000_000_000L);
    assertThat(span.endEpochNanos()).isEqualTo(1_700_000_000_001_000_000L);
    assertThat(span.statusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(span.statusMessage()).isEqualTo("broken");
    assertThat(span.traceState()).isEqualTo("a=b");
    assertThat(span.flags()).isEqualTo(0x101);
    assertThat(span.attributes())
        .containsExactly(entry("text", Value.of("x")), entry("long", Value.of(-7L)));
    assertThat(span.raw().isEmpty()).isTrue();
  }

  @Test
  void decode_endBeforeStart_isKept() {
    io.roentgen.model.Span span =
        decodeOne(Requests.span(1).setStartTimeUnixNano(9).setEndTimeUnixNano(4));

    assertThat(span.startEpochNanos()).isEqualTo(9);
    assertThat(span.endEpochNanos()).isEqualTo(4);
    assertThat(span.durationNanos()).isZero();
  }

  @Test
  void decode_zeroParent_isRoot() {
    io.roentgen.model.Span span =
        decodeOne(Requests.span(1).setParentSpanId(ByteString.copyFrom(new byte[8])));

    assertThat(span.parentSpanId()).isNull();
    assertThat(span.segment()).isTrue();
  }

  @Test
  void decode_traceIdOfWrongLength_rejectsSpan() {
    assertRejected(
        Requests.span(9).setTraceId(bytes(1, 2, 3)),
        Rejection.INVALID_TRACE_ID,
        "(trace id 010203, span id "
            + HexFormat.of().formatHex(Requests.id(8, 10))
            + "): trace id of 3 bytes (expected: 16 bytes, not all zero)");
  }

  @Test
  void decode_traceIdOfZeros_rejectsSpan() {
    assertRejected(
        Requests.span(9).setTraceId(ByteString.copyFrom(new byte[16])),
        Rejection.INVALID_TRACE_ID,
        "trace id all zero (expected: at least one bit set)");
  }

  @Test
  void decode_noSpanId_rejectsSpan() {
    assertRejected(
        Requests.span(9).clearSpanId(),
        Rejection.INVALID_ID,
        "span id absent): span id of 0 bytes (expected: 8 bytes, not all zero)");
  }

  @Test
  void decode_spanIdOfZeros_rejectsSpan() {
    assertRejected(
        Requests.span(9).setSpanId(ByteString.copyFrom(new byte[8])),
        Rejection.INVALID_ID,
        "span id all zero (expected: at least one bit set)");
  }

  @Test
  void decode_parentOfWrongLength_rejectsSpan() {
    assertRejected(
        Requests.span(9).setParentSpanId(bytes(0, 0)),
        Rejection.INVALID_ID,
        "parent span id of 2 bytes (expected: 8 bytes, or none)");
  }

  @Test
  void decode_startBeyondLong_rejectsSpan() {
    assertRejected(
        Requests.span(9).setStartTimeUnixNano(-1),
        Rejection.INVALID_START_TIME,
        "start 18446744073709551615 ns (expected: below 2^63)");
  }

  @Test
  void decode_endBeyondLong_rejectsSpan() {
    assertRejected(
        Requests.span(9).setEndTimeUnixNano(Long.MIN_VALUE),
        Rejection.INVALID_END_TIME,
        "end 9223372036854775808 ns (expected: below 2^63)");
  }

  @Test
  void decode_nameNotUtf8_rejectsSpan() {
    assertRejected(
        withRawField(5, bytes('a', 0xff)), Rejection.INVALID_TEXT, "text that is not UTF-8");
  }

  @Test
  void decode_traceStateNotUtf8_rejectsSpan() {
    assertRejected(
        withRawField(3, bytes(0xc0, 0x80)), Rejection.INVALID_TEXT, "text that is not UTF-8");
  }

  @Test
  void decode_attributeKeyNotUtf8_rejectsSpan() {
    assertRejected(
        withRawField(9, bytes(0x0a, 1, 0xff, 0x12, 2, 0x18, 1)),
        Rejection.INVALID_TEXT,
        "text that is not UTF-8");
  }

  @Test
  void decode_attributeTextNotUtf8_rejectsSpan() {
    assertRejected(
        withRawField(9, bytes(0x0a, 1, 'a', 0x12, 3, 0x0a, 1, 0xff)),
        Rejection.INVALID_TEXT,
        "text that is not UTF-8");
  }

  @Test
  void decode_textNotUtf8InEventWithUnknownField_rejectsSpan() {
    assertRejected(
        withRawField(11, bytes(0x40, 1, 0x12, 1, 0xff)),
        Rejection.INVALID_TEXT,
        "text that is not UTF-8");
  }

  @Test
  void decode_statusMessageNotUtf8_rejectsSpan() {
    assertRejected(
        withRawField(15, bytes(0x12, 1, 0x80)), Rejection.INVALID_TEXT, "text that is not UTF-8");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void decode_valueDeeperThanLimit_rejectsSpan(boolean map) {
    assertRejected(
        Requests.span(9).addAttributes(nested(33, map)),
        Rejection.TOO_LARGE,
        "attribute value nested over 32 deep");
    assertRejected(
        Requests.span(9).addEvents(Span.Event.newBuilder().addAttributes(nested(33, map))),
        Rejection.TOO_LARGE,
        "attribute value nested over 32 deep");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void decode_valueAtDepthLimit_isTaken(boolean map) {
    assertThat(decodeOne(Requests.span(1).addAttributes(nested(32, map))).attributes())
        .containsKey("deep");
  }

  @Test
  void decode_resourceThatIsInvalid_rejectsItsSpansOnly() {
    ExportTraceServiceRequest request =
        Requests.of(Requests.span(1).build()).toBuilder()
            .addResourceSpans(
                ResourceSpans.newBuilder()
                    .setResource(Resource.newBuilder().addAttributes(nested(33, true)))
                    .addScopeSpans(
                        ScopeSpans.newBuilder()
                            .addSpans(Requests.span(2))
                            .addSpans(Requests.span(3))))
            .build();

    DecodedRequest decoded = decode(request);

    assertThat(decoded.batch().spanCount()).isEqualTo(1);
    assertThat(decoded.rejections()).containsExactly(entry(Rejection.TOO_LARGE, 2));
    assertThat(decoded.errorMessage())
        .contains("span 'span 2'")
        .endsWith("its resource or scope has attribute value nested over 32 deep");
  }

  @Test
  void decode_scopeThatIsInvalid_rejectsItsSpansOnly() {
    ScopeSpans bad =
        ScopeSpans.newBuilder()
            .addSpans(Requests.span(2))
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        3,
                        UnknownFieldSet.Field.newBuilder().addLengthDelimited(bytes(0xff)).build())
                    .build())
            .build();
    ExportTraceServiceRequest request =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(
                ResourceSpans.newBuilder()
                    .addScopeSpans(bad)
                    .addScopeSpans(ScopeSpans.newBuilder().addSpans(Requests.span(1))))
            .build();

    DecodedRequest decoded = decode(request);

    assertThat(decoded.batch().toSpans()).singleElement().matches(s -> s.name().equals("span 1"));
    assertThat(decoded.rejections()).containsExactly(entry(Rejection.INVALID_TEXT, 1));
  }

  @Test
  void decode_severalReasons_areCountedAndKeptShort() {
    String longName = "n\u0007" + "x".repeat(5000);
    DecodedRequest decoded =
        decode(
            Requests.of(
                Requests.span(9).setName(longName).setTraceId(bytes(new int[300])).build(),
                Requests.span(9).clearTraceId().build(),
                Requests.span(9).setStartTimeUnixNano(-1).build(),
                Requests.span(9).addAttributes(nested(40, true)).build(),
                Requests.span(1).build()));

    assertThat(decoded.rejectedSpans()).isEqualTo(4);
    assertThat(decoded.rejections())
        .containsExactly(
            entry(Rejection.INVALID_TRACE_ID, 2),
            entry(Rejection.INVALID_START_TIME, 1),
            entry(Rejection.TOO_LARGE, 1));
    assertThat(decoded.errorMessage())
        .hasSizeLessThan(1000)
        .startsWith(
            "rejected 4 of 5 spans (invalid_trace_id 2, invalid_start_time 1, too_large 1);"
                + " first: span 'n\uFFFDxxx")
        .contains("trace id 00000000000000000000000000000000...,");
  }

  @Test
  void decode_unknownFieldsAnywhere_areKeptAside() {
    io.roentgen.model.Span span =
        decodeOne(
            Requests.span(1)
                .setKindValue(77)
                .setUnknownFields(UNKNOWN)
                .addAttributes(Requests.text("a", "1"))
                .addAttributes(Requests.text("a", "2"))
                .addEvents(Span.Event.newBuilder().setName("known"))
                .addEvents(Span.Event.newBuilder().setName("odd").setUnknownFields(UNKNOWN))
                .addLinks(Span.Link.newBuilder().setTraceId(bytes(1)))
                .setStatus(
                    Status.newBuilder()
                        .setMessage("m")
                        .setCode(Status.StatusCode.STATUS_CODE_ERROR)
                        .setUnknownFields(UNKNOWN)));

    assertThat(span.kind()).isEqualTo(SpanKind.UNSPECIFIED);
    assertThat(span.attributes()).containsExactly(entry("a", Value.of("1")));
    assertThat(span.events()).singleElement().matches(event -> event.name().equals("known"));
    assertThat(span.links()).isEmpty();
    assertThat(span.statusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(span.statusMessage()).isEqualTo("m");
    assertThat(span.raw().isEmpty()).isFalse();
  }

  @Test
  void decode_unknownFieldsOfResource_standInItsRawFragment() throws Exception {
    ResourceSpans sent =
        ResourceSpans.newBuilder()
            .setResource(
                Resource.newBuilder()
                    .addAttributes(Requests.text("a", "1"))
                    .setUnknownFields(UNKNOWN))
            .setUnknownFields(UNKNOWN)
            .addScopeSpans(ScopeSpans.newBuilder().addSpans(Requests.span(1)))
            .build();

    io.roentgen.model.Resource resource =
        decode(ExportTraceServiceRequest.newBuilder().addResourceSpans(sent).build())
            .batch()
            .toSpans()
            .getFirst()
            .resourceScope()
            .resource();

    assertThat(ResourceSpans.parseFrom(resource.raw().bytes()))
        .isEqualTo(
            ResourceSpans.newBuilder()
                .setResource(Resource.newBuilder().setUnknownFields(UNKNOWN))
                .setUnknownFields(UNKNOWN)
                .build());
  }

  @Test
  void decode_emptyStatus_takesNoRoom() {
    assertThat(decodeOne(Requests.span(1).setStatus(Status.getDefaultInstance())).raw().isEmpty())
        .isTrue();
  }

  @Test
  void decode_singularFieldsTwice_takesTheLast() {
    Span one = Requests.span(1).setKindValue(99).setParentSpanId(bytes(1, 2)).build();
    Span two =
        Requests.span(2)
            .setKind(Span.SpanKind.SPAN_KIND_CLIENT)
            .setParentSpanId(bytes(1, 2, 3, 4, 5, 6, 7, 8))
            .setStatus(Status.newBuilder().setMessage("late"))
            .build();
    ByteString both =
        one.toBuilder()
            .setStatus(Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR))
            .build()
            .toByteString()
            .concat(two.toByteString());
    UnknownFieldSet scopeSpans =
        UnknownFieldSet.newBuilder()
            .addField(2, UnknownFieldSet.Field.newBuilder().addLengthDelimited(both).build())
            .build();

    List<io.roentgen.model.Span> spans =
        decode(
                ExportTraceServiceRequest.newBuilder()
                    .addResourceSpans(
                        ResourceSpans.newBuilder()
                            .addScopeSpans(ScopeSpans.newBuilder().setUnknownFields(scopeSpans)))
                    .build())
            .batch()
            .toSpans();

    io.roentgen.model.Span span = spans.getFirst();
    assertThat(span.name()).isEqualTo("span 2");
    assertThat(span.kind()).isEqualTo(SpanKind.CLIENT);
    assertThat(span.parentSpanId()).isNotNull();
    assertThat(span.statusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(span.statusMessage()).isEqualTo("late");
    assertThat(span.raw().isEmpty()).isTrue();
  }

  @Test
  void decode_spansWhereOldSendersPutThem_areTaken() {
    ScopeSpans old = ScopeSpans.newBuilder().addSpans(Requests.span(1)).build();
    ResourceSpans resourceSpans =
        ResourceSpans.newBuilder()
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        1000,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(old.toByteString())
                            .build())
                    .build())
            .build();

    DecodedRequest decoded =
        decode(ExportTraceServiceRequest.newBuilder().addResourceSpans(resourceSpans).build());

    assertThat(decoded.batch().toSpans()).singleElement().matches(s -> s.name().equals("span 1"));
  }

  @Test
  void decode_manySpans_growsTheBatch() {
    Span[] spans = new Span[500];
    for (int i = 0; i < spans.length; i++) {
      Span.Builder span = Requests.span(i + 1);
      for (int j = 0; j < 11; j++) {
        span.addAttributes(Requests.text("key." + (i + j) % 97, "value " + j));
      }
      spans[i] = span.build();
    }

    assertThat(decode(Requests.of(spans)).batch().spanCount()).isEqualTo(500);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0a", // A length that is missing.
        "0a05", // A length beyond the end.
        "0affffffffffffffffff01", // A length of more than 63 bits.
        "08ffffffffffffffffffff01", // A varint of 11 bytes.
        "08ff", // A varint cut short.
        "00", // Field number 0.
        "0f", // Wire type 7.
        "0c", // The end of a group without its start.
        "0b", // A group without its end.
        "0b14", // A group that ends as another.
        "0901", // Eight bytes cut short.
        "0d01", // Four bytes cut short.
        "80808080808001", // A tag of more than 32 bits.
        "0a051203120108", // In a ResourceSpans: spans cut short.
      })
  void decode_malformed_failsWithPosition(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);

    assertThatThrownBy(() -> decode(bytes))
        .isInstanceOfSatisfying(
            OtlpException.class, e -> assertThat(e.rejection()).isEqualTo(Rejection.PARSE_ERROR))
        .hasMessageMatching("OTLP request at byte \\d+: malformed protobuf, .+");
  }

  @Test
  void decode_groupsNestedDeep_areRefused() {
    byte[] bytes = new byte[2000];
    for (int i = 0; i < 1000; i++) {
      bytes[i] = 0x0b;
      bytes[1999 - i] = 0x0c;
    }

    assertThatThrownBy(() -> decode(bytes))
        .isInstanceOfSatisfying(
            OtlpException.class, e -> assertThat(e.rejection()).isEqualTo(Rejection.TOO_LARGE));
  }

  @Test
  void decode_rangeOutsideArray_isRefused() {
    assertThatThrownBy(() -> OtlpDecoder.decodeProtobuf(new byte[3], 2, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
