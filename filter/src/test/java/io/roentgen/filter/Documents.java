// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.codec.xray.Decoded;
import io.roentgen.codec.xray.SegmentDecoder;
import io.roentgen.model.SpanBatch;
import io.roentgen.store.Trace;
import java.nio.charset.StandardCharsets;

/** Traces written down as X-Ray segment documents. */
final class Documents {
  private Documents() {}

  /**
   * Returns the trace of these documents; {@code '} stands for {@code "}, and the trace id is put
   * in.
   */
  static Trace trace(String... documents) {
    SegmentDecoder decoder = new SegmentDecoder(SegmentDecoder.DEFAULT_MAX_DOCUMENT_BYTES);
    SpanBatch.Builder batch = SpanBatch.builder();
    for (String document : documents) {
      byte[] bytes =
          document
              .replace('\'', '"')
              .replaceFirst("\\{", "{\"trace_id\":\"1-5f84c7a5-e7d1852db8c4fd35d88bf49a\",")
              .getBytes(StandardCharsets.UTF_8);
      if (decoder.decode(bytes, 0, bytes.length, batch) instanceof Decoded.Rejected rejected) {
        throw new AssertionError(rejected + " for " + document);
      }
    }
    return Trace.ofWritten(batch.build().toSpans());
  }
}
