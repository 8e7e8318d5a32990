// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.GrpcKit;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Metrics of real calls, as Prometheus scrapes them. The kit sends to a daemon that is not there.
 */
class ITPrometheusMetrics {
  private static final MethodDescriptor<String, String> GET = method(MethodType.UNARY, "Get");
  private static final MethodDescriptor<String, String> WATCH =
      method(MethodType.SERVER_STREAMING, "Watch");

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final GrpcKit kit =
      GrpcKit.builder("orders")
          .environment(Map.of())
          .sampler(CallSampler.ALWAYS)
          .observer(PrometheusMetrics.registeredWith(registry))
          .build();
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    String name = InProcessServerBuilder.generateName();
    server =
        kit.instrument(InProcessServerBuilder.forName(name))
            .addService(
                ServerServiceDefinition.builder("shop.Orders")
                    .addMethod(
                        GET,
                        ServerCalls.asyncUnaryCall(
                            (request, responses) -> {
                              if (request.isEmpty()) {
                                responses.onError(Status.NOT_FOUND.asRuntimeException());
                              } else {
                                responses.onNext(request);
                                responses.onCompleted();
                              }
                            }))
                    .addMethod(
                        WATCH,
                        ServerCalls.asyncServerStreamingCall(
                            (request, responses) -> responses.onNext(request)))
                    .build())
            .build()
            .start();
    channel = kit.instrument(InProcessChannelBuilder.forName(name)).build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
    kit.close();
  }

  @Test
  void scrape_afterCalls_hasBothSides_withTheTraceAsExemplar() {
    get("a");
    get("a");
    assertThat(catchThrowable(() -> get(""))).isNotNull();
    for (String prefix : List.of("grpc_", "grpc_client_")) {
      await()
          .untilAsserted(
              () ->
                  assertThat(scrape())
                      .contains(
                          prefix + "requests_total{code=\"OK\",method=\"shop.Orders/Get\"} 2.0",
                          prefix
                              + "requests_total{code=\"NOT_FOUND\",method=\"shop.Orders/Get\"} 1.0",
                          prefix + "request_duration_seconds_count{method=\"shop.Orders/Get\"} 3",
                          prefix + "active_requests{method=\"shop.Orders/Get\"} 0.0"));
      assertThat(scrape())
          .filteredOn(line -> line.startsWith(prefix + "request_duration_seconds_bucket"))
          .anyMatch(
              line ->
                  line.matches(".* # \\{span_id=\"[0-9a-f]{16}\",trace_id=\"[0-9a-f]{32}\"} .*"));
    }
  }

  @Test
  void active_openStreams_areCounted_andBackToZeroAfterCancel() {
    List<ClientCall<String, String>> calls = new ArrayList<>();
    AtomicInteger received = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      ClientCall<String, String> call = channel.newCall(WATCH, CallOptions.DEFAULT);
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onMessage(String message) {
              received.incrementAndGet();
            }
          },
          new Metadata());
      call.request(1);
      call.sendMessage("x");
      call.halfClose();
      calls.add(call);
    }
    await().until(() -> received.get() == 100);
    assertThat(scrape())
        .contains(
            "grpc_active_requests{method=\"shop.Orders/Watch\"} 100.0",
            "grpc_client_active_requests{method=\"shop.Orders/Watch\"} 100.0");
    calls.forEach(call -> call.cancel("enough", null));
    await()
        .untilAsserted(
            () ->
                assertThat(scrape())
                    .contains(
                        "grpc_active_requests{method=\"shop.Orders/Watch\"} 0.0",
                        "grpc_client_active_requests{method=\"shop.Orders/Watch\"} 0.0",
                        "grpc_requests_total{code=\"CANCELLED\",method=\"shop.Orders/Watch\"}"
                            + " 100.0"));
  }

  private void get(String request) {
    ClientCalls.blockingUnaryCall(channel, GET, CallOptions.DEFAULT, request);
  }

  private List<String> scrape() {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try {
      OpenMetricsTextFormatWriter.create().write(text, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static MethodDescriptor<String, String> method(MethodType type, String name) {
    MethodDescriptor.Marshaller<String> text =
        new MethodDescriptor.Marshaller<>() {
          @Override
          public InputStream stream(String value) {
            return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
          }

          @Override
          public String parse(InputStream stream) {
            try {
              return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    return MethodDescriptor.newBuilder(text, text)
        .setType(type)
        .setFullMethodName("shop.Orders/" + name)
        .build();
  }
}
