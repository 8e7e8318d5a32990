// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.roentgen.grpc.SegmentTransport;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A span of a call by whichever tracer, its ids in hex; the parent is empty if there is none. */
record Seen(String trace, String span, String parent, boolean server) {
  static Seen of(SpanData span) {
    boolean root = !span.getParentSpanContext().isValid();
    return new Seen(
        span.getTraceId(),
        span.getSpanId(),
        root ? "" : span.getParentSpanId(),
        span.getKind() == io.opentelemetry.api.trace.SpanKind.SERVER);
  }

  static Seen of(brave.handler.MutableSpan span) {
    return new Seen(
        span.traceId(),
        span.id(),
        span.parentId() == null ? "" : span.parentId(),
        span.kind() == brave.Span.Kind.SERVER);
  }

  /** Keeps segments in place of sending them. */
  static final class Segments implements SegmentTransport {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<String> documents = new ArrayList<>();

    @Override
    public synchronized void send(byte[] buffer, int length) {
      documents.add(new String(buffer, 0, length, StandardCharsets.UTF_8));
    }

    @Override
    public void close() {}

    /**
     * Returns what was sent of calls that have ended: segments of served ones, and subsegments of
     * the others, whose root is the segment around them.
     */
    synchronized List<Seen> all() {
      List<Seen> seen = new ArrayList<>();
      for (String document : documents) {
        try {
          JsonNode segment = JSON.readTree(document);
          if (segment.has("in_progress")) {
            // On a busy machine a call may take so long that it is told of while it goes on.
            continue;
          }
          String trace = segment.get("trace_id").asText().substring(2).replace("-", "");
          if (segment.has("http")) {
            seen.add(
                new Seen(
                    trace, segment.get("id").asText(), segment.path("parent_id").asText(), true));
          }
          for (JsonNode child : segment.path("subsegments")) {
            seen.add(new Seen(trace, child.get("id").asText(), segment.get("id").asText(), false));
          }
        } catch (JsonProcessingException e) {
          throw new UncheckedIOException(document, e);
        }
      }
      return seen;
    }
  }
}
