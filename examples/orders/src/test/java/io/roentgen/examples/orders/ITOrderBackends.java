// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.example.ecommerce.api.v1.CreateOrderRequest;
import com.example.ecommerce.api.v1.GetOrderRequest;
import com.example.ecommerce.api.v1.ListOrdersRequest;
import com.example.ecommerce.api.v1.Order;
import com.example.ecommerce.api.v1.OrderItem;
import com.example.ecommerce.api.v1.OrderServiceGrpc.OrderServiceBlockingStub;
import io.grpc.NameResolverRegistry;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.roentgen.examples.common.GrpcService;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.common.Tracing;
import io.roentgen.grpc.client.FileNameResolverProvider;
import io.roentgen.grpc.client.LoadBalancing;
import io.roentgen.grpc.client.OutlierDetection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backends that come, go, fall ill and are added, and what the client's calls see of it. */
class ITOrderBackends {
  private static final Settings SETTINGS =
      Settings.of(
          Map.of(
              "TRACE_MODE", "none",
              "SHUTDOWN_PAUSE_MS", "300",
              "SHUTDOWN_DRAIN_MS", "5000"));
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int ROUND = 60;
  private static final int WORKERS = 4;

  @TempDir private Path folder;

  private final FileNameResolverProvider names =
      FileNameResolverProvider.every(Duration.ofMillis(100));
  private final List<GrpcService> running = new ArrayList<>();
  private final String token =
      Tokens.signedWith(OrderService.DEVELOPERS_SECRET).issue("ada", Duration.ofMinutes(5));
  private Tracing tracing;

  @BeforeEach
  void register() {
    tracing = Tracing.start(SETTINGS, "order-service");
    NameResolverRegistry.getDefaultRegistry().register(names);
  }

  @AfterEach
  void close() {
    NameResolverRegistry.getDefaultRegistry().deregister(names);
    running.forEach(GrpcService::kill);
    tracing.close();
  }

  @Test
  void rollingRestart_underLoad_failsNoUnaryCall() throws Exception {
    OrderBackends backends = start(SETTINGS, 3);
    Map<String, Integer> served = new ConcurrentHashMap<>();
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger answered = new AtomicInteger();
    try (OrderClient client = connect(LoadBalancing.roundRobin());
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < WORKERS; i++) {
        all.add(
            workers.submit(
                () -> {
                  while (!done.get()) {
                    order(client, served);
                    answered.incrementAndGet();
                  }
                  return null;
                }));
      }
      try {
        for (int i = 0; i < running.size(); i++) {
          String instance = OrderBackends.instance(i + 1);
          await().atMost(TIMEOUT).until(() -> served.containsKey(instance));
          GrpcService old = running.get(i);
          int port = old.port();
          int before = answered.get();
          old.close();
          assertThat(answered.get()).as("orders while one was away").isGreaterThan(before);
          running.set(i, backends.start(i + 1, "127.0.0.1:" + port));
          served.clear();
          await().atMost(TIMEOUT).until(() -> served.containsKey(instance));
        }
      } finally {
        done.set(true);
      }
      for (Future<?> worker : all) {
        worker.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS); // Throws what a call threw.
      }
    }
  }

  @Test
  void backend_thatIsNotServing_getsNoCalls_untilItServesAgain() throws Exception {
    start(SETTINGS, 3);
    try (OrderClient client = connect(LoadBalancing.roundRobin())) {
      await().atMost(TIMEOUT).until(() -> creates(client).size() == 3);
      running.get(1).health().notServing("");
      await()
          .atMost(TIMEOUT)
          .untilAsserted(
              () ->
                  assertThat(creates(client))
                      .containsOnlyKeys("order-backend-1", "order-backend-3"));
      assertThat(creates(client)).containsOnlyKeys("order-backend-1", "order-backend-3");
      running.get(1).health().serving("");
      await().atMost(TIMEOUT).until(() -> creates(client).containsKey("order-backend-2"));
    }
  }

  @Test
  void fourthBackend_thatIsAdded_getsItsShare() throws Exception {
    OrderBackends backends = start(SETTINGS, 3);
    try (OrderClient client = connect(LoadBalancing.roundRobin())) {
      await().atMost(TIMEOUT).until(() -> creates(client).size() == 3);
      running.add(backends.start(4, "127.0.0.1:0"));
      writeAddresses();
      await()
          .atMost(TIMEOUT)
          .untilAsserted(
              () ->
                  assertThat(creates(client).getOrDefault("order-backend-4", 0))
                      .isGreaterThanOrEqualTo(ROUND * 15 / 100));
    }
  }

  @Test
  void backend_thatIsHealthyAndAnswersUnavailable_isLeftOutByOutlierDetection() throws Exception {
    start(SETTINGS.with("BROKEN_BACKEND", 2), 3);
    OutlierDetection detection =
        new OutlierDetection(5, Duration.ofMillis(500), Duration.ofMinutes(1), 50, 85);
    try (OrderClient plain = connect(LoadBalancing.roundRobin());
        OrderClient client = connect(LoadBalancing.roundRobin().withOutlierDetection(detection))) {
      await().atMost(TIMEOUT).until(() -> creates(plain).size() == 3);
      await()
          .atMost(TIMEOUT)
          .untilAsserted(
              () ->
                  assertThat(creates(client))
                      .containsOnlyKeys("order-backend-1", "order-backend-3"));
      // Without detection a third of the calls still meets it.
      assertThat(creates(plain).get("order-backend-2 UNAVAILABLE")).isBetween(ROUND / 5, ROUND / 2);
    }
  }

  /** Starts backends and tells where they are. */
  private OrderBackends start(Settings settings, int count) throws IOException {
    OrderBackends backends = new OrderBackends(settings, tracing);
    for (int i = 0; i < count; i++) {
      running.add(backends.start(i + 1, "127.0.0.1:0"));
    }
    writeAddresses();
    return backends;
  }

  private void writeAddresses() throws IOException {
    List<String> lines = running.stream().map(each -> "127.0.0.1:" + each.port()).toList();
    Path written = Files.write(folder.resolve("backends.new"), lines);
    Files.move(written, addresses(), StandardCopyOption.ATOMIC_MOVE);
  }

  private Path addresses() {
    return folder.resolve("backends").toAbsolutePath();
  }

  private OrderClient connect(LoadBalancing policy) throws InterruptedException {
    return OrderClient.connect(tracing, addresses().toUri().toString(), token, policy);
  }

  /** Makes an order, reads it twice, and lists what there is. */
  private static void order(OrderClient client, Map<String, Integer> served) throws Exception {
    Order order = client.create("ada", "lamp", 1, 19.5);
    OrderServiceBlockingStub counted = counting(client, served);
    assertThat(counted.getOrder(GetOrderRequest.newBuilder().setOrderId(order.getId()).build()))
        .isEqualTo(order);
    assertThat(client.get(order.getId()).get(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
        .isEqualTo(order);
    assertThat(
            counted.listOrders(
                ListOrdersRequest.newBuilder().setUserId("ada").setPageSize(1).build()))
        .toIterable()
        .hasSize(1);
  }

  /** Creates a round of orders without retries; returns who had them, with the code unless OK. */
  private static Map<String, Integer> creates(OrderClient client) {
    Map<String, Integer> served = new ConcurrentHashMap<>();
    OrderServiceBlockingStub orders = client.orders();
    CreateOrderRequest request =
        CreateOrderRequest.newBuilder()
            .setUserId("ada")
            .addItems(OrderItem.newBuilder().setProductId("lamp").setQuantity(1).setPrice(1))
            .build();
    for (int i = 0; i < ROUND; i++) {
      List<String> by = new ArrayList<>();
      Code code = Code.OK;
      try {
        orders.withInterceptors(new InstanceCounter(by::add)).createOrder(request);
      } catch (StatusRuntimeException e) {
        code = e.getStatus().getCode();
      }
      String suffix = code == Code.OK ? "" : " " + code;
      by.forEach(instance -> served.merge(instance + suffix, 1, Integer::sum));
    }
    return served;
  }

  private static OrderServiceBlockingStub counting(
      OrderClient client, Map<String, Integer> served) {
    return client
        .orders()
        .withInterceptors(new InstanceCounter(instance -> served.merge(instance, 1, Integer::sum)));
  }
}
