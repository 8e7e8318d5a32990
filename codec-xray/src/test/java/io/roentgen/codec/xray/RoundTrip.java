// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Decodes a document and writes it again. */
final class RoundTrip {
  private RoundTrip() {}

  static Decoded decode(String document, SpanBatch.Builder batch) {
    byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
    return new SegmentDecoder(SegmentDecoder.DEFAULT_MAX_DOCUMENT_BYTES)
        .decode(bytes, 0, bytes.length, batch);
  }

  /** Returns the spans of documents that must be accepted, as a store would give them back. */
  static List<Span> spans(String... documents) {
    SpanBatch.Builder batch = SpanBatch.builder();
    for (String document : documents) {
      if (decode(document, batch) instanceof Decoded.Rejected rejected) {
        throw new AssertionError(rejected + " for " + document);
      }
    }
    SpanBatch built = batch.build();
    return SpanBatch.ofBytes(built.bytes(), built.offset(), built.length()).toSpans();
  }

  static Decoded.Rejected rejected(String document) {
    SpanBatch.Builder batch = SpanBatch.builder();
    SpanBatch.Mark before = batch.mark();
    Decoded decoded = decode(document, batch);
    if (!before.equals(batch.mark())) {
      throw new AssertionError("spans left behind by " + document);
    }
    if (decoded instanceof Decoded.Rejected rejected) {
      return rejected;
    }
    throw new AssertionError(decoded + " for " + document);
  }
}
