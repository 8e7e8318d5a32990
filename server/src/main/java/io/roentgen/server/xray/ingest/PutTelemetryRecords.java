// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.ingest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.MembersOperation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What daemons tell of themselves once a minute. Kept as counters, so that segments that a daemon
 * lost before it could send them are seen here.
 */
final class PutTelemetryRecords implements MembersOperation {
  /** Segments as daemons report them, by what became of them there. */
  static final String DAEMON_SEGMENTS = "xray_daemon_segments_total";

  private static final int MAX_RECORDS = 1_000;
  private static final int MAX_INSTANCE_ID_LENGTH = 20;
  private static final int MAX_HOSTNAME_LENGTH = 255;
  private static final int MAX_ARN_LENGTH = 500;
  private static final Map<String, String> STATES =
      Map.of(
          "SegmentsReceivedCount", "received",
          "SegmentsSentCount", "sent",
          "SegmentsSpilloverCount", "spillover",
          "SegmentsRejectedCount", "rejected");

  /** Checked, and not counted: they are of the daemon's way to us. */
  private static final List<String> ERRORS =
      List.of(
          "TimeoutCount",
          "ConnectionRefusedCount",
          "HTTPCode4XXCount",
          "HTTPCode5XXCount",
          "UnknownHostCount",
          "OtherCount");

  private final Counter segments;

  PutTelemetryRecords(PrometheusRegistry registry) {
    segments =
        Counter.builder()
            .name(DAEMON_SEGMENTS)
            .help("Segments that X-Ray daemons reported in their telemetry.")
            .labelNames("state")
            .register(registry);
  }

  @Override
  public void answer(Members request, JsonGenerator json) {
    var _ = request.text("EC2InstanceId", 0, MAX_INSTANCE_ID_LENGTH);
    var _ = request.text("Hostname", 0, MAX_HOSTNAME_LENGTH);
    var _ = request.text("ResourceARN", 0, MAX_ARN_LENGTH);
    Map<String, Long> counts = new LinkedHashMap<>();
    for (Members each : request.requiredObjects("TelemetryRecords", MAX_RECORDS)) {
      var _ = each.requiredReportTime("Timestamp");
      Members errors = each.object("BackendConnectionErrors");
      if (errors != null) {
        ERRORS.forEach(
            member -> {
              var _ = errors.integer(member, 0, Integer.MAX_VALUE);
            });
      }
      STATES.forEach(
          (member, state) -> {
            Integer count = each.integer(member, 0, Integer.MAX_VALUE);
            counts.merge(state, count == null ? 0L : count, Long::sum);
          });
    }
    counts.forEach((state, count) -> segments.labelValues(state).inc(count));
  }
}
