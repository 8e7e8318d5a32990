// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.roentgen.model.NodeId;
import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.Value;
import io.roentgen.store.CallCounter;
import io.roentgen.store.CallSpan;
import io.roentgen.store.Trace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong in the requests to one node of the service map, counted by exception, gRPC or
 * HTTP status. Not safe for use by several threads.
 */
final class GraphErrors {
  /** As many as a side panel has room for. */
  private static final int MAX_ERRORS = 10;

  /** Names come from senders; further ones than these are not told apart. */
  private static final int MAX_NAMES = 1_000;

  private static final int MAX_TRACES_EACH = 3;
  private static final int MAX_NAME_LENGTH = 200;
  private static final int MAX_MESSAGE_LENGTH = 500;
  private static final JsonMapper JSON = new JsonMapper();

  private final NodeId node;
  private final Map<Key, Found> found = new LinkedHashMap<>();
  private int traceCount;

  GraphErrors(NodeId node) {
    this.node = node;
  }

  private record Key(String kind, String name) {}

  private record Cause(Key key, @Nullable String message) {}

  /** The message and the traces are the newest, as traces come newest first. */
  private static final class Found {
    private final @Nullable String message;
    private final Set<String> traceIds = new LinkedHashSet<>();
    private long count;

    private Found(@Nullable String message) {
      this.message = message;
    }
  }

  /** Counts what of a trace went wrong in requests to the node. */
  void add(Trace trace) {
    Map<Long, Span> byId = HashMap.newHashMap(trace.spans().size());
    List<CallSpan> calls = new ArrayList<>(trace.spans().size());
    for (Span span : trace.spans()) {
      byId.put(span.spanId().value(), span);
      calls.add(CallSpan.of(span));
    }
    var failures = new Failures(byId);
    CallCounter.count(calls, failures);
    traceCount += failures.any ? 1 : 0;
  }

  /** Takes of a trace's calls those to the node that failed. */
  private final class Failures implements CallCounter.Sink {
    private final Map<Long, Span> byId;
    private boolean any;

    private Failures(Map<Long, Span> byId) {
      this.byId = byId;
    }

    @Override
    public void request(NodeId callee, CallSpan measured, long workNanos) {
      Span span = byId.get(measured.spanId());
      if (span != null && measured.outcomeBits() != 0 && callee.equals(node)) {
        any = true;
        count(span);
      }
    }

    @Override
    public void call(NodeId caller, NodeId callee, @Nullable NodeId alias, CallSpan measured) {
      // Each call is a request to its callee, too.
    }

    @Override
    public void receipt(NodeId queue, NodeId consumer, CallSpan measured, long ageNanos) {
      // A receipt is a request to its consumer, too.
    }
  }

  private void count(Span span) {
    Cause cause = causeOf(span);
    Key key =
        found.size() < MAX_NAMES || found.containsKey(cause.key())
            ? cause.key()
            : new Key("other", "further errors");
    Found each = found.computeIfAbsent(key, _ -> new Found(cause.message()));
    each.count++;
    if (each.traceIds.size() < MAX_TRACES_EACH) {
      each.traceIds.add(span.traceId().toXRay());
    }
  }

  /** Returns the first of: an exception, a gRPC status, an HTTP status, what the outcome is. */
  private static Cause causeOf(Span span) {
    Cause exception = exceptionOrNull(span);
    if (exception != null) {
      return exception;
    }
    String message = span.statusMessage().isEmpty() ? null : span.statusMessage();
    String status = TraceRoutes.status(span);
    if (status != null) {
      String kind = TraceRoutes.grpcStatus(span) == null ? "http" : "grpc";
      return cause(kind, kind.equals("http") ? "HTTP " + status : status, message);
    }
    Outcome outcome = span.outcome();
    return cause(
        "other", outcome.fault() ? "fault" : outcome.throttle() ? "throttle" : "error", message);
  }

  private static @Nullable Cause exceptionOrNull(Span span) {
    for (SpanEvent event : span.events()) {
      if (event.name().equals("exception")) {
        String type = text(event.attributes().get("exception.type"));
        String message = text(event.attributes().get("exception.message"));
        if (type != null || message != null) {
          return cause("exception", type == null ? "exception" : type, message);
        }
      }
    }
    String document = span.document();
    if (!document.contains("\"exceptions\"")) {
      return null;
    }
    try {
      JsonNode first = JSON.readTree(document).path("cause").path("exceptions").path(0);
      if (!first.isObject()) {
        return null;
      }
      String type = first.path("type").asText("");
      String message = first.path("message").asText("");
      return cause(
          "exception", type.isEmpty() ? "exception" : type, message.isEmpty() ? null : message);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("document of span " + span.spanId().toHex(), e);
    }
  }

  private static Cause cause(String kind, String name, @Nullable String message) {
    return new Cause(
        new Key(kind, cut(name, MAX_NAME_LENGTH)),
        message == null ? null : cut(message, MAX_MESSAGE_LENGTH));
  }

  private static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(most - 2)) ? most - 2 : most - 1;
    return text.substring(0, end) + "…";
  }

  private static @Nullable String text(@Nullable Value value) {
    return value instanceof Value.StringValue(String text) && !text.isEmpty() ? text : null;
  }

  /** Writes the most frequent errors, and in how many traces there were any. */
  void write(JsonGenerator json) throws IOException {
    List<Map.Entry<Key, Found>> most =
        found.entrySet().stream()
            .sorted(
                Comparator.comparingLong((Map.Entry<Key, Found> each) -> -each.getValue().count)
                    .thenComparing(each -> each.getKey().name()))
            .limit(MAX_ERRORS)
            .toList();
    json.writeArrayFieldStart("errors");
    for (Map.Entry<Key, Found> each : most) {
      Found error = each.getValue();
      json.writeStartObject();
      json.writeStringField("kind", each.getKey().kind());
      json.writeStringField("name", each.getKey().name());
      if (error.message != null) {
        json.writeStringField("message", error.message);
      }
      json.writeNumberField("count", error.count);
      json.writeArrayFieldStart("traceIds");
      for (String id : error.traceIds) {
        json.writeString(id);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeNumberField("traceCount", traceCount);
  }
}
