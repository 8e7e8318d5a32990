// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.ingest;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.ingest.Ingest;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.server.xray.protocol.OperationTable;

/** PutTraceSegments and PutTelemetryRecords. */
public final class IngestOperations {
  private IngestOperations() {}

  /**
   * Adds them.
   *
   * @param maxRequestBytes what a request with segments may have, compressed and decompressed
   * @param maxDocuments how many segment documents one request may bring
   */
  public static void addTo(
      OperationTable table,
      Ingest ingest,
      IngestMetrics metrics,
      PrometheusRegistry registry,
      int maxRequestBytes,
      int maxDocuments) {
    table.addIngest(
        "PutTraceSegments",
        "/TraceSegments",
        new PutTraceSegments(ingest, metrics, maxRequestBytes, maxDocuments));
    table.add("PutTelemetryRecords", "/TelemetryRecords", new PutTelemetryRecords(registry));
  }
}
