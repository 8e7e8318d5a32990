// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.random.RandomGenerator;

/**
 * All four kinds of call of the order service: half of them reads, and some of each hundred bad,
 * cancelled, or with too little time.
 */
final class OrderMix {
  private static final String SERVICE = "ecommerce.v1.OrderService/";
  private static final Duration WATCH = Duration.ofSeconds(30);
  private static final Duration LITTLE_TIME = Duration.ofMillis(50);
  private static final int BATCH = 100;
  private static final int PROCESSED = 50;
  private static final int KNOWN = 1024;
  private static final int FIRST = 20;
  private static final List<String> PRODUCTS = List.of("lamp", "chair", "desk", "shelf");
  private static final List<String> STATES =
      List.of("ORDER_STATUS_CONFIRMED", "ORDER_STATUS_SHIPPED", "ORDER_STATUS_DELIVERED");

  private final GrpcCalls calls;
  private final GrpcCalls.Method create;
  private final GrpcCalls.Method get;
  private final GrpcCalls.Method list;
  private final GrpcCalls.Method watch;
  private final GrpcCalls.Method batch;
  private final GrpcCalls.Method process;

  /** Orders that were made lately, to be read. */
  private final AtomicReferenceArray<String> orders = new AtomicReferenceArray<>(KNOWN);

  private OrderMix(GrpcCalls calls) throws InterruptedException {
    this.calls = calls;
    create = calls.method(SERVICE + "CreateOrder");
    get = calls.method(SERVICE + "GetOrder");
    list = calls.method(SERVICE + "ListOrders");
    watch = calls.method(SERVICE + "WatchOrder");
    batch = calls.method(SERVICE + "BatchCreateOrders");
    process = calls.method(SERVICE + "ProcessOrders");
  }

  /** Asks the server for its methods, and makes the first orders. */
  static Scenario scenario(GrpcCalls calls, Shape shape) throws InterruptedException {
    OrderMix mix = new OrderMix(calls);
    mix.makeFirst();
    return new Scenario(
        "order-mix",
        shape,
        List.of(
            new Operation("GetOrder", 48.5, mix::get),
            new Operation("CreateOrder", 19.4, mix::create),
            new Operation("ListOrders", 9.7, mix::list),
            new Operation("WatchOrder, first update", 9.7, mix::watch),
            new Operation("BatchCreateOrders of 100", 4.85, mix::batch),
            new Operation("ProcessOrders of 50", 4.85, mix::process),
            new Operation("bad CreateOrder", 1, mix::bad),
            new Operation("cancelled WatchOrder", 1, mix::cancelled),
            new Operation("BatchCreateOrders in 50 ms", 1, mix::hurried)),
        calls::close);
  }

  private void makeFirst() throws InterruptedException {
    RandomGenerator random = new SplittableRandom(0);
    for (int i = 0; i < FIRST; i++) {
      Turn turn = new Turn(i, 0, random, 0);
      Answer answer = create(turn);
      if (answer.failed()) {
        throw new WrongUseException(
            "cannot make a first order: " + answer.code() + " (expected: OK; is there a token?)");
      }
    }
  }

  private Answer get(Turn turn) throws InterruptedException {
    return of(call(turn, get, "{\"orderId\":\"" + order(turn.random()) + "\"}"), Set.of(Code.OK));
  }

  private Answer create(Turn turn) throws InterruptedException {
    GrpcCalls.Received received = call(turn, create, newOrder(turn.random()));
    if (received.status().isOk() && !received.messages().isEmpty()) {
      keep(turn, received.messages().get(0));
    }
    return of(received, Set.of(Code.OK));
  }

  private Answer list(Turn turn) throws InterruptedException {
    return of(
        call(turn, list, "{\"userId\":\"" + user(turn.random()) + "\",\"pageSize\":20}"),
        Set.of(Code.OK));
  }

  /** Half a minute of updates, or what is left of the run. The latency is that of the first one. */
  private Answer watch(Turn turn) throws InterruptedException {
    long left = turn.endNanos() - System.nanoTime();
    Duration deadline = Duration.ofNanos(Math.clamp(left, 1_000_000_000L, WATCH.toNanos()));
    GrpcCalls.Received received =
        calls.call(turn, watch, List.of(watched(turn)), new GrpcCalls.Options(deadline));
    Code code = received.status().getCode();
    boolean seen = received.first() != Answer.NOW;
    boolean expected = seen && (code == Code.OK || code == Code.DEADLINE_EXCEEDED);
    return new Answer(code.name(), !expected, received.first());
  }

  private Answer cancelled(Turn turn) throws InterruptedException {
    return of(
        calls.call(turn, watch, List.of(watched(turn)), new GrpcCalls.Options(calls.timeout(), 1)),
        Set.of(Code.CANCELLED, Code.OK));
  }

  private DynamicMessage watched(Turn turn) {
    return watch.message("{\"orderId\":\"" + order(turn.random()) + "\"}");
  }

  private Answer batch(Turn turn) throws InterruptedException {
    return of(
        calls.call(turn, batch, newOrders(turn), new GrpcCalls.Options(calls.timeout())),
        Set.of(Code.OK));
  }

  private Answer hurried(Turn turn) throws InterruptedException {
    return of(
        calls.call(turn, batch, newOrders(turn), new GrpcCalls.Options(LITTLE_TIME)),
        Set.of(Code.OK, Code.DEADLINE_EXCEEDED));
  }

  private List<DynamicMessage> newOrders(Turn turn) {
    List<DynamicMessage> messages = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      messages.add(batch.message(newOrder(turn.random())));
    }
    return messages;
  }

  private Answer process(Turn turn) throws InterruptedException {
    List<DynamicMessage> messages = new ArrayList<>();
    for (int i = 0; i < PROCESSED; i++) {
      messages.add(
          process.message(
              "{\"orderId\":\""
                  + order(turn.random())
                  + "\",\"newStatus\":\""
                  + STATES.get(turn.random().nextInt(STATES.size()))
                  + "\"}"));
    }
    return of(
        calls.call(turn, process, messages, new GrpcCalls.Options(calls.timeout())),
        Set.of(Code.OK));
  }

  private Answer bad(Turn turn) throws InterruptedException {
    return of(call(turn, create, "{}"), Set.of(Code.INVALID_ARGUMENT));
  }

  private GrpcCalls.Received call(Turn turn, GrpcCalls.Method method, String json)
      throws InterruptedException {
    return calls.call(
        turn, method, List.of(method.message(json)), new GrpcCalls.Options(calls.timeout()));
  }

  private static Answer of(GrpcCalls.Received received, Set<Code> expected) {
    Status status = received.status();
    return new Answer(status.getCode().name(), !expected.contains(status.getCode()), Answer.NOW);
  }

  private static String newOrder(RandomGenerator random) {
    return "{\"userId\":\""
        + user(random)
        + "\",\"items\":[{\"productId\":\""
        + PRODUCTS.get(random.nextInt(PRODUCTS.size()))
        + "\",\"quantity\":"
        + (1 + random.nextInt(5))
        + ",\"price\":9.5}]}";
  }

  private static String user(RandomGenerator random) {
    return "user-" + random.nextInt(50);
  }

  private String order(RandomGenerator random) {
    for (int tried = 0; tried < KNOWN; tried++) {
      String id = orders.get(random.nextInt(KNOWN));
      if (id != null) {
        return id;
      }
    }
    return "none";
  }

  private void keep(Turn turn, DynamicMessage order) {
    FieldDescriptor id = order.getDescriptorForType().findFieldByName("id");
    if (id != null) {
      orders.set((int) (turn.number() % KNOWN), (String) order.getField(id));
    }
  }
}
