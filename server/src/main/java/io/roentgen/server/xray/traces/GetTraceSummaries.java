// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.traces;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.MembersOperation;
import io.roentgen.server.xray.protocol.PageToken;
import io.roentgen.server.xray.protocol.XRayException;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.Trace;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceStore;
import io.roentgen.store.TraceSummary;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Finds traces by time, the newest first. */
final class GetTraceSummaries implements MembersOperation {
  static final String NAME = "GetTraceSummaries";

  /** Traces loaded at a time, so that a page of large ones is not in memory as a whole. */
  private static final int LOAD_COUNT = 20;

  private static final Map<String, TraceQuery.TimeField> TIME_RANGE_TYPES =
      Map.of(
          "TraceId", TraceQuery.TimeField.TRACE_ID,
          "Event", TraceQuery.TimeField.ACTIVE,
          "Service", TraceQuery.TimeField.SEGMENT_END);

  private final TraceStore store;
  private final int pageSummaries;

  GetTraceSummaries(TraceStore store, int pageSummaries) {
    this.store = store;
    this.pageSummaries = pageSummaries;
  }

  @Override
  public void answer(Members request, JsonGenerator json) throws IOException {
    long start = request.requiredEpochNanos("StartTime");
    long end = request.requiredEpochNanos("EndTime");
    if (end <= start) {
      throw XRayException.invalid("EndTime: not after StartTime (expected: after StartTime)");
    }
    String type = request.choice("TimeRangeType", TIME_RANGE_TYPES.keySet());
    TraceQuery.TimeField timeField =
        type == null
            ? TraceQuery.TimeField.TRACE_ID
            : Objects.requireNonNull(TIME_RANGE_TYPES.get(type));
    // Every trace is an allowed answer to a request for a subset, so these are only checked.
    var _ = request.flag("Sampling");
    Members strategy = request.object("SamplingStrategy");
    if (strategy != null) {
      var _ = strategy.choice("Name", Set.of("PartialScan", "FixedRate"));
      var _ = strategy.number("Value", 0, Long.MAX_VALUE);
    }
    String filter = request.text("FilterExpression");
    if (filter != null && !filter.isBlank()) {
      throw XRayException.invalid(
          "FilterExpression: not supported yet (expected: none); filter expressions come with the"
              + " filter module");
    }
    String token = request.text("NextToken");
    TimeRange range = new TimeRange(start, end);
    TraceQuery query =
        new TraceQuery(
            range,
            timeField,
            SpanCondition.ANY,
            pageSummaries,
            token == null ? null : PageToken.decode(NAME, request, token));
    TracePage page;
    try {
      page = store.reader().search(query);
    } catch (IllegalArgumentException e) {
      if (token == null) {
        throw e;
      }
      throw PageToken.refused();
    }

    json.writeArrayFieldStart("TraceSummaries");
    List<TraceSummary> found = page.traces();
    for (int at = 0; at < found.size(); at += LOAD_COUNT) {
      List<TraceId> some =
          found.subList(at, Math.min(found.size(), at + LOAD_COUNT)).stream()
              .map(TraceSummary::traceId)
              .toList();
      for (Trace trace : store.reader().findAll(some)) {
        new TraceSummaryWriter(trace).write(json, timeField, range);
      }
    }
    json.writeEndArray();
    String next = page.next();
    long reached = next == null || found.isEmpty() ? start : found.getLast().startEpochNanos();
    json.writeNumberField("ApproximateTime", TraceSummaryWriter.seconds(reached));
    json.writeNumberField("TracesProcessedCount", found.size());
    if (next != null) {
      json.writeStringField("NextToken", PageToken.encode(NAME, request, next));
    }
  }
}
