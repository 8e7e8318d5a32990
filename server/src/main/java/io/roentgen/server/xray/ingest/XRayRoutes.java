// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.ingest;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.ServerBuilder;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.ingest.Ingest;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.server.intake.Intake;
import io.roentgen.server.intake.Refusal;
import java.time.InstantSource;

/** PutTraceSegments, PutTelemetryRecords, GetSamplingRules and GetSamplingTargets. */
public final class XRayRoutes {
  private final Intake intake;
  private final PutTraceSegments putTraceSegments;
  private final PutTelemetryRecords putTelemetryRecords;
  private final Sampling sampling;

  /**
   * Makes them.
   *
   * @param maxRequestBytes what a request may have, compressed and decompressed
   * @param maxDocuments how many segment documents one request may bring
   * @param clock tells when clients reported
   */
  public XRayRoutes(
      Intake intake,
      Ingest ingest,
      IngestMetrics metrics,
      PrometheusRegistry registry,
      int maxRequestBytes,
      int maxDocuments,
      InstantSource clock) {
    this.intake = intake;
    putTraceSegments = new PutTraceSegments(ingest, metrics, maxRequestBytes, maxDocuments);
    putTelemetryRecords = new PutTelemetryRecords(registry);
    sampling = new Sampling(clock, registry);
  }

  /** Adds the routes. They bound their requests themselves, so the server must not. */
  public void addTo(ServerBuilder server) {
    add(server, "/TraceSegments", putTraceSegments);
    add(server, "/TelemetryRecords", putTelemetryRecords);
    add(server, "/GetSamplingRules", new GetSamplingRules(sampling));
    add(server, "/SamplingTargets", new GetSamplingTargets(sampling));
  }

  private void add(ServerBuilder server, String path, XRayOperation<?> operation) {
    server.route().path(path).maxRequestLength(0).build(new XRayService<>(intake, operation));
  }

  /** Refuses a request as the X-Ray API does. */
  public static HttpResponse refuse(Refusal refusal) {
    return XRayAnswers.refuse(refusal);
  }
}
