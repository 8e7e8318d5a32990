// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.otlp;

import io.roentgen.codec.otlp.DecodedRequest;
import io.roentgen.codec.otlp.OtlpDecoder;
import io.roentgen.codec.otlp.OtlpException;
import io.roentgen.ingest.Ingest;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.ingest.RequestResult;
import io.roentgen.ingest.Transport;
import io.roentgen.ingest.WriteResult;
import io.roentgen.model.Rejection;
import io.roentgen.server.intake.Refusal;
import io.roentgen.server.intake.RefusedException;
import io.roentgen.server.intake.RequestBody;

/** What OTLP over gRPC and over HTTP have in common: decode, write, count. */
final class OtlpExport {
  private final Ingest ingest;
  private final IngestMetrics metrics;

  OtlpExport(Ingest ingest, IngestMetrics metrics) {
    this.ingest = ingest;
    this.metrics = metrics;
  }

  DecodedRequest decodeProtobuf(Transport transport, RequestBody body) {
    try {
      return OtlpDecoder.decodeProtobuf(body.bytes(), body.offset(), body.length());
    } catch (OtlpException e) {
      throw refused(transport, e);
    }
  }

  DecodedRequest decodeJson(Transport transport, RequestBody body) {
    try {
      return OtlpDecoder.decodeJson(body.bytes(), body.offset(), body.length());
    } catch (OtlpException e) {
      throw refused(transport, e);
    }
  }

  private RefusedException refused(Transport transport, OtlpException e) {
    String message = String.valueOf(e.getMessage());
    // How many spans it held cannot be known; the request counts as one.
    metrics.rejected(transport, e.rejection(), 1, message);
    return new RefusedException(new Refusal.Malformed(message));
  }

  /**
   * Writes what was decoded.
   *
   * @throws RefusedException if the store took nothing
   */
  RequestResult write(Transport transport, DecodedRequest decoded) {
    switch (ingest.write(transport, decoded.batch())) {
      case WriteResult.Written _ -> {}
      case WriteResult.Overloaded overloaded ->
          throw new RefusedException(
              new Refusal.Overloaded(overloaded.message(), overloaded.retryAfterMillis()));
      case WriteResult.Unavailable unavailable ->
          throw new RefusedException(
              new Refusal.Unavailable(unavailable.message(), unavailable.retryAfterMillis()));
    }
    // Counted only now: a request that is sent again would be counted again.
    for (var rejection : decoded.rejections().entrySet()) {
      Rejection reason = rejection.getKey();
      metrics.rejected(transport, reason, rejection.getValue(), decoded.errorMessage());
    }
    return decoded.rejectedSpans() == 0 ? RequestResult.ACCEPTED : RequestResult.PARTIAL;
  }
}
