// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.traces;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.roentgen.codec.otlp.OtlpEncoder;
import io.roentgen.codec.xray.SegmentDocument;
import io.roentgen.codec.xray.SegmentWriter;
import io.roentgen.model.Hex;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.server.intake.Deadline;
import io.roentgen.server.xray.graph.ServiceWriter;
import io.roentgen.server.xray.graph.TraceLoader;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.OperationTable;
import io.roentgen.server.xray.protocol.PageToken;
import io.roentgen.server.xray.protocol.XRayException;
import io.roentgen.server.xray.state.StateDocuments;
import io.roentgen.store.DocumentStore;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceReader;
import io.roentgen.store.TraceStore;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * {@code StartTraceRetrieval}, {@code ListRetrievedTraces}, {@code GetRetrievedTracesGraph} and
 * {@code CancelTraceRetrieval}. There is nothing to be fetched from elsewhere, so a retrieval is
 * complete at once: it is kept as what was asked for, and traces are read when they are listed.
 */
public final class RetrievalOperations {
  /** For how long a token is good. */
  static final Duration TOKEN_TTL = Duration.ofMinutes(60);

  private static final String LIST = "ListRetrievedTraces";
  private static final int MAX_TRACE_IDS = 100;
  private static final int MAX_TOKEN_LENGTH = 1_020;
  private static final int TOKEN_BYTES = 24;

  /** Retrievals that are not expired; each is up to 4 kB of state. */
  private static final int MAX_RETRIEVALS = 100;

  private static final int PAGE_TRACES = 5;
  private static final int TRACE_SPANS = 100;
  private static final long PAGE_BYTES = 1 << 20;

  private final TraceStore store;
  private final StateDocuments documents;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  private RetrievalOperations(TraceStore store, DocumentStore documents, InstantSource clock) {
    this.store = store;
    this.documents = new StateDocuments(documents, "trace-retrieval");
    this.clock = clock;
  }

  /** Adds them. */
  public static void addTo(OperationTable table, TraceStore store, InstantSource clock) {
    var retrievals = new RetrievalOperations(store, store.documents(), clock);
    table.add("StartTraceRetrieval", "/StartTraceRetrieval", retrievals::startTraceRetrieval);
    table.addSearch(LIST, "/ListRetrievedTraces", retrievals::listRetrievedTraces);
    table.addSearch(
        "GetRetrievedTracesGraph", "/GetRetrievedTracesGraph", retrievals::getRetrievedTracesGraph);
    table.add("CancelTraceRetrieval", "/CancelTraceRetrieval", retrievals::cancelTraceRetrieval);
  }

  private synchronized void startTraceRetrieval(Members request, JsonGenerator json)
      throws IOException {
    Set<TraceId> ids = new LinkedHashSet<>();
    for (String text :
        request.requiredTexts("TraceIds", 0, MAX_TRACE_IDS, TraceOperations.MAX_TRACE_ID_LENGTH)) {
      TraceId id = TraceId.parseOrNull(text);
      if (id == null) {
        throw request.invalid("TraceIds", text, "trace ids");
      }
      ids.add(id);
    }
    TimeRange range = request.requiredRange();
    deleteExpired();
    if (documents.list().size() >= MAX_RETRIEVALS) {
      throw XRayException.throttled(
          "retrievals: "
              + MAX_RETRIEVALS
              + " are not expired (expected: fewer); each expires after "
              + TOKEN_TTL);
    }
    ObjectNode content =
        StateDocuments.object()
            .put("startEpochNanos", range.startEpochNanos())
            .put("endEpochNanos", range.endEpochNanos())
            .put("expiry", clock.instant().plus(TOKEN_TTL).toEpochMilli())
            .put("cancelled", false);
    ArrayNode kept = content.putArray("traceIds");
    ids.forEach(id -> kept.add(id.toHex()));
    byte[] token = new byte[TOKEN_BYTES];
    random.nextBytes(token);
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    if (documents.put(text, content, DocumentStore.NONE).isEmpty()) {
      throw new IllegalStateException("token made twice");
    }
    json.writeStringField("RetrievalToken", text);
  }

  private void deleteExpired() {
    for (StateDocuments.State state : documents.list()) {
      if (isExpired(state)) {
        var _ = documents.delete(state.name(), state.revision());
      }
    }
  }

  private boolean isExpired(StateDocuments.State state) {
    Instant expiry = Instant.ofEpochMilli(state.content().path("expiry").asLong());
    return !clock.instant().isBefore(expiry);
  }

  private StateDocuments.State named(Members request) {
    String token = request.requiredText("RetrievalToken", 0, MAX_TOKEN_LENGTH);
    StateDocuments.State state = token.isEmpty() ? null : find(token);
    if (state == null || isExpired(state)) {
      throw XRayException.notFound(
          "RetrievalToken: '"
              + Hex.quote(token)
              + "' (expected: one that StartTraceRetrieval gave within "
              + TOKEN_TTL
              + ")",
          token);
    }
    return state;
  }

  private StateDocuments.@Nullable State find(String token) {
    return documents.find(token).orElse(null);
  }

  private void getRetrievedTracesGraph(Members request, JsonGenerator json) throws IOException {
    JsonNode content = named(request).content();
    PageToken.refuseAny(request);
    List<TraceId> ids = writeStatus(content, json);
    TimeRange range = range(content);
    var traces = new TraceLoader(store.reader(), ids, Deadline.ofRequest());
    Iterable<Trace> overlapping =
        () ->
            StreamSupport.stream(traces.spliterator(), false)
                .filter(trace -> overlaps(trace, range))
                .iterator();
    ServiceWriter.of(overlapping).writeRetrieved(json, "Services");
  }

  /** Writes {@code RetrievalStatus} and returns the traces that may be given. */
  private static List<TraceId> writeStatus(JsonNode content, JsonGenerator json)
      throws IOException {
    boolean cancelled = content.path("cancelled").asBoolean();
    json.writeStringField("RetrievalStatus", cancelled ? "CANCELLED" : "COMPLETE");
    List<TraceId> ids = new ArrayList<>();
    if (!cancelled) {
      content.path("traceIds").forEach(id -> ids.add(TraceId.parse(id.asText())));
    }
    return ids;
  }

  private static TimeRange range(JsonNode content) {
    return new TimeRange(
        content.path("startEpochNanos").asLong(), content.path("endEpochNanos").asLong());
  }

  private synchronized void cancelTraceRetrieval(Members request, JsonGenerator json) {
    StateDocuments.State state = named(request);
    ObjectNode content = state.content().deepCopy();
    content.put("cancelled", true);
    if (documents.put(state.name(), content, state.revision()).isEmpty()) {
      throw new IllegalStateException("retrieval changed by another");
    }
  }

  /** Where a page begins: at a span of a trace, by their places. */
  private record Position(int trace, int span) {
    static Position parse(String text) {
      try {
        int dot = text.indexOf('.');
        int trace = Integer.parseInt(text.substring(0, Math.max(0, dot)));
        int span = Integer.parseInt(text.substring(dot + 1));
        if (trace >= 0 && span >= 0) {
          return new Position(trace, span);
        }
      } catch (NumberFormatException notOurs) {
        throw PageToken.refused();
      }
      throw PageToken.refused();
    }

    String text() {
      return trace + "." + span;
    }
  }

  /** A span of the answer. */
  private record Piece(String id, String document) {}

  private void listRetrievedTraces(Members request, JsonGenerator json) throws IOException {
    StateDocuments.State state = named(request);
    String format = request.choice("TraceFormat", Set.of("XRAY", "OTEL"));
    boolean otel = "OTEL".equals(format);
    String token = request.text("NextToken");
    Position at =
        token == null ? new Position(0, 0) : Position.parse(PageToken.decode(LIST, request, token));
    JsonNode content = state.content();
    List<TraceId> ids = writeStatus(content, json);
    json.writeStringField("TraceFormat", otel ? "OTEL" : "XRAY");
    json.writeArrayFieldStart("Traces");
    TimeRange range = range(content);
    TraceReader reader = store.reader();
    long bytes = 0;
    for (int count = 0; count < PAGE_TRACES && bytes < PAGE_BYTES && at.trace < ids.size(); ) {
      Trace trace = reader.find(ids.get(at.trace)).orElse(null);
      List<Piece> pieces =
          trace == null || !overlaps(trace, range) ? List.of() : pieces(trace, otel);
      int span = at.span;
      if (trace != null && span < pieces.size()) {
        count++;
        json.writeStartObject();
        json.writeStringField("Id", trace.traceId().toXRay());
        BatchGetTraces.writeDuration(trace, json);
        json.writeArrayFieldStart("Spans");
        for (int i = 0; i < TRACE_SPANS && bytes < PAGE_BYTES && span < pieces.size(); i++) {
          Piece piece = pieces.get(span++);
          json.writeStartObject();
          json.writeStringField("Id", piece.id);
          json.writeStringField("Document", piece.document);
          json.writeEndObject();
          bytes += piece.document.length();
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      at = span < pieces.size() ? new Position(at.trace, span) : new Position(at.trace + 1, 0);
    }
    json.writeEndArray();
    if (at.trace < ids.size()) {
      json.writeStringField("NextToken", PageToken.encode(LIST, request, at.text()));
    }
  }

  private static boolean overlaps(Trace trace, TimeRange range) {
    return trace.spans().stream()
        .anyMatch(
            span ->
                span.startEpochNanos() < range.endEpochNanos()
                    && Math.max(span.startEpochNanos(), span.endEpochNanos())
                        >= range.startEpochNanos());
  }

  private static List<Piece> pieces(Trace trace, boolean otel) {
    if (otel) {
      return trace.spans().stream()
          .map(span -> new Piece(span.spanId().toHex(), OtlpEncoder.encodeJson(List.of(span))))
          .toList();
    }
    List<SegmentDocument> segments = new ArrayList<>(SegmentWriter.documents(trace.spans()));
    segments.addAll(SegmentWriter.inferredDocuments(trace.spans()));
    return segments.stream()
        .map(segment -> new Piece(segment.id().toHex(), segment.document()))
        .toList();
  }
}
