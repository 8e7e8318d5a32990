// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.roentgen.model.Span;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the gRPC kit says of a call in the metadata of an X-Ray document, beside the annotations.
 *
 * @param status name of the status that an attempt ended with; null if it is not told
 * @param messages when each message of the call passed
 */
record GrpcMetadata(@Nullable String status, List<Message> messages) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String KEY = "\"grpc\"";
  private static final GrpcMetadata NONE = new GrpcMetadata(null, List.of());
  private static final long NANOS_PER_MICRO = 1_000;

  /** Past this an offset in microseconds is no number of nanoseconds. */
  private static final long MAX_MICROS = Long.MAX_VALUE / NANOS_PER_MICRO;

  /**
   * A message of a call.
   *
   * @param nanos after the start of the call
   */
  record Message(long nanos, boolean received) {}

  /** Returns what a span's document has; see {@link #of(String)}. */
  static GrpcMetadata of(Span span) {
    return of(span.document());
  }

  /** Returns what a document has; members that are not as the kit writes them are passed over. */
  static GrpcMetadata of(String document) {
    if (!document.contains(KEY)) {
      return NONE;
    }
    JsonNode grpc;
    try {
      grpc = JSON.readTree(document).path("metadata").path("grpc");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("document of a span: not JSON", e);
    }
    String status = grpc.path("status").asText("");
    List<Message> messages = new ArrayList<>();
    for (JsonNode message : grpc.path("messages")) {
      boolean received = message.has("received_us");
      JsonNode micros = message.path(received ? "received_us" : "sent_us");
      if (micros.canConvertToLong()
          && micros.longValue() >= 0
          && micros.longValue() <= MAX_MICROS) {
        messages.add(new Message(micros.longValue() * NANOS_PER_MICRO, received));
      }
    }
    return new GrpcMetadata(status.isEmpty() ? null : status, messages);
  }
}
