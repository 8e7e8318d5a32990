// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.otlp;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import io.roentgen.ingest.Ingest;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.server.intake.Intake;
import io.roentgen.server.intake.Refusal;

/** The two ways in for OpenTelemetry. */
public final class OtlpRoutes {
  static final String HTTP_PATH = "/v1/traces";
  static final String GRPC_PATH = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

  private final OtlpHttpService http;
  private final OtlpGrpcService grpc;

  /** Makes both; a request may have {@code maxRequestBytes}, compressed and decompressed. */
  public OtlpRoutes(Intake intake, Ingest ingest, IngestMetrics metrics, int maxRequestBytes) {
    var export = new OtlpExport(ingest, metrics);
    http = new OtlpHttpService(intake, export, maxRequestBytes);
    grpc = new OtlpGrpcService(intake, export, maxRequestBytes);
  }

  /** Adds the routes. They bound their requests themselves, so the server must not. */
  public void addTo(ServerBuilder server) {
    server.route().path(HTTP_PATH).maxRequestLength(0).build(http);
    server.route().path(GRPC_PATH).maxRequestLength(0).build(grpc);
  }

  /** Returns whether a request is of gRPC, by its content type. */
  public static boolean isGrpc(HttpRequest request) {
    MediaType type = request.contentType();
    return type != null
        && type.type().equals("application")
        && (type.subtype().equals("grpc") || type.subtype().startsWith("grpc+"));
  }

  /** Returns whether a request is meant for OTLP over HTTP, by its path. */
  public static boolean isHttp(HttpRequest request) {
    return request.path().startsWith("/v1/");
  }

  /** Refuses a gRPC request. */
  public static HttpResponse refuseGrpc(Refusal refusal) {
    return GrpcAnswers.refuse(refusal);
  }

  /** Refuses an OTLP/HTTP request, in its own encoding. */
  public static HttpResponse refuseHttp(HttpRequest request, Refusal refusal) {
    return OtlpHttpAnswers.of(request).refuse(refusal);
  }
}
