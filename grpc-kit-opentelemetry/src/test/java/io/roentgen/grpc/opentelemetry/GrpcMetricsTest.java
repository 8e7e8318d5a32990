// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Channel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.roentgen.grpc.testing.EchoService;
import org.junit.jupiter.api.Test;

class GrpcMetricsTest {
  @Test
  void configure_bothSides_recordsCallsAndAttempts() {
    InMemoryMetricReader reader = InMemoryMetricReader.create();
    SdkMeterProvider meters = SdkMeterProvider.builder().registerMetricReader(reader).build();
    try (OpenTelemetrySdk sdk = OpenTelemetrySdk.builder().setMeterProvider(meters).build();
        Rig rig = new Rig()) {
      GrpcMetrics metrics = GrpcMetrics.of(sdk);
      String name =
          rig.serve(
              EchoService.echo(),
              builder ->
                  assertThat(metrics.configure((InProcessServerBuilder) builder))
                      .isSameAs(builder));
      Channel channel =
          rig.connect(
              name,
              builder ->
                  assertThat(metrics.configure((InProcessChannelBuilder) builder))
                      .isSameAs(builder));
      Rig.call(channel, "a");
      await()
          .untilAsserted(
              () ->
                  assertThat(reader.collectAllMetrics())
                      .extracting(MetricData::getName)
                      .contains(
                          "grpc.client.attempt.duration",
                          "grpc.client.call.duration",
                          "grpc.server.call.duration"));
    }
  }
}
