// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.codec.xray.Decoded;
import io.roentgen.codec.xray.SegmentDecoder;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import org.junit.jupiter.api.Test;

class XRayDocumentsTest {
  @Test
  void next_decoded_isATraceOfItsOwn() {
    XRayDocuments documents = new XRayDocuments();
    SegmentDecoder decoder = new SegmentDecoder(SegmentDecoder.DEFAULT_MAX_DOCUMENT_BYTES);
    SpanBatch.Builder builder = SpanBatch.builder();
    for (int i = 0; i < 100; i++) {
      byte[] datagram = documents.next();
      int header = documents.headerBytes();
      assertThat(decoder.decode(datagram, header, datagram.length - header, builder))
          .isEqualTo(new Decoded.Accepted(3));
    }
    SpanBatch batch = builder.build();

    assertThat(documents.documentBytes()).isBetween(1_400, 1_600);
    assertThat(batch.toSpans().stream().map(Span::traceId).distinct()).hasSize(100);
    assertThat(batch.toSpans().stream().map(Span::spanId).distinct()).hasSize(300);
  }
}
