// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.roentgen.codec.otlp.DecodedRequest;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The answer to an export request: empty when all spans were taken. */
final class PartialSuccess {
  private static final byte[] EMPTY = {};
  private static final byte[] EMPTY_JSON = "{}".getBytes(StandardCharsets.UTF_8);
  private static final JsonFactory JSON = new JsonFactory();

  private PartialSuccess() {}

  static byte[] protobuf(DecodedRequest decoded) {
    if (decoded.rejectedSpans() == 0) {
      return EMPTY;
    }
    return ExportTraceServiceResponse.newBuilder()
        .setPartialSuccess(
            ExportTracePartialSuccess.newBuilder()
                .setRejectedSpans(decoded.rejectedSpans())
                .setErrorMessage(decoded.errorMessage()))
        .build()
        .toByteArray();
  }

  static byte[] json(DecodedRequest decoded) {
    if (decoded.rejectedSpans() == 0) {
      return EMPTY_JSON;
    }
    var text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeObjectFieldStart("partialSuccess");
      // OTLP/JSON: 64-bit integers are strings.
      json.writeStringField("rejectedSpans", Integer.toString(decoded.rejectedSpans()));
      json.writeStringField("errorMessage", decoded.errorMessage());
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write JSON to memory", e);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
