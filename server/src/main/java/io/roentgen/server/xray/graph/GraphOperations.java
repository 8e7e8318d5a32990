// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.graph;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.filter.Filter;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.server.intake.Deadline;
import io.roentgen.server.xray.groups.Filters;
import io.roentgen.server.xray.groups.Group;
import io.roentgen.server.xray.groups.Groups;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.OperationTable;
import io.roentgen.server.xray.protocol.PageToken;
import io.roentgen.server.xray.protocol.Times;
import io.roentgen.store.TraceStore;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code GetServiceGraph}, {@code GetTraceGraph} and {@code GetTimeSeriesServiceStatistics}. A
 * graph is never more than one page.
 */
public final class GraphOperations {
  static final int MAX_TRACE_IDS = 1_000;
  static final int MAX_TRACE_ID_LENGTH = 35;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Graphs graphs;
  private final TraceStore store;
  private final Groups groups;
  private final Filters filters;

  private GraphOperations(TraceStore store, Graphs graphs, Groups groups, Filters filters) {
    this.store = store;
    this.graphs = graphs;
    this.groups = groups;
    this.filters = filters;
  }

  /** Adds them, answering from {@code store}. */
  public static void addTo(
      OperationTable table, TraceStore store, Graphs graphs, Groups groups, Filters filters) {
    var operations = new GraphOperations(store, graphs, groups, filters);
    table.addSearch("GetServiceGraph", "/ServiceGraph", operations::getServiceGraph);
    table.addSearch("GetTraceGraph", "/TraceGraph", operations::getTraceGraph);
    table.addSearch(
        "GetTimeSeriesServiceStatistics",
        "/TimeSeriesServiceStatistics",
        new TimeSeries(operations)::answer);
  }

  private void getServiceGraph(Members request, JsonGenerator json) throws IOException {
    TimeRange range = request.requiredRange();
    Group group = groups.named(request);
    PageToken.refuseAny(request);
    new ServiceWriter(graphs.graph(range, filter(group), Deadline.ofRequest()), range)
        .write(json, "Services");
    Times.writeNanos(json, "StartTime", range.startEpochNanos());
    Times.writeNanos(json, "EndTime", range.endEpochNanos());
    json.writeBooleanField("ContainsOldGroupVersions", changedWithin(group, range));
  }

  private void getTraceGraph(Members request, JsonGenerator json) throws IOException {
    List<String> ids = request.requiredTexts("TraceIds", 1, MAX_TRACE_IDS, MAX_TRACE_ID_LENGTH);
    PageToken.refuseAny(request);
    Set<TraceId> traceIds = new LinkedHashSet<>();
    for (String id : ids) {
      TraceId traceId = TraceId.parseOrNull(id);
      if (traceId == null) {
        throw request.invalid("TraceIds", id, "1-8hex-24hex");
      }
      traceIds.add(traceId);
    }
    ServiceWriter.of(new TraceLoader(store.reader(), traceIds, Deadline.ofRequest()))
        .write(json, "Services");
  }

  Graphs graphs() {
    return graphs;
  }

  Groups groups() {
    return groups;
  }

  Filter filter(@Nullable Group group) {
    return filters.of(group);
  }

  static boolean changedWithin(@Nullable Group group, TimeRange range) {
    if (group == null || group.isDefault()) {
      return false;
    }
    return Math.floorDiv(range.startEpochNanos(), NANOS_PER_MILLI)
        < group.filterChangedAt().toEpochMilli();
  }
}
