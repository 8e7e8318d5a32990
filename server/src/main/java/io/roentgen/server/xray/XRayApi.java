// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.ServerBuilder;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.ingest.Ingest;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.server.intake.Intake;
import io.roentgen.server.intake.Refusal;
import io.roentgen.server.xray.ingest.IngestOperations;
import io.roentgen.server.xray.protocol.OperationTable;
import io.roentgen.server.xray.protocol.XRayAnswers;
import io.roentgen.server.xray.traces.TraceOperations;
import io.roentgen.store.TraceStore;
import java.time.InstantSource;
import java.util.Map;

/** The X-Ray API over a store. */
public final class XRayApi {
  /** Searches that may run at a time. */
  private static final int MAX_SEARCHES = 16;

  private final OperationTable table = new OperationTable(MAX_SEARCHES);

  /**
   * Makes it.
   *
   * @param ingest takes segments
   * @param limits what requests with segments may be
   * @param clock tells the time
   */
  public XRayApi(
      TraceStore store,
      Ingest ingest,
      IngestMetrics metrics,
      PrometheusRegistry registry,
      Limits limits,
      InstantSource clock) {
    IngestOperations.addTo(
        table, ingest, metrics, registry, limits.maxRequestBytes, limits.maxDocuments, clock);
    TraceOperations.addTo(table, store);
  }

  /**
   * What requests with segments may be.
   *
   * @param maxRequestBytes compressed and decompressed
   * @param maxDocuments segment documents in one request
   */
  public record Limits(int maxRequestBytes, int maxDocuments) {}

  /** Returns the name of the operation at each path. */
  public Map<String, String> operations() {
    return table.names();
  }

  /** Adds a route for each operation; see {@link OperationTable#addTo}. */
  public void addTo(ServerBuilder server, Intake spans, Intake questions) {
    table.addTo(server, spans, questions);
  }

  /** Refuses a request as the X-Ray API does. */
  public static HttpResponse refuse(Refusal refusal) {
    return XRayAnswers.refuse(refusal);
  }
}
