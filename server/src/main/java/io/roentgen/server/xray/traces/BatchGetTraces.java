// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.traces;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.codec.xray.SegmentDocument;
import io.roentgen.codec.xray.SegmentWriter;
import io.roentgen.model.Span;
import io.roentgen.model.TraceId;
import io.roentgen.server.intake.Deadline;
import io.roentgen.server.xray.graph.TraceLoader;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.MembersOperation;
import io.roentgen.server.xray.protocol.PageToken;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Gives whole traces by their ids, in the order asked for. */
final class BatchGetTraces implements MembersOperation {
  static final String NAME = "BatchGetTraces";

  /** Where AWS documents no limit. */
  private static final int MAX_TRACE_IDS = 1_000;

  private final TraceStore store;
  private final int pageBytes;

  BatchGetTraces(TraceStore store, int pageBytes) {
    this.store = store;
    this.pageBytes = pageBytes;
  }

  @Override
  public void answer(Members request, JsonGenerator json) throws IOException {
    List<String> ids =
        request.requiredTexts("TraceIds", 1, MAX_TRACE_IDS, TraceOperations.MAX_TRACE_ID_LENGTH);
    int at = 0;
    String token = request.text("NextToken");
    if (token != null) {
      at = position(PageToken.decode(NAME, request, token), ids.size());
    }
    // Each trace once, however often and in whatever spellings it is asked for.
    Set<TraceId> written = parse(ids.subList(0, at));
    List<String> unknown = new ArrayList<>();
    long bytes = 0;
    json.writeArrayFieldStart("Traces");
    Set<TraceId> wanted = parse(ids.subList(at, ids.size()));
    wanted.removeAll(written);
    Iterator<Trace> traces =
        new TraceLoader(store.reader(), wanted, Deadline.ofRequest()).iterator();
    Trace next = null;
    // In the order of the ids: a trace that is not the next one is not there.
    for (; at < ids.size() && bytes < pageBytes; at++) {
      if (next == null && traces.hasNext()) {
        next = traces.next();
      }
      TraceId id = TraceId.parseOrNull(ids.get(at));
      if (next != null && next.traceId().equals(id)) {
        bytes += trace(next, json);
        written.add(id);
        next = null;
      } else if (id == null || !written.contains(id)) {
        unknown.add(ids.get(at));
      }
    }
    json.writeEndArray();
    json.writeArrayFieldStart("UnprocessedTraceIds");
    for (String each : unknown) {
      json.writeString(each);
    }
    json.writeEndArray();
    if (at < ids.size()) {
      json.writeStringField("NextToken", PageToken.encode(NAME, request, Integer.toString(at)));
    }
  }

  private static int position(String text, int count) {
    try {
      int position = Integer.parseInt(text);
      if (position > 0 && position < count) {
        return position;
      }
    } catch (NumberFormatException notOurs) {
      throw PageToken.refused();
    }
    throw PageToken.refused();
  }

  /** Returns those that are spelt as trace ids are. */
  private static Set<TraceId> parse(List<String> ids) {
    Set<TraceId> parsed = new LinkedHashSet<>();
    for (String id : ids) {
      TraceId traceId = TraceId.parseOrNull(id);
      if (traceId != null) {
        parsed.add(traceId);
      }
    }
    return parsed;
  }

  /** Writes a trace and returns about how many bytes it took. */
  private static long trace(Trace trace, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("Id", trace.traceId().toXRay());
    writeDuration(trace, json);
    // Nothing was refused for the size of its trace, which is what the flag would say.
    json.writeBooleanField("LimitExceeded", false);
    long bytes = 0;
    json.writeArrayFieldStart("Segments");
    List<SegmentDocument> segments = new ArrayList<>(SegmentWriter.documents(trace.spans()));
    segments.addAll(SegmentWriter.inferredDocuments(trace.spans()));
    for (SegmentDocument segment : segments) {
      json.writeStartObject();
      json.writeStringField("Id", segment.id().toHex());
      json.writeStringField("Document", segment.document());
      json.writeEndObject();
      bytes += segment.document().length();
    }
    json.writeEndArray();
    json.writeEndObject();
    return bytes;
  }

  /** Writes from the first start to the last end as {@code Duration}; nothing before any end. */
  static void writeDuration(Trace trace, JsonGenerator json) throws IOException {
    long end = Long.MIN_VALUE;
    for (Span span : trace.spans()) {
      if (!span.inProgress()) {
        end = Math.max(end, span.endEpochNanos());
      }
    }
    if (end != Long.MIN_VALUE) {
      long start = trace.spans().getFirst().startEpochNanos();
      json.writeNumberField("Duration", TraceSummaryWriter.seconds(Math.max(0, end - start)));
    }
  }
}
