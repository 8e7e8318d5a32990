// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What comes in by OTLP goes out again the same. */
class RoundTripPropertyTest {
  private static DecodedRequest decode(byte[] bytes) {
    return OtlpDecoder.decodeProtobuf(bytes, 0, bytes.length);
  }

  private static DecodedRequest decodeJson(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return OtlpDecoder.decodeJson(bytes, 0, bytes.length);
  }

  @Property(tries = 1000)
  void protobuf_anyFields_comesBackTheSame(@ForAll long seed)
      throws InvalidProtocolBufferException {
    ExportTraceServiceRequest request = new Requests(seed, true).request();

    DecodedRequest decoded = decode(request.toByteArray());
    List<Span> spans = decoded.batch().toSpans();

    assertThat(decoded.rejectedSpans()).isZero();
    assertThat(decoded.errorMessage()).isEmpty();
    assertThat(SpanBatch.of(spans).toSpans()).isEqualTo(spans);
    byte[] encoded = OtlpEncoder.encodeProtobuf(spans);
    assertThat(Requests.normal(ExportTraceServiceRequest.parseFrom(encoded)))
        .isEqualTo(Requests.normal(request));
    assertThat(decode(encoded).batch().toSpans()).containsExactlyInAnyOrderElementsOf(spans);
  }

  @Property(tries = 300)
  void protobuf_fieldsInAnyOrder_givesTheSameSpans(@ForAll long seed)
      throws InvalidProtocolBufferException {
    ExportTraceServiceRequest request = new Requests(seed, true).request();
    byte[] bytes = request.toByteArray();
    byte[] shuffled = shuffle(bytes, 0, bytes.length, 0, new Random(seed));

    byte[] encoded = OtlpEncoder.encodeProtobuf(decode(shuffled).batch().toSpans());

    assertThat(Requests.normal(ExportTraceServiceRequest.parseFrom(encoded)))
        .isEqualTo(Requests.normal(request));
  }

  /** Puts the fields of request, ResourceSpans, ScopeSpans and Span into another order. */
  private static byte[] shuffle(byte[] bytes, int start, int end, int level, Random random) {
    WireReader in = new WireReader(bytes, start);
    Map<Integer, ByteArrayOutputStream> byField = new TreeMap<>();
    while (in.at < end) {
      int fieldAt = in.at;
      int tag = in.tag(end);
      int contentAt = in.at;
      in.skip(tag, end);
      ByteArrayOutputStream field =
          byField.computeIfAbsent(tag >>> 3, _ -> new ByteArrayOutputStream());
      boolean nested = level < 3 && tag == WireReader.tagOf(level == 0 ? 1 : 2, WireReader.LEN);
      if (nested) {
        WireReader content = new WireReader(bytes, contentAt);
        int length = content.length(end);
        byte[] inner = shuffle(bytes, content.at, content.at + length, level + 1, random);
        WireSink sink = new WireSink(16);
        sink.putBytesField(tag >>> 3, inner, 0, inner.length);
        field.write(sink.bytes, 0, sink.size);
      } else {
        field.write(bytes, fieldAt, in.at - fieldAt);
      }
    }
    // One field's occurrences stay in their order; whole fields move.
    List<ByteArrayOutputStream> fields = new ArrayList<>(byField.values());
    Collections.shuffle(fields, random);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    fields.forEach(field -> all.writeBytes(field.toByteArray()));
    return all.toByteArray();
  }

  @Property(tries = 500)
  void json_anyKnownFields_givesTheSameSpansAsProtobuf(@ForAll long seed) {
    byte[] request = new Requests(seed, false).request().toByteArray();
    List<Span> spans = decode(request).batch().toSpans();

    String json = JsonEncoder.encode(request, Schema.REQUEST);

    assertThat(decodeJson(json).batch().toSpans()).isEqualTo(spans);
    assertThat(decodeJson(OtlpEncoder.encodeJson(spans)).batch().toSpans())
        .containsExactlyInAnyOrderElementsOf(spans);
  }

  @Property(tries = 300)
  void protobuf_cutAnywhere_failsOrGivesSpans(@ForAll long seed) {
    byte[] request = new Requests(seed, true).request().toByteArray();
    int length = new Random(seed).nextInt(request.length + 1);
    try {
      assertThat(OtlpDecoder.decodeProtobuf(request, 0, length).rejectedSpans()).isNotNegative();
    } catch (OtlpException e) {
      assertThat(e).hasMessageStartingWith("OTLP request at byte ");
    }
  }

  @Property(tries = 200)
  void protobuf_atAnOffset_isReadFromThere(@ForAll long seed) {
    ByteString request = new Requests(seed, true).request().toByteString();
    byte[] padded =
        ByteString.copyFromUtf8("xyz")
            .concat(request)
            .concat(ByteString.copyFromUtf8("zz"))
            .toByteArray();

    assertThat(OtlpDecoder.decodeProtobuf(padded, 3, request.size()).batch().toSpans())
        .isEqualTo(decode(request.toByteArray()).batch().toSpans());
  }
}
