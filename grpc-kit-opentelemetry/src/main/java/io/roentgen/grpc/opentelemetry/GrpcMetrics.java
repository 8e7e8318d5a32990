// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.grpc.opentelemetry.GrpcOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import java.util.Objects;

/**
 * gRPC's own metrics of calls and attempts, {@code grpc.client.call.duration} and its kin, through
 * OpenTelemetry. Needs {@code io.grpc:grpc-opentelemetry} on the class path.
 *
 * <pre>{@code
 * GrpcMetrics metrics = GrpcMetrics.of(openTelemetry);
 * Server server = metrics.configure(kit.instrument(ServerBuilder.forPort(50051))).build();
 * }</pre>
 *
 * <p>Source: gRPC proposal A66.
 */
public final class GrpcMetrics {
  private final GrpcOpenTelemetry metrics;

  private GrpcMetrics(GrpcOpenTelemetry metrics) {
    this.metrics = metrics;
  }

  /** Returns the metrics that gRPC records by default, recorded through {@code openTelemetry}. */
  public static GrpcMetrics of(OpenTelemetry openTelemetry) {
    Objects.requireNonNull(openTelemetry, "openTelemetry");
    return new GrpcMetrics(GrpcOpenTelemetry.newBuilder().sdk(openTelemetry).build());
  }

  /** Has a server's calls measured; returns the builder. */
  public <T extends ServerBuilder<T>> T configure(T builder) {
    metrics.configureServerBuilder(builder);
    return builder;
  }

  /** Has a channel's calls and attempts measured; returns the builder. */
  public <T extends ManagedChannelBuilder<T>> T configure(T builder) {
    metrics.configureChannelBuilder(builder);
    return builder;
  }
}
