// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.orders;

import com.example.ecommerce.api.v1.ListOrdersRequest;
import com.example.ecommerce.api.v1.Order;
import com.example.ecommerce.api.v1.OrderStatus;
import com.example.ecommerce.api.v1.OrderUpdate;
import com.example.ecommerce.api.v1.ProcessOrderRequest;
import com.example.ecommerce.api.v1.ProcessOrderResponse;
import com.example.ecommerce.api.v1.WatchOrderRequest;
import io.grpc.NameResolverRegistry;
import io.grpc.stub.StreamObserver;
import io.roentgen.examples.common.Application;
import io.roentgen.examples.common.Launcher;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.common.Tracing;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.ActiveSpan.Kind;
import io.roentgen.grpc.client.StaticNameResolverProvider;
import io.roentgen.grpc.client.Watch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Who takes orders: makes one now and then, watches it, sees it through to its delivery, and reads
 * what the customer has ordered before. A client of all kinds of call, each order one trace.
 */
public final class OrderDesk implements Application {
  private static final System.Logger LOG = System.getLogger(OrderDesk.class.getName());
  private static final Duration TOKEN_VALID = Duration.ofDays(1);
  private static final long STEP_SECONDS = 5;

  @Override
  public String name() {
    return "order-desk";
  }

  /** Runs it. */
  public static void main(String[] arguments) throws InterruptedException {
    Launcher.run(new OrderDesk(), arguments);
  }

  @Override
  public Running start(Settings settings) throws Exception {
    List<String> backends = settings.list("ORDER_BACKENDS", "127.0.0.1:50051");
    long everyMillis = settings.number("ORDER_EVERY_MS", 1_000, 10, 3_600_000);
    Tokens tokens =
        Tokens.signedWith(settings.text("TOKEN_SECRET", OrderService.DEVELOPERS_SECRET));
    StaticNameResolverProvider names;
    try {
      names = StaticNameResolverProvider.of("order-service", backends);
    } catch (IllegalArgumentException e) {
      throw settings.bad("ORDER_BACKENDS", "host:port, with commas between", e);
    }
    Tracing tracing = Tracing.start(settings, settings.text("SERVICE_NAME", name()));
    NameResolverRegistry registry = NameResolverRegistry.getDefaultRegistry();
    registry.register(names);
    OrderClient client;
    try {
      client =
          OrderClient.connect(
              tracing, "static:///order-service", tokens.issue("order-desk", TOKEN_VALID));
    } catch (Exception e) {
      registry.deregister(names);
      tracing.close();
      throw e;
    }
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    var unused =
        timer.scheduleWithFixedDelay(
            () -> order(tracing, client), 0, everyMillis, TimeUnit.MILLISECONDS);
    return Launcher.together(
        Map.of(), List.of(timer::shutdownNow, () -> registry.deregister(names), client, tracing));
  }

  @SuppressWarnings("try") // The scope is closed, and not used otherwise.
  static void order(Tracing tracing, OrderClient client) {
    ActiveSpan span = tracing.kit().start("order", Kind.SERVER, null);
    try (ActiveSpan.Scope scope = span.makeCurrent()) {
      Order order = client.create("ada", "lamp", 2, 19.5);
      span.annotate("order_id", order.getId());
      try (Watch<WatchOrderRequest, OrderUpdate> watch = client.watch(order.getId())) {
        CompletableFuture<Void> delivered = delivered(watch);
        seeThrough(client, order.getId());
        delivered.get(STEP_SECONDS, TimeUnit.SECONDS);
      }
      client.get(order.getId()).get(STEP_SECONDS, TimeUnit.SECONDS);
      client
          .orders()
          .listOrders(ListOrdersRequest.newBuilder().setUserId("ada").setPageSize(10).build())
          .forEachRemaining(before -> {});
    } catch (Exception e) {
      // The next order may be luckier; what went wrong is in the trace.
      span.recordException(e);
      LOG.log(System.Logger.Level.WARNING, "order failed: {0}", String.valueOf(e.getMessage()));
    } finally {
      span.end();
    }
  }

  private static CompletableFuture<Void> delivered(Watch<WatchOrderRequest, OrderUpdate> watch) {
    CompletableFuture<Void> delivered = new CompletableFuture<>();
    watch
        .updates()
        .subscribe(
            new Flow.Subscriber<>() {
              @Override
              public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
              }

              @Override
              public void onNext(OrderUpdate update) {
                if (update.getOrder().getStatus() == OrderStatus.ORDER_STATUS_DELIVERED) {
                  delivered.complete(null);
                }
              }

              @Override
              public void onError(Throwable thrown) {
                delivered.completeExceptionally(thrown);
              }

              @Override
              public void onComplete() {
                delivered.complete(null);
              }
            });
    return delivered;
  }

  /** Confirms, ships and delivers over one stream, each step once the one before is answered. */
  private static void seeThrough(OrderClient client, String id) throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    List<OrderStatus> steps =
        List.of(
            OrderStatus.ORDER_STATUS_CONFIRMED,
            OrderStatus.ORDER_STATUS_SHIPPED,
            OrderStatus.ORDER_STATUS_DELIVERED);
    Steps answers = new Steps(id, steps, done);
    StreamObserver<ProcessOrderRequest> requests = client.asynchronous().processOrders(answers);
    answers.start(requests);
    done.get(STEP_SECONDS, TimeUnit.SECONDS);
  }

  private static final class Steps implements StreamObserver<ProcessOrderResponse> {
    private final String id;
    private final List<OrderStatus> steps;
    private final CompletableFuture<Void> done;
    private volatile @Nullable StreamObserver<ProcessOrderRequest> requests;
    private int sent;

    Steps(String id, List<OrderStatus> steps, CompletableFuture<Void> done) {
      this.id = id;
      this.steps = steps;
      this.done = done;
    }

    void start(StreamObserver<ProcessOrderRequest> newRequests) {
      requests = newRequests;
      next(newRequests);
    }

    private void next(StreamObserver<ProcessOrderRequest> to) {
      if (sent == steps.size()) {
        to.onCompleted();
        return;
      }
      OrderStatus status = steps.get(sent);
      sent++;
      to.onNext(ProcessOrderRequest.newBuilder().setOrderId(id).setNewStatus(status).build());
    }

    @Override
    public void onNext(ProcessOrderResponse answer) {
      StreamObserver<ProcessOrderRequest> to = requests;
      if (to == null || !answer.getSuccess()) {
        done.completeExceptionally(new IllegalStateException(answer.getErrorMessage()));
        return;
      }
      next(to);
    }

    @Override
    public void onError(Throwable thrown) {
      done.completeExceptionally(thrown);
    }

    @Override
    public void onCompleted() {
      done.complete(null);
    }
  }
}
