// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** Runs over its saved inputs as a test; {@code JAZZER_FUZZ=1} lets it look for more. */
class SegmentDecoderFuzzTest {
  private static final int LIMIT = 64 * 1024;

  @FuzzTest(maxDuration = "1m")
  void decode(byte[] bytes) {
    SpanBatch.Builder batch = SpanBatch.builder();
    SpanBatch.Mark before = batch.mark();
    Decoded decoded = new SegmentDecoder(LIMIT).decode(bytes, 0, bytes.length, batch);
    if (decoded instanceof Decoded.Rejected rejected) {
      assertThat(batch.mark()).isEqualTo(before);
      assertThat(rejected.message())
          .startsWith("Invalid ")
          .contains("ErrorCode: " + rejected.reason().xrayCode() + ", Cause: ");
      return;
    }
    List<Span> spans = batch.build().toSpans();
    assertThat(decoded).isEqualTo(new Decoded.Accepted(spans.size()));

    List<SegmentDocument> written = SegmentWriter.documents(spans);
    assertThat(written).hasSize(1);
    Object json = TestJson.parse(written.get(0).document());
    // Ids alone may have been written otherwise.
    String lowerCase = new String(bytes, StandardCharsets.UTF_8);
    if (lowerCase.equals(lowerCase.toLowerCase(Locale.ROOT))
        && lowerCase.contains("\"trace_id\":\"1-")) {
      assertThat(json).isEqualTo(TestJson.parse(lowerCase));
    }
    List<SegmentDocument> again =
        SegmentWriter.documents(RoundTrip.spans(written.get(0).document()));
    assertThat(again).hasSize(1);
    assertThat(TestJson.parse(again.get(0).document())).isEqualTo(json);
    SegmentWriter.inferredDocuments(spans)
        .forEach(inferred -> assertThat(RoundTrip.spans(inferred.document())).hasSize(1));
  }
}
