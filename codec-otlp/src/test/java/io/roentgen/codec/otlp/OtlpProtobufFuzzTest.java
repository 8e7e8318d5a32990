// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import java.io.IOException;
import java.util.List;

/**
 * Any bytes give spans or an {@link OtlpException}, in bounded memory; and spans are what the
 * generated parser sees. Inputs found are in the resources, next to this class by name, and run
 * with the other tests.
 */
class OtlpProtobufFuzzTest {
  private static final int LIBRARY_SPANS = 1000;

  @FuzzTest(maxDuration = "1m")
  void decode_anyBytes_agreesWithGeneratedParser(byte[] bytes) throws IOException {
    DecodedRequest decoded;
    try {
      decoded = OtlpDecoder.decodeProtobuf(bytes, 0, bytes.length);
    } catch (OtlpException e) {
      return;
    }
    check(decoded, bytes.length);
    byte[] encoded = OtlpEncoder.encodeProtobuf(decoded.batch().toSpans());
    ExportTraceServiceRequest written = parse(encoded);
    ExportTraceServiceRequest sent;
    try {
      sent = parse(bytes);
    } catch (InvalidProtocolBufferException e) {
      // Text that is not UTF-8 in a field that came again, or in a span that we left out.
      return;
    }
    boolean old =
        sent.getResourceSpansList().stream()
            .anyMatch(spans -> spans.getUnknownFields().hasField(LIBRARY_SPANS));
    if (decoded.rejectedSpans() == 0 && !old) {
      assertThat(Requests.normal(written)).isEqualTo(Requests.normal(sent));
    }
  }

  private static ExportTraceServiceRequest parse(byte[] bytes) throws IOException {
    CodedInputStream input = CodedInputStream.newInstance(bytes);
    input.setRecursionLimit(1000);
    return ExportTraceServiceRequest.parseFrom(input);
  }

  /** Checks what holds for a request in any encoding. */
  static void check(DecodedRequest decoded, int length) {
    SpanBatch batch = decoded.batch();
    // A span takes at least 30 bytes of input and the batch a row of 64; nothing grows more than
    // that.
    assertThat(batch.length()).isLessThanOrEqualTo(1024 + 16 * length);
    assertThat(decoded.errorMessage()).hasSizeLessThan(1000);
    assertThat(decoded.rejections().values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(decoded.rejectedSpans());
    List<Span> spans = batch.toSpans();
    assertThat(SpanBatch.of(spans).toSpans()).isEqualTo(spans);
  }
}
