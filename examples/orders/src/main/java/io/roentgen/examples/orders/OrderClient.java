// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.orders;

import com.example.ecommerce.api.v1.CreateOrderRequest;
import com.example.ecommerce.api.v1.GetOrderRequest;
import com.example.ecommerce.api.v1.Order;
import com.example.ecommerce.api.v1.OrderItem;
import com.example.ecommerce.api.v1.OrderServiceGrpc;
import com.example.ecommerce.api.v1.OrderUpdate;
import com.example.ecommerce.api.v1.WatchOrderRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.roentgen.examples.common.Channels;
import io.roentgen.examples.common.Tracing;
import io.roentgen.grpc.client.ChannelDefaults;
import io.roentgen.grpc.client.Connections;
import io.roentgen.grpc.client.LoadBalancing;
import io.roentgen.grpc.client.MethodPolicy;
import io.roentgen.grpc.client.Retry;
import io.roentgen.grpc.client.RetryPolicy;
import io.roentgen.grpc.client.ServiceConfig;
import io.roentgen.grpc.client.Watch;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A client of the order service: round robin over the backends that are healthy, retries of what
 * may be tried again, a deadline for calls with one answer. Each way to call has an example here:
 * blocking, with a future, and as a stream of updates.
 */
final class OrderClient implements AutoCloseable {
  private static final String SERVICE = OrderServiceGrpc.SERVICE_NAME;
  private static final Duration DEADLINE = Duration.ofSeconds(5);

  private final ManagedChannel channel;
  private final Channel withToken;
  private final OrderServiceGrpc.OrderServiceBlockingStub orders;

  private OrderClient(ManagedChannel channel, String token) {
    this.channel = channel;
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    withToken =
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    orders = OrderServiceGrpc.newBlockingStub(withToken);
  }

  /** Connects, and waits until there is a connection. */
  static OrderClient connect(Tracing tracing, String target, String token)
      throws InterruptedException {
    return connect(tracing, target, token, LoadBalancing.roundRobin());
  }

  static OrderClient connect(
      Tracing tracing, String target, String token, LoadBalancing loadBalancing)
      throws InterruptedException {
    ManagedChannel channel =
        Channels.to(
            tracing,
            target,
            ChannelDefaults.builder().serviceConfig(serviceConfig(loadBalancing)).build());
    OrderClient client = new OrderClient(channel, token);
    try {
      Connections.awaitReady(channel);
    } catch (InterruptedException | RuntimeException e) {
      client.close();
      throw e;
    }
    return client;
  }

  /** Reading may be tried again; creating only with an idempotency key, by {@link #create}. */
  static ServiceConfig serviceConfig(LoadBalancing loadBalancing) {
    // 5 attempts, 0.1 s doubling up to 10 s, after UNAVAILABLE.
    MethodPolicy reading = MethodPolicy.builder().retry(RetryPolicy.DEFAULT).build();
    ServiceConfig.Builder config =
        ServiceConfig.builder()
            .loadBalancing(loadBalancing)
            .method(SERVICE + "/GetOrder", reading)
            .method(SERVICE + "/ListOrders", reading);
    if (!loadBalancing.policy().equals(LoadBalancing.pickFirst().policy())) {
      config.healthCheck(""); // pick_first never asks for health.
    }
    return config.build();
  }

  /** Blocking, tried again by hand: the key makes the second attempt harmless. */
  Order create(String user, String product, int quantity, double price) {
    Metadata key = new Metadata();
    key.put(CallExtras.IDEMPOTENCY_KEY, UUID.randomUUID().toString());
    CreateOrderRequest request =
        CreateOrderRequest.newBuilder()
            .setUserId(user)
            .addItems(
                OrderItem.newBuilder().setProductId(product).setQuantity(quantity).setPrice(price))
            .build();
    return Retry.create()
        .call(
            OrderServiceGrpc.getCreateOrderMethod(),
            () ->
                orders
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(key))
                    .createOrder(request));
  }

  /** With a future; nothing waits. */
  CompletableFuture<Order> get(String id) {
    return Retry.create()
        .callAsync(
            withToken,
            OrderServiceGrpc.getGetOrderMethod(),
            CallOptions.DEFAULT.withDeadlineAfter(DEADLINE.toSeconds(), TimeUnit.SECONDS),
            GetOrderRequest.newBuilder().setOrderId(id).build());
  }

  /** As a stream with back-pressure, ended by closing it. */
  Watch<WatchOrderRequest, OrderUpdate> watch(String id) {
    return Watch.of(
        withToken,
        OrderServiceGrpc.getWatchOrderMethod(),
        CallOptions.DEFAULT,
        WatchOrderRequest.newBuilder().setOrderId(id).build());
  }

  /** The generated stub, for everything else. */
  OrderServiceGrpc.OrderServiceBlockingStub orders() {
    return orders;
  }

  /** The generated stub whose calls do not wait. */
  OrderServiceGrpc.OrderServiceStub asynchronous() {
    return OrderServiceGrpc.newStub(withToken);
  }

  @Override
  public void close() {
    Channels.close(channel);
  }
}
