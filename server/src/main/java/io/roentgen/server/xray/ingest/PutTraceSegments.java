// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.ingest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.roentgen.codec.xray.Decoded;
import io.roentgen.codec.xray.SegmentDecoder;
import io.roentgen.ingest.Ingest;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.ingest.RequestResult;
import io.roentgen.ingest.Transport;
import io.roentgen.ingest.WriteResult;
import io.roentgen.model.Rejection;
import io.roentgen.model.SpanBatch;
import io.roentgen.server.intake.Refusal;
import io.roentgen.server.intake.RefusedException;
import io.roentgen.server.xray.protocol.RequestReader;
import io.roentgen.server.xray.protocol.XRayOperation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Takes segment documents, each for itself: those that are not taken are listed in the answer. */
final class PutTraceSegments implements XRayOperation<PutTraceSegments.Documents> {
  private static final String DOCUMENTS = "TraceSegmentDocuments";

  private final Ingest ingest;
  private final IngestMetrics metrics;
  private final int maxRequestBytes;
  private final int maxDocuments;

  PutTraceSegments(Ingest ingest, IngestMetrics metrics, int maxRequestBytes, int maxDocuments) {
    this.ingest = ingest;
    this.metrics = metrics;
    this.maxRequestBytes = maxRequestBytes;
    this.maxDocuments = maxDocuments;
  }

  /** What a request brought. */
  record Documents(SpanBatch batch, List<Decoded.Rejected> rejected) {}

  @Override
  public Transport transport() {
    return Transport.XRAY_HTTP;
  }

  @Override
  public int maxRequestBytes() {
    return maxRequestBytes;
  }

  @Override
  public Documents read(JsonParser json) throws IOException {
    SpanBatch.Builder batch = SpanBatch.builder();
    List<Decoded.Rejected> rejected = new ArrayList<>();
    var decoder = new SegmentDecoder(SegmentDecoder.DEFAULT_MAX_DOCUMENT_BYTES);
    boolean[] present = new boolean[1];
    RequestReader.object(
        json,
        (name, token) -> {
          if (!name.equals(DOCUMENTS)) {
            json.skipChildren();
            return;
          }
          present[0] = token != JsonToken.VALUE_NULL;
          int[] count = new int[1];
          RequestReader.array(
              json,
              token,
              name,
              maxDocuments,
              element -> {
                if (element != JsonToken.VALUE_STRING) {
                  throw RequestReader.invalid(
                      DOCUMENTS + "[" + count[0] + "]", "not a string", "a segment document");
                }
                count[0]++;
                if (decode(decoder, json.getText(), batch) instanceof Decoded.Rejected bad) {
                  rejected.add(bad);
                }
              });
        });
    if (!present[0]) {
      throw RequestReader.invalid(DOCUMENTS, "missing", "an array");
    }
    return new Documents(batch.build(), rejected);
  }

  private static Decoded decode(SegmentDecoder decoder, String document, SpanBatch.Builder batch) {
    ByteBuffer utf8;
    try {
      utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(document));
    } catch (CharacterCodingException _) {
      // Half a surrogate pair: there is no UTF-8 for it, and a replacement would not be what was
      // sent.
      return new Decoded.Rejected(
          null,
          Rejection.INVALID_TEXT,
          "Invalid segment. ErrorCode: InvalidText, Cause: half a surrogate pair (expected: Unicode)");
    }
    return decoder.decode(utf8.array(), utf8.arrayOffset(), utf8.remaining(), batch);
  }

  @Override
  public RequestResult answer(Documents documents, JsonGenerator json) throws IOException {
    switch (ingest.write(transport(), documents.batch)) {
      case WriteResult.Written _ -> {}
      case WriteResult.Overloaded overloaded ->
          throw new RefusedException(
              new Refusal.Overloaded(overloaded.message(), overloaded.retryAfterMillis()));
      case WriteResult.Unavailable unavailable ->
          throw new RefusedException(
              new Refusal.Unavailable(unavailable.message(), unavailable.retryAfterMillis()));
    }
    json.writeArrayFieldStart("UnprocessedTraceSegments");
    for (Decoded.Rejected rejected : documents.rejected) {
      metrics.rejected(transport(), rejected.reason(), 1, rejected.message());
      json.writeStartObject();
      if (rejected.segmentId() != null) {
        json.writeStringField("Id", rejected.segmentId());
      }
      json.writeStringField("ErrorCode", rejected.reason().xrayCode());
      json.writeStringField("Message", rejected.message());
      json.writeEndObject();
    }
    json.writeEndArray();
    return documents.rejected.isEmpty() ? RequestResult.ACCEPTED : RequestResult.PARTIAL;
  }
}
