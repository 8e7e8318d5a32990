// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.example.ecommerce.api.v1.CreateOrderRequest;
import com.example.ecommerce.api.v1.GetOrderRequest;
import com.example.ecommerce.api.v1.OrderItem;
import com.example.ecommerce.api.v1.OrderServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.MetadataUtils;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The order service as a process has it, on free ports. */
class ITOrderService {
  private static final Settings SETTINGS =
      Settings.of(
          Map.of(
              "PORT", "127.0.0.1:0",
              "TRACE_MODE", "none",
              "SHUTDOWN_PAUSE_MS", "0",
              "SHUTDOWN_DRAIN_MS", "1000"));

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "none, authorization: missing (expected: Bearer and a token)",
        "Bearer nonsense, authorization: the token is not valid",
      })
  void call_withoutGoodToken_isRefused(String header, String text) throws Exception {
    try (Running service = new OrderService().start(SETTINGS)) {
      ManagedChannel channel = channel(service, "order-backend-1");
      Metadata headers = new Metadata();
      if (header != null) {
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), header);
      }
      var orders =
          OrderServiceGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
      StatusRuntimeException refused =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () -> orders.getOrder(GetOrderRequest.getDefaultInstance()));
      assertThat(refused.getStatus().getCode()).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(refused.getStatus().getDescription()).isEqualTo(text);
      // Who balances load asks without a token.
      for (String name : new String[] {"", OrderServiceGrpc.SERVICE_NAME}) {
        assertThat(
                HealthGrpc.newBlockingStub(channel)
                    .check(HealthCheckRequest.newBuilder().setService(name).build())
                    .getStatus())
            .isEqualTo(ServingStatus.SERVING);
      }
      channel.shutdownNow();
    }
  }

  @Test
  void request_overTenMegabytes_isRefused() throws Exception {
    try (Running service = new OrderService().start(SETTINGS)) {
      ManagedChannel channel = channel(service, "order-backend-1");
      CreateOrderRequest large =
          CreateOrderRequest.newBuilder()
              .setUserId("ada")
              .addItems(OrderItem.newBuilder().setProductId("x".repeat(11 << 20)))
              .build();
      Metadata headers = new Metadata();
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
          "Bearer "
              + Tokens.signedWith(OrderService.DEVELOPERS_SECRET)
                  .issue("ada", Duration.ofMinutes(5)));
      var orders =
          OrderServiceGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
      StatusRuntimeException refused =
          catchThrowableOfType(StatusRuntimeException.class, () -> orders.createOrder(large));
      assertThat(refused.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      channel.shutdownNow();
    }
  }

  @Test
  void experiment_pickFirst_pinsAndRoundRobinSpreads() throws Exception {
    Map<String, Map<String, Integer>> results =
        BalancingExperiment.run(SETTINGS.with("CALLS", 300));
    assertThat(results.get(BalancingExperiment.PICK_FIRST)).hasSize(1).containsValue(300);
    assertThat(results.get(BalancingExperiment.ROUND_ROBIN).values())
        .hasSize(3)
        .allMatch(calls -> calls >= 85 && calls <= 115)
        .satisfies(
            all -> assertThat(all.stream().mapToInt(Integer::intValue).sum()).isEqualTo(300));
    assertThat(BalancingExperiment.table(results)).contains("orders-pick-first: 300 calls");
  }

  @Test
  void settings_thatCannotBeUsed_areNamed() {
    assertThatThrownBy(() -> new OrderService().start(SETTINGS.with("BACKENDS", 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("BACKENDS: 0 (expected: 1 to 20)");
  }

  private static ManagedChannel channel(Running service, String backend) {
    return ManagedChannelBuilder.forAddress("127.0.0.1", service.ports().get(backend))
        .usePlaintext()
        .build();
  }
}
