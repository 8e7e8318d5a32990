// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.List;

/** An OpenTelemetry SDK that keeps its spans. */
final class Sdk implements AutoCloseable {
  private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
  final OpenTelemetrySdk api;

  Sdk() {
    this(Sampler.parentBased(Sampler.alwaysOn()));
  }

  Sdk(Sampler sampler) {
    this(sampler, TextMapPropagator.noop());
  }

  Sdk(Sampler sampler, TextMapPropagator propagator) {
    api =
        OpenTelemetrySdk.builder()
            .setTracerProvider(
                SdkTracerProvider.builder()
                    .setSampler(sampler)
                    .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                    .build())
            .setPropagators(ContextPropagators.create(propagator))
            .build();
  }

  /** Returns what has ended, in that order. */
  List<SpanData> all() {
    return exporter.getFinishedSpanItems();
  }

  /** Returns the only span of that kind. */
  SpanData only(SpanKind kind) {
    List<SpanData> found = all().stream().filter(span -> span.getKind() == kind).toList();
    assertThat(found).as("%s of %s", kind, all()).hasSize(1);
    return found.get(0);
  }

  @Override
  public void close() {
    api.close();
  }
}
