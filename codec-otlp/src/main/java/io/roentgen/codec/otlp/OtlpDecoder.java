// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import java.util.Objects;

/**
 * Decodes OTLP trace export requests into span batches. One bad span is left out and counted, with
 * the reason; only what is no such request at all is an exception. Memory is bounded by a small
 * multiple of the input's size, which the caller has to limit.
 *
 * <pre>{@code
 * DecodedRequest request = OtlpDecoder.decodeProtobuf(bytes, 0, bytes.length);
 * writer.write(request.batch());
 * }</pre>
 *
 * <p>Not kept, because OTLP gives it no meaning: resources and scopes without spans, unknown fields
 * of the request message itself, and the difference between an absent and an empty status or
 * between an absent and an all-zero parent id. Attributes, events and links that the model cannot
 * hold are written again after the others of their span.
 *
 * <p>Source: opentelemetry-proto 1.11, {@code trace.proto}; OTLP specification 1.9.
 */
public final class OtlpDecoder {
  private OtlpDecoder() {}

  /**
   * Decodes an ExportTraceServiceRequest, or the same in the guise of TracesData, in protobuf. The
   * array is not kept.
   *
   * @throws OtlpException if the bytes are not protobuf of that shape
   */
  public static DecodedRequest decodeProtobuf(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    return new WireDecoder(bytes, offset, length).decode();
  }

  /**
   * Decodes an ExportTraceServiceRequest in OTLP/JSON: UTF-8, ids in hex, enums as numbers or
   * names, 64-bit integers as strings or numbers, unknown members ignored.
   *
   * @throws OtlpException if the bytes are not JSON of that shape; the message has line and column
   */
  public static DecodedRequest decodeJson(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    JsonTranscoder transcoder = new JsonTranscoder();
    WireSink wire = transcoder.transcode(bytes, offset, length);
    DecodedRequest request = decodeProtobuf(wire.bytes, 0, wire.size);
    String badId = transcoder.firstBadId();
    if (request.rejectedSpans() == 0 || badId.isEmpty()) {
      return request;
    }
    return new DecodedRequest(
        request.batch(),
        request.rejectedSpans(),
        request.rejections(),
        request.errorMessage() + "; first id that is not hex: " + badId);
  }
}
