// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.ingest;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.ingest.Ingest;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.server.xray.protocol.OperationTable;
import java.time.InstantSource;

/** PutTraceSegments, PutTelemetryRecords, GetSamplingRules and GetSamplingTargets. */
public final class IngestOperations {
  private IngestOperations() {}

  /**
   * Adds them.
   *
   * @param maxRequestBytes what a request with segments may have, compressed and decompressed
   * @param maxDocuments how many segment documents one request may bring
   * @param clock tells when clients reported
   */
  public static void addTo(
      OperationTable table,
      Ingest ingest,
      IngestMetrics metrics,
      PrometheusRegistry registry,
      int maxRequestBytes,
      int maxDocuments,
      InstantSource clock) {
    table.addIngest(
        "PutTraceSegments",
        "/TraceSegments",
        new PutTraceSegments(ingest, metrics, maxRequestBytes, maxDocuments));
    table.addIngest("PutTelemetryRecords", "/TelemetryRecords", new PutTelemetryRecords(registry));
    var sampling = new Sampling(clock, registry);
    table.addIngest("GetSamplingRules", "/GetSamplingRules", new GetSamplingRules(sampling));
    table.addIngest("GetSamplingTargets", "/SamplingTargets", new GetSamplingTargets(sampling));
  }
}
