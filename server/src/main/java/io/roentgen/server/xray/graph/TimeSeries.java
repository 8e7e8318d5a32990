// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.graph;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.filter.EntitySelector;
import io.roentgen.filter.FilterException;
import io.roentgen.filter.NodeSelector;
import io.roentgen.model.CallStatistics;
import io.roentgen.model.NodeId;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import io.roentgen.server.intake.Deadline;
import io.roentgen.server.xray.groups.Group;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.PageToken;
import io.roentgen.server.xray.protocol.Times;
import io.roentgen.server.xray.protocol.XRayException;
import io.roentgen.store.GraphReader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code GetTimeSeriesServiceStatistics}: statistics of one node or edge, period by period. */
final class TimeSeries {
  private static final int DEFAULT_PERIOD_SECONDS = 60;
  private static final int MAX_PERIOD_SECONDS = 86_400;
  private static final int MAX_PERIODS = 10_000;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** How much of the past a forecast is made of. */
  private static final long FORECAST_NANOS = 7_200 * NANOS_PER_SECOND;

  /** How far from the expected number, in standard deviations, the number of faults may be. */
  private static final double FORECAST_DEVIATIONS = 3;

  /** A band this narrow would be left by chance all the time. */
  private static final long MIN_FORECAST_HIGH = 3;

  private final GraphOperations operations;

  TimeSeries(GraphOperations operations) {
    this.operations = operations;
  }

  /** What was asked for, of one period. */
  private record Point(long startEpochNanos, CallStatistics calls) {}

  void answer(Members request, JsonGenerator json) throws IOException {
    TimeRange range = request.requiredRange();
    Group group = operations.groups().named(request);
    EntitySelector selector = selector(request);
    boolean forecast = Boolean.TRUE.equals(request.flag("ForecastStatistics"));
    if (forecast && !(selector instanceof EntitySelector.OfService)) {
      throw XRayException.invalid(
          "ForecastStatistics: true (expected: with an EntitySelectorExpression that selects"
              + " services, such as id(name: \"shop\"))");
    }
    Integer period = request.integer("Period", 1, MAX_PERIOD_SECONDS);
    long periodSeconds = period == null ? DEFAULT_PERIOD_SECONDS : period;
    if (periodSeconds % 60 != 0) {
      throw request.invalid("Period", String.valueOf(period), "whole minutes, in seconds");
    }
    PageToken.refuseAny(request);
    long periodNanos = periodSeconds * NANOS_PER_SECOND;
    long length = range.endEpochNanos() - range.startEpochNanos();
    if (length / periodNanos > MAX_PERIODS) {
      throw XRayException.invalid(
          "EndTime: more than "
              + MAX_PERIODS
              + " periods after StartTime (expected: a shorter range or a longer Period)");
    }
    TimeRange read =
        forecast
            ? new TimeRange(
                Math.max(0, range.startEpochNanos() - FORECAST_NANOS), range.endEpochNanos())
            : range;
    List<Point> points =
        operations
            .graphs()
            .series(read, periodNanos, operations.filter(group), Deadline.ofRequest())
            .stream()
            .map(each -> new Point(each.startEpochNanos(), select(each, selector)))
            .filter(point -> point.calls.totalCount() > 0)
            .toList();
    long first = Math.floorDiv(range.startEpochNanos(), periodNanos) * periodNanos;
    boolean ofService = selector instanceof EntitySelector.OfService;

    json.writeArrayFieldStart("TimeSeriesServiceStatistics");
    var past = new ArrayDeque<Point>();
    for (Point point : points) {
      if (point.startEpochNanos >= first) {
        write(json, point, ofService, forecast ? past : null);
      }
      past.addLast(point);
      while (past.getFirst().startEpochNanos < point.startEpochNanos - FORECAST_NANOS) {
        past.removeFirst();
      }
    }
    json.writeEndArray();
    json.writeBooleanField("ContainsOldGroupVersions", GraphOperations.changedWithin(group, range));
  }

  private static @Nullable EntitySelector selector(Members request) {
    String text = request.text("EntitySelectorExpression", 1, EntitySelector.MAX_LENGTH);
    if (text == null) {
      return null;
    }
    try {
      return EntitySelector.parse(text);
    } catch (FilterException e) {
      throw XRayException.invalid("EntitySelectorExpression: " + e.getMessage());
    }
  }

  /** Returns the sum over what is selected: without a selector, over what clients called. */
  private static CallStatistics select(
      GraphReader.Period period, @Nullable EntitySelector selector) {
    CallStatistics.Builder sum = new CallStatistics.Builder();
    if (selector instanceof EntitySelector.OfService service) {
      for (ServiceGraph.Node node : period.graph().nodes()) {
        if (matches(service.node(), node.id())) {
          sum.add(node.statistics());
        }
      }
      return sum.build();
    }
    for (ServiceGraph.Edge edge : period.graph().edges()) {
      boolean selected =
          selector instanceof EntitySelector.OfEdge wanted
              ? matches(wanted.caller(), edge.caller()) && matches(wanted.callee(), edge.callee())
              : edge.caller().type().equals(NodeId.CLIENT);
      if (selected) {
        sum.add(edge.statistics());
      }
    }
    return sum.build();
  }

  private static boolean matches(NodeSelector selector, NodeId node) {
    // Sums are not kept by account.
    return selector.matches(node, List.of());
  }

  private static void write(
      JsonGenerator json, Point point, boolean ofService, @Nullable Iterable<Point> past)
      throws IOException {
    json.writeStartObject();
    Times.writeNanos(json, "Timestamp", point.startEpochNanos);
    ServiceWriter.statistics(
        json, ofService ? "ServiceSummaryStatistics" : "EdgeSummaryStatistics", point.calls);
    if (past != null) {
      forecast(json, point, past);
    }
    Histogram.write(json, "ResponseTimeHistogram", point.calls.latency());
    json.writeEndObject();
  }

  /** Writes how many faults would be no surprise, after the past two hours' share of them. */
  private static void forecast(JsonGenerator json, Point point, Iterable<Point> past)
      throws IOException {
    long total = 0;
    long faults = 0;
    for (Point each : past) {
      total += each.calls.totalCount();
      faults += each.calls.faultCount();
    }
    if (total == 0) {
      return;
    }
    double share = (double) faults / total;
    double expected = point.calls.totalCount() * share;
    double band = FORECAST_DEVIATIONS * Math.sqrt(expected * (1 - share));
    json.writeObjectFieldStart("ServiceForecastStatistics");
    json.writeNumberField(
        "FaultCountHigh", Math.max(MIN_FORECAST_HIGH, (long) Math.ceil(expected + band)));
    json.writeNumberField("FaultCountLow", (long) Math.max(0, Math.floor(expected - band)));
    json.writeEndObject();
  }
}
