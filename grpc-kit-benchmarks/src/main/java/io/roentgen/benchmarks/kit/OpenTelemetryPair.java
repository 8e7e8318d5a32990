// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import io.grpc.opentelemetry.GrpcOpenTelemetry;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.instrumentation.grpc.v1_6.GrpcTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.RpcNames;
import io.roentgen.grpc.opentelemetry.OpenTelemetrySpans;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Level;
import java.util.logging.Logger;

/** What stands on OpenTelemetry; a class of its own, as few variants have its library. */
final class OpenTelemetryPair {
  /** It warns many times a second of what it drops; held, or it would forget its level. */
  private static final Logger DROPS = Logger.getLogger(BatchSpanProcessor.class.getName());

  private OpenTelemetryPair() {}

  /** OpenTelemetry's own interceptors, with a share of the traces sampled. */
  static Pair library(double share) {
    Counting exporter = new Counting();
    Sampler sampler =
        share == 0
            ? Sampler.alwaysOff()
            : share == 1
                ? Sampler.alwaysOn()
                : Sampler.parentBased(Sampler.traceIdRatioBased(share));
    OpenTelemetrySdk sdk = sdk(sampler, exporter);
    GrpcTelemetry telemetry = GrpcTelemetry.create(sdk);
    return Pair.of(
        List.of(telemetry.createClientInterceptor()),
        List.of(telemetry.createServerInterceptor()),
        exporter.spans::sum,
        sdk);
  }

  /** This kit, whose spans are made by the same SDK. */
  static Pair kit() {
    Counting exporter = new Counting();
    OpenTelemetrySdk sdk = sdk(Sampler.alwaysOn(), exporter);
    GrpcKit kit =
        GrpcKit.builder("bench")
            .environment(Map.of())
            .spans(OpenTelemetrySpans.builder(sdk).rpcNames(RpcNames.OLD).build())
            .build();
    return new Pair(
        List.of(kit.clientInterceptor()),
        List.of(kit.serverInterceptor()),
        kit::instrument,
        kit::instrument,
        exporter.spans::sum,
        () -> {
          kit.close();
          sdk.close();
        });
  }

  /** gRPC's own metrics, collected and dropped every second. */
  static Pair grpcMetrics() {
    OpenTelemetrySdk sdk =
        OpenTelemetrySdk.builder()
            .setMeterProvider(
                SdkMeterProvider.builder()
                    .registerMetricReader(
                        PeriodicMetricReader.builder(new NoMetrics())
                            .setInterval(Duration.ofSeconds(1))
                            .build())
                    .build())
            .build();
    GrpcOpenTelemetry metrics = GrpcOpenTelemetry.newBuilder().sdk(sdk).build();
    return new Pair(
        List.of(),
        List.of(),
        metrics::configureChannelBuilder,
        metrics::configureServerBuilder,
        () -> 0,
        sdk);
  }

  private static OpenTelemetrySdk sdk(Sampler sampler, SpanExporter exporter) {
    DROPS.setLevel(Level.OFF);
    return OpenTelemetrySdk.builder()
        .setTracerProvider(
            SdkTracerProvider.builder()
                .setSampler(sampler)
                .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
                .build())
        .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
        .build();
  }

  private static final class Counting implements SpanExporter {
    private final LongAdder spans = new LongAdder();

    @Override
    public CompletableResultCode export(Collection<SpanData> batch) {
      spans.add(batch.size());
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  private static final class NoMetrics implements MetricExporter {
    @Override
    public AggregationTemporality getAggregationTemporality(InstrumentType type) {
      return AggregationTemporality.CUMULATIVE;
    }

    @Override
    public CompletableResultCode export(Collection<MetricData> metrics) {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }
}
