// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.example.ecommerce.api.v1.BatchCreateOrdersResponse;
import com.example.ecommerce.api.v1.CreateOrderRequest;
import com.example.ecommerce.api.v1.GetOrderRequest;
import com.example.ecommerce.api.v1.ListOrdersRequest;
import com.example.ecommerce.api.v1.Order;
import com.example.ecommerce.api.v1.OrderItem;
import com.example.ecommerce.api.v1.OrderServiceGrpc;
import com.example.ecommerce.api.v1.OrderStatus;
import com.example.ecommerce.api.v1.OrderUpdate;
import com.example.ecommerce.api.v1.ProcessOrderRequest;
import com.example.ecommerce.api.v1.ProcessOrderResponse;
import com.example.ecommerce.api.v1.WatchOrderRequest;
import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.ResourceInfo;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.roentgen.grpc.server.ErrorMapping;
import io.roentgen.grpc.server.ServerSlots;
import io.roentgen.grpc.server.Slot;
import io.roentgen.grpc.server.paging.PageTokens;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OrdersTest {
  private static final OrderItem LAMP =
      OrderItem.newBuilder().setProductId("lamp").setQuantity(2).setPrice(19.5).build();

  private final AtomicBoolean broken = new AtomicBoolean();
  private final List<Order> created = new CopyOnWriteArrayList<>();
  private final OrderStore store =
      new OrderStore(
          () -> {
            if (broken.get()) {
              throw new OrderStore.StoreException("disk full");
            }
          });
  private Server server;
  private ManagedChannel channel;
  private OrderServiceGrpc.OrderServiceBlockingStub orders;

  @BeforeEach
  void start() throws Exception {
    InProcessServerBuilder builder = InProcessServerBuilder.forName("orders-" + hashCode());
    ServerSlots.builder()
        .add(
            Slot.ERROR_MAPPING,
            ErrorMapping.builder()
                .map(
                    OrderStore.StoreException.class,
                    Status.INTERNAL.withDescription("failed to create order"))
                .build())
        .add(Slot.HANDLER, new CallExtras("order-backend-1"))
        .build()
        .installOn(builder);
    server =
        builder
            .addService(new Orders(store, PageTokens.ofThisProcess(), created::add))
            .build()
            .start();
    channel = InProcessChannelBuilder.forName("orders-" + hashCode()).build();
    orders = OrderServiceGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    server.shutdownNow().awaitTermination();
  }

  @Test
  void create_goodOrder_isPendingWithItsTotal() {
    Order order = create("ada");
    assertThat(order.getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_PENDING);
    assertThat(order.getTotalAmount()).isEqualTo(39);
    assertThat(order.hasCreatedAt()).isTrue();
    assertThat(created).containsExactly(order);
    assertThat(orders.getOrder(GetOrderRequest.newBuilder().setOrderId(order.getId()).build()))
        .isEqualTo(order);
  }

  @Test
  void create_nothingGiven_tellsAllViolationsAtOnce() throws Exception {
    StatusRuntimeException refused =
        refused(() -> orders.createOrder(CreateOrderRequest.getDefaultInstance()));
    assertThat(refused.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(refused.getStatus().getDescription())
        .contains("user_id is required", "at least one item required");
    assertThat(detail(refused).unpack(BadRequest.class).getFieldViolationsList())
        .extracting(v -> v.getField() + ": " + v.getDescription())
        .containsExactly("user_id: user_id is required", "items: at least one item required");
    assertThat(created).isEmpty();
  }

  @Test
  void create_badItems_namesThem() {
    CreateOrderRequest request =
        CreateOrderRequest.newBuilder()
            .setUserId("ada")
            .addItems(LAMP.toBuilder().setQuantity(0))
            .addItems(LAMP.toBuilder().setPrice(Double.NaN))
            .build();
    assertThat(refused(() -> orders.createOrder(request)).getStatus().getDescription())
        .contains("items[0].quantity", "items[1].price");
  }

  @Test
  void create_storeFails_tellsNothingOfTheCause() {
    broken.set(true);
    StatusRuntimeException failed = refused(() -> create("ada"));
    assertThat(failed.getStatus().getCode()).isEqualTo(Code.INTERNAL);
    assertThat(failed.getStatus().getDescription()).isEqualTo("failed to create order");
  }

  @Test
  void create_sameIdempotencyKey_isOneOrder() {
    Metadata key = new Metadata();
    key.put(CallExtras.IDEMPOTENCY_KEY, "k1");
    var withKey = orders.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(key));
    CreateOrderRequest request = request("ada");
    assertThat(withKey.createOrder(request)).isEqualTo(withKey.createOrder(request));
    assertThat(orders.createOrder(request)).isNotEqualTo(orders.createOrder(request));
  }

  @Test
  void get_unknownOrder_namesTheResource() throws Exception {
    StatusRuntimeException refused =
        refused(() -> orders.getOrder(GetOrderRequest.newBuilder().setOrderId("o-77").build()));
    assertThat(refused.getStatus().getCode()).isEqualTo(Code.NOT_FOUND);
    ResourceInfo info = detail(refused).unpack(ResourceInfo.class);
    assertThat(info.getResourceType()).isEqualTo("ecommerce.v1.Order");
    assertThat(info.getResourceName()).isEqualTo("o-77");
  }

  @Test
  void watch_orderThatIsDelivered_tellsEachStateAndEnds() throws Exception {
    String id = create("ada").getId();
    Iterator<OrderUpdate> updates =
        orders.watchOrder(WatchOrderRequest.newBuilder().setOrderId(id).build());
    assertThat(updates.next().getOrder().getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_PENDING);
    store.move(id, OrderStatus.ORDER_STATUS_CONFIRMED);
    store.move(id, OrderStatus.ORDER_STATUS_SHIPPED);
    store.move(id, OrderStatus.ORDER_STATUS_DELIVERED);
    List<OrderStatus> states = new ArrayList<>();
    updates.forEachRemaining(update -> states.add(update.getOrder().getStatus()));
    assertThat(states)
        .containsExactly(
            OrderStatus.ORDER_STATUS_CONFIRMED,
            OrderStatus.ORDER_STATUS_SHIPPED,
            OrderStatus.ORDER_STATUS_DELIVERED);
    assertThat(store.watching()).isZero();
  }

  @Test
  void watch_cancelledOrLate_isForgotten() {
    String id = create("ada").getId();
    WatchOrderRequest request = WatchOrderRequest.newBuilder().setOrderId(id).build();
    Context.CancellableContext context = Context.current().withCancellation();
    context.run(() -> orders.watchOrder(request).next());
    assertThat(store.watching()).isEqualTo(1);
    context.cancel(null);
    await().until(() -> store.watching() == 0);
    Iterator<OrderUpdate> late =
        orders.withDeadline(Deadline.after(300, TimeUnit.MILLISECONDS)).watchOrder(request);
    assertThat(refused(() -> late.forEachRemaining(update -> {})).getStatus().getCode())
        .isEqualTo(Code.DEADLINE_EXCEEDED);
    await().until(() -> store.watching() == 0);
  }

  @Test
  void list_manyOrders_comesInPagesNewestFirst() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.add(0, create("ada").getId());
      create("bob");
    }
    List<String> listed = new ArrayList<>();
    String token = "";
    int pages = 0;
    do {
      AtomicReference<Metadata> trailers = new AtomicReference<>();
      orders
          .withInterceptors(
              MetadataUtils.newCaptureMetadataInterceptor(new AtomicReference<>(), trailers))
          .listOrders(
              ListOrdersRequest.newBuilder()
                  .setUserId("ada")
                  .setPageSize(2)
                  .setPageToken(token)
                  .build())
          .forEachRemaining(order -> listed.add(order.getId()));
      token = trailers.get().get(CallExtras.NEXT_PAGE_TOKEN);
      pages++;
    } while (token != null);
    assertThat(listed).isEqualTo(ids);
    assertThat(pages).isEqualTo(3);
  }

  @Test
  void list_tokenOfAnotherList_isRefused() {
    for (int i = 0; i < 3; i++) {
      create("ada");
    }
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    orders
        .withInterceptors(
            MetadataUtils.newCaptureMetadataInterceptor(new AtomicReference<>(), trailers))
        .listOrders(ListOrdersRequest.newBuilder().setUserId("ada").setPageSize(1).build())
        .forEachRemaining(order -> {});
    String token = trailers.get().get(CallExtras.NEXT_PAGE_TOKEN);
    ListOrdersRequest other =
        ListOrdersRequest.newBuilder().setUserId("bob").setPageToken(token).build();
    assertThat(refused(() -> orders.listOrders(other).hasNext()).getStatus().getCode())
        .isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void batch_someBad_countsThemAndTellsTheFirstTen() throws Exception {
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    Answers<BatchCreateOrdersResponse> answers = new Answers<>();
    StreamObserver<CreateOrderRequest> requests =
        OrderServiceGrpc.newStub(channel)
            .withInterceptors(
                MetadataUtils.newCaptureMetadataInterceptor(new AtomicReference<>(), trailers))
            .batchCreateOrders(answers);
    for (int i = 0; i < 15; i++) {
      requests.onNext(i < 3 ? request("ada") : CreateOrderRequest.getDefaultInstance());
    }
    requests.onCompleted();
    answers.await();
    BatchCreateOrdersResponse answer = answers.received.get(0);
    assertThat(answer.getSuccessCount()).isEqualTo(3);
    assertThat(answer.getFailureCount()).isEqualTo(12);
    assertThat(answer.getOrdersList()).isEqualTo(created);
    BadRequest failures = BadRequest.parseFrom(trailers.get().get(CallExtras.BATCH_FAILURES));
    assertThat(failures.getFieldViolationsList()).hasSize(10);
    assertThat(failures.getFieldViolations(0).getField()).isEqualTo("orders[3]");
  }

  @Test
  void process_forwardAndOtherwise_answersEachInOrder() throws Exception {
    String id = create("ada").getId();
    Answers<ProcessOrderResponse> answers = new Answers<>();
    StreamObserver<ProcessOrderRequest> requests =
        OrderServiceGrpc.newStub(channel).processOrders(answers);
    for (OrderStatus status :
        List.of(
            OrderStatus.ORDER_STATUS_SHIPPED,
            OrderStatus.ORDER_STATUS_CONFIRMED,
            OrderStatus.ORDER_STATUS_SHIPPED,
            OrderStatus.ORDER_STATUS_CANCELLED)) {
      requests.onNext(ProcessOrderRequest.newBuilder().setOrderId(id).setNewStatus(status).build());
    }
    requests.onNext(ProcessOrderRequest.newBuilder().setOrderId("o-77").build());
    requests.onCompleted();
    answers.await();
    assertThat(answers.received)
        .extracting(answer -> answer.getSuccess() ? "ok" : answer.getErrorMessage())
        .containsExactly(
            "order " + id + " cannot go from PENDING to SHIPPED",
            "ok",
            "ok",
            "order " + id + " cannot go from SHIPPED to CANCELLED",
            "order o-77 not found");
  }

  private Order create(String user) {
    return orders.createOrder(request(user));
  }

  private static CreateOrderRequest request(String user) {
    return CreateOrderRequest.newBuilder().setUserId(user).addItems(LAMP).build();
  }

  private static StatusRuntimeException refused(ThrowingCallable call) {
    return catchThrowableOfType(StatusRuntimeException.class, call);
  }

  private static Any detail(StatusRuntimeException refused) {
    return StatusProto.fromThrowable(refused).getDetails(0);
  }

  private static final class Answers<T> implements StreamObserver<T> {
    private final List<T> received = new CopyOnWriteArrayList<>();
    private final CountDownLatch done = new CountDownLatch(1);

    @Override
    public void onNext(T value) {
      received.add(value);
    }

    @Override
    public void onError(Throwable thrown) {
      done.countDown();
    }

    @Override
    public void onCompleted() {
      done.countDown();
    }

    void await() throws InterruptedException {
      assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }
}
