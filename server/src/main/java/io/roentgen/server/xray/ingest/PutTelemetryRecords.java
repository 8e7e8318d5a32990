// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.ingest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.ingest.RequestResult;
import io.roentgen.server.xray.protocol.RequestReader;
import io.roentgen.server.xray.protocol.XRayOperation;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What daemons tell of themselves once a minute. Kept as counters, so that segments that a daemon
 * lost before it could send them are seen here.
 */
final class PutTelemetryRecords implements XRayOperation<Map<String, Long>> {
  /** Segments as daemons report them, by what became of them there. */
  static final String DAEMON_SEGMENTS = "xray_daemon_segments_total";

  private static final int MAX_RECORDS = 1_000;
  private static final Map<String, String> STATES =
      Map.of(
          "SegmentsReceivedCount", "received",
          "SegmentsSentCount", "sent",
          "SegmentsSpilloverCount", "spillover",
          "SegmentsRejectedCount", "rejected");

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
  public Map<String, Long> read(JsonParser json) throws IOException {
    Map<String, Long> counts = new LinkedHashMap<>();
    boolean[] present = new boolean[1];
    RequestReader.object(
        json,
        (name, token) -> {
          if (!name.equals("TelemetryRecords")) {
            json.skipChildren();
            return;
          }
          present[0] = true;
          RequestReader.array(
              json,
              token,
              name,
              MAX_RECORDS,
              element ->
                  RequestReader.objectFrom(
                      json,
                      element,
                      name,
                      (member, value) -> {
                        String state = STATES.get(member);
                        if (state == null) {
                          json.skipChildren();
                        } else {
                          counts.merge(state, RequestReader.count(json, value, member), Long::sum);
                        }
                      }));
        });
    if (!present[0]) {
      throw RequestReader.invalid("TelemetryRecords", "missing", "an array");
    }
    return counts;
  }

  @Override
  public RequestResult answer(Map<String, Long> counts, JsonGenerator json) {
    counts.forEach((state, count) -> segments.labelValues(state).inc(count));
    return RequestResult.ACCEPTED;
  }
}
