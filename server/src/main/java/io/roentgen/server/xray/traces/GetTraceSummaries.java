// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.traces;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.filter.Filter;
import io.roentgen.filter.FilterSearch;
import io.roentgen.filter.FilterSearch.Progress;
import io.roentgen.model.TimeRange;
import io.roentgen.server.intake.Deadline;
import io.roentgen.server.xray.groups.Filters;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.MembersOperation;
import io.roentgen.server.xray.protocol.PageToken;
import io.roentgen.store.CursorException;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceStore;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Finds traces by time, the newest first. */
final class GetTraceSummaries implements MembersOperation {
  static final String NAME = "GetTraceSummaries";

  /**
   * Traces looked at for one page. A filter that few traces match gives pages that are short, or
   * empty, and that the caller can end.
   */
  private static final int MAX_CANDIDATES = 5_000;

  /**
   * Long expressions over large traces take their time; a page ends before the server gives its
   * request up, and what was looked at so far need not be looked at again.
   */
  private static final Duration MAX_TIME = Duration.ofSeconds(10);

  private static final Map<String, TraceQuery.TimeField> TIME_RANGE_TYPES =
      Map.of(
          "TraceId", TraceQuery.TimeField.TRACE_ID,
          "Event", TraceQuery.TimeField.ACTIVE,
          "Service", TraceQuery.TimeField.SEGMENT_END);

  private final TraceStore store;
  private final Filters filters;
  private final int pageSummaries;

  GetTraceSummaries(TraceStore store, Filters filters, int pageSummaries) {
    this.store = store;
    this.filters = filters;
    this.pageSummaries = pageSummaries;
  }

  @Override
  public void answer(Members request, JsonGenerator json) throws IOException {
    TimeRange range = request.requiredRange();
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
    Filter filter = filters.read(request);
    Deadline deadline = Deadline.ofRequest();
    String token = request.text("NextToken");
    TraceQuery query =
        new TraceQuery(
            range,
            timeField,
            SpanCondition.ANY,
            pageSummaries,
            token == null ? null : PageToken.decode(NAME, request, token));
    json.writeArrayFieldStart("TraceSummaries");
    Progress progress;
    try {
      progress =
          FilterSearch.run(
              store.reader(),
              query,
              filter,
              MAX_CANDIDATES,
              deadline.left(MAX_TIME),
              trace -> {
                deadline.checkWanted();
                new TraceSummaryWriter(trace).write(json, timeField, range);
              });
    } catch (CursorException e) {
      throw PageToken.refused();
    }
    json.writeEndArray();
    json.writeNumberField(
        "ApproximateTime", TraceSummaryWriter.seconds(progress.reachedEpochNanos()));
    json.writeNumberField("TracesProcessedCount", progress.lookedAtCount());
    String next = progress.next();
    if (next != null) {
      json.writeStringField("NextToken", PageToken.encode(NAME, request, next));
    }
  }
}
