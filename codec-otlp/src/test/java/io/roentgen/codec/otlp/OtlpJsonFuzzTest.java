// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.roentgen.model.Span;
import java.util.HashSet;
import java.util.List;

/**
 * Any bytes give spans or an {@link OtlpException}, in bounded memory; and spans are kept by the
 * protobuf encoding. Inputs found are in the resources, next to this class by name, and run with
 * the other tests.
 */
class OtlpJsonFuzzTest {
  @FuzzTest(maxDuration = "1m")
  void decode_anyBytes_givesSpansThatProtobufKeeps(byte[] bytes) {
    DecodedRequest decoded;
    try {
      decoded = OtlpDecoder.decodeJson(bytes, 0, bytes.length);
    } catch (OtlpException e) {
      assertThat(e.getMessage()).startsWith("OTLP/JSON").hasSizeLessThan(1000);
      return;
    }
    OtlpProtobufFuzzTest.check(decoded, bytes.length);
    List<Span> spans = decoded.batch().toSpans();
    byte[] encoded = OtlpEncoder.encodeProtobuf(spans);
    assertThat(
            new HashSet<>(OtlpDecoder.decodeProtobuf(encoded, 0, encoded.length).batch().toSpans()))
        .isEqualTo(new HashSet<>(spans));
    assertThat(OtlpEncoder.encodeJson(spans)).startsWith("{");
  }
}
