// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.orders;

import com.example.ecommerce.api.v1.BatchCreateOrdersResponse;
import com.example.ecommerce.api.v1.CreateOrderRequest;
import com.example.ecommerce.api.v1.GetOrderRequest;
import com.example.ecommerce.api.v1.ListOrdersRequest;
import com.example.ecommerce.api.v1.Order;
import com.example.ecommerce.api.v1.OrderItem;
import com.example.ecommerce.api.v1.OrderServiceGrpc;
import com.example.ecommerce.api.v1.OrderUpdate;
import com.example.ecommerce.api.v1.ProcessOrderRequest;
import com.example.ecommerce.api.v1.ProcessOrderResponse;
import com.example.ecommerce.api.v1.WatchOrderRequest;
import com.google.rpc.BadRequest;
import com.google.rpc.ResourceInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.server.FieldViolation;
import io.roentgen.grpc.server.RichError;
import io.roentgen.grpc.server.paging.Page;
import io.roentgen.grpc.server.paging.PageRequest;
import io.roentgen.grpc.server.paging.PageTokens;
import io.roentgen.grpc.server.stream.ResponseStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The order service. What it throws becomes a status in the slot for errors. */
final class Orders extends OrderServiceGrpc.OrderServiceImplBase {
  private static final int FAILURES_TOLD = 10;

  private final OrderStore store;
  private final PageTokens pages;
  private final Consumer<Order> created;

  /**
   * @param created is told of each new order
   */
  Orders(OrderStore store, PageTokens pages, Consumer<Order> created) {
    this.store = store;
    this.pages = pages;
    this.created = created;
  }

  @Override
  public void createOrder(CreateOrderRequest request, StreamObserver<Order> out) {
    List<FieldViolation> violations = violations(request);
    if (!violations.isEmpty()) {
      throw RichError.badRequest(violations).toException();
    }
    Order order = store.create(request, CallExtras.current().idempotencyKey());
    ActiveSpan.current()
        .annotate("order_id", order.getId())
        .annotate("order_items", order.getItemsCount());
    created.accept(order);
    out.onNext(order);
    out.onCompleted();
  }

  /**
   * The rules are here and not in the slot for validation, as in a batch a bad order does not end
   * the call.
   */
  static List<FieldViolation> violations(CreateOrderRequest request) {
    List<FieldViolation> violations = new ArrayList<>();
    if (request.getUserId().isEmpty()) {
      violations.add(new FieldViolation("user_id", "user_id is required"));
    }
    if (request.getItemsCount() == 0) {
      violations.add(new FieldViolation("items", "at least one item required"));
    }
    for (int i = 0; i < request.getItemsCount(); i++) {
      OrderItem item = request.getItems(i);
      if (item.getQuantity() < 1) {
        violations.add(new FieldViolation("items[" + i + "].quantity", "must be 1 or more"));
      }
      if (!(item.getPrice() >= 0 && item.getPrice() < 1e12)) {
        violations.add(new FieldViolation("items[" + i + "].price", "must be 0 or more"));
      }
    }
    return violations;
  }

  @Override
  public void getOrder(GetOrderRequest request, StreamObserver<Order> out) {
    ActiveSpan.current().annotate("order_id", request.getOrderId());
    Order order = store.find(request.getOrderId());
    if (order == null) {
      throw notFound(request.getOrderId());
    }
    out.onNext(order);
    out.onCompleted();
  }

  private static StatusRuntimeException notFound(String id) {
    return RichError.of(Status.NOT_FOUND.withDescription("order " + shown(id) + " not found"))
        .with(
            ResourceInfo.newBuilder()
                .setResourceType("ecommerce.v1.Order")
                .setResourceName(shown(id))
                .setDescription("there is no such order, or not any more")
                .build())
        .toException();
  }

  private static String shown(String id) {
    return id.length() > 64 ? id.substring(0, 64) : id;
  }

  @Override
  public void watchOrder(WatchOrderRequest request, StreamObserver<OrderUpdate> out) {
    ActiveSpan.current().annotate("order_id", request.getOrderId());
    Flow.@Nullable Publisher<OrderUpdate> updates = store.watch(request.getOrderId());
    if (updates == null) {
      throw notFound(request.getOrderId());
    }
    ResponseStream.send(updates, out);
  }

  @Override
  public void listOrders(ListOrdersRequest request, StreamObserver<Order> out) {
    PageRequest asked =
        pages.read(request.getPageSize(), request.getPageToken(), request.getUserId());
    Page<Order> page =
        asked.of(store.list(request.getUserId(), asked.after(), asked.limit()), Order::getId);
    if (!page.nextPageToken().isEmpty()) {
      CallExtras.current().trailers().put(CallExtras.NEXT_PAGE_TOKEN, page.nextPageToken());
    }
    ResponseStream.send(page.items().iterator(), out);
  }

  @Override
  public StreamObserver<CreateOrderRequest> batchCreateOrders(
      StreamObserver<BatchCreateOrdersResponse> out) {
    BatchCreateOrdersResponse.Builder answer = BatchCreateOrdersResponse.newBuilder();
    BadRequest.Builder failures = BadRequest.newBuilder();
    return new StreamObserver<>() {
      @Override
      public void onNext(CreateOrderRequest request) {
        int index = answer.getSuccessCount() + answer.getFailureCount();
        List<FieldViolation> violations = violations(request);
        if (!violations.isEmpty()) {
          answer.setFailureCount(answer.getFailureCount() + 1);
          if (answer.getFailureCount() <= FAILURES_TOLD) {
            failures
                .addFieldViolationsBuilder()
                .setField("orders[" + index + "]")
                .setDescription(violations.get(0).description());
          }
          return;
        }
        Order order = store.create(request, null);
        created.accept(order);
        answer.addOrders(order).setSuccessCount(answer.getSuccessCount() + 1);
      }

      @Override
      public void onError(Throwable thrown) {
        // The caller has gone; what was created stays.
      }

      @Override
      public void onCompleted() {
        ActiveSpan.current()
            .annotate("batch_orders", answer.getSuccessCount())
            .annotate("batch_failures", answer.getFailureCount());
        if (failures.getFieldViolationsCount() > 0) {
          CallExtras.current()
              .trailers()
              .put(CallExtras.BATCH_FAILURES, failures.build().toByteArray());
        }
        out.onNext(answer.build());
        out.onCompleted();
      }
    };
  }

  @Override
  public StreamObserver<ProcessOrderRequest> processOrders(
      StreamObserver<ProcessOrderResponse> responses) {
    ServerCallStreamObserver<ProcessOrderResponse> out =
        (ServerCallStreamObserver<ProcessOrderResponse>) responses;
    // The next request is taken when its answer can be sent: a reader that is slow is waited for.
    out.disableAutoRequest();
    boolean[] waits = {true};
    out.setOnReadyHandler(
        () -> {
          if (waits[0]) {
            waits[0] = false;
            out.request(1);
          }
        });
    return new StreamObserver<>() {
      @Override
      public void onNext(ProcessOrderRequest request) {
        out.onNext(process(request));
        if (out.isReady()) {
          out.request(1);
        } else {
          waits[0] = true;
        }
      }

      @Override
      public void onError(Throwable thrown) {
        // The caller has gone; what was done stays.
      }

      @Override
      public void onCompleted() {
        out.onCompleted();
      }
    };
  }

  private ProcessOrderResponse process(ProcessOrderRequest request) {
    ProcessOrderResponse.Builder answer =
        ProcessOrderResponse.newBuilder().setOrderId(request.getOrderId());
    try {
      store.move(request.getOrderId(), request.getNewStatus());
      return answer.setSuccess(true).build();
    } catch (OrderStore.TransitionException e) {
      return answer.setErrorMessage(String.valueOf(e.getMessage())).build();
    }
  }
}
