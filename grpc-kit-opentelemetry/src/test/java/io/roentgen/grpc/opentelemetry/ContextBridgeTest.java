// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.testing.EchoService;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContextBridgeTest {
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void handler_ofAKitThatSendsToXRay_findsItsIdsInOpenTelemetry(boolean sampled) {
    AtomicReference<SpanContext> seen = new AtomicReference<>();
    AtomicReference<ActiveSpan> active = new AtomicReference<>();
    EchoService service =
        EchoService.answering(
            text -> {
              seen.set(Span.current().getSpanContext());
              active.set(ActiveSpan.current());
              return text;
            });
    try (GrpcKit kit =
            GrpcKit.builder("kit")
                .environment(Map.of())
                .transport(new Seen.Segments())
                .sampler(sampled ? CallSampler.ALWAYS : CallSampler.NEVER)
                .build();
        Rig rig = new Rig()) {
      String name =
          rig.serve(
              service,
              builder ->
                  builder
                      .intercept(ContextBridge.serverInterceptor())
                      .intercept(kit.serverInterceptor()));
      Channel channel = rig.connect(name, builder -> {});
      Rig.call(channel, "a");
    }
    assertThat(seen.get().getTraceId()).isEqualTo(active.get().traceId().toString());
    assertThat(seen.get().isSampled()).isEqualTo(sampled);
    if (sampled) {
      assertThat(seen.get().getSpanId()).isEqualTo(active.get().spanId().toString());
    }
  }
}
