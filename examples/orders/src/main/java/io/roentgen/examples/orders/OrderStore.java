// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.orders;

import com.example.ecommerce.api.v1.CreateOrderRequest;
import com.example.ecommerce.api.v1.Order;
import com.example.ecommerce.api.v1.OrderItem;
import com.example.ecommerce.api.v1.OrderStatus;
import com.example.ecommerce.api.v1.OrderUpdate;
import com.google.protobuf.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.Flow;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.SubmissionPublisher;
import org.jspecify.annotations.Nullable;

/**
 * The orders of all backends, in memory: the database that they would share. Keeps the newest
 * {@value #CAPACITY}. Safe for use by several threads; its lock guards everything in it.
 */
final class OrderStore {
  static final int CAPACITY = 50_000;
  private static final int KEYS = 10_000;

  /** An order changes three times at most. */
  private static final int UPDATES = 8;

  private final Runnable beforeWrite;
  private final NavigableMap<Long, Order> orders = new TreeMap<>();
  private final Map<String, List<SubmissionPublisher<OrderUpdate>>> watchers = new HashMap<>();
  private final Map<String, String> idsByKey =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > KEYS;
        }
      };

  private long last;

  /**
   * @param beforeWrite is called before each order is written, and may throw a {@link
   *     StoreException}
   */
  OrderStore(Runnable beforeWrite) {
    this.beforeWrite = beforeWrite;
  }

  /** What a database throws. */
  static final class StoreException extends RuntimeException {
    StoreException(String message) {
      super(message);
    }
  }

  /** A change that the order's state does not allow. */
  static final class TransitionException extends Exception {
    TransitionException(String message) {
      super(message);
    }
  }

  /**
   * Writes a new order.
   *
   * @param key if not null, a second call with the same one returns the order of the first
   */
  synchronized Order create(CreateOrderRequest request, @Nullable String key) {
    beforeWrite.run();
    String known = key == null ? null : idsByKey.get(key);
    Order before = known == null ? null : find(known);
    if (before != null) {
      return before;
    }
    double total = 0;
    for (OrderItem item : request.getItemsList()) {
      total += item.getQuantity() * item.getPrice();
    }
    last++;
    Order order =
        Order.newBuilder()
            .setId(String.format(Locale.ROOT, "o-%06d", last))
            .setUserId(request.getUserId())
            .addAllItems(request.getItemsList())
            .setTotalAmount(total)
            .setStatus(OrderStatus.ORDER_STATUS_PENDING)
            .setCreatedAt(now())
            .build();
    orders.put(last, order);
    if (key != null) {
      idsByKey.put(key, order.getId());
    }
    if (orders.size() > CAPACITY) {
      Order oldest = orders.pollFirstEntry().getValue();
      closeAll(watchers.remove(oldest.getId()));
    }
    return order;
  }

  /** Returns an order, or null. */
  synchronized @Nullable Order find(String id) {
    return orders.get(number(id));
  }

  /**
   * Returns a user's orders, newest first.
   *
   * @param before only those older than this one; null for the newest
   */
  synchronized List<Order> list(String userId, @Nullable String before, int limit) {
    NavigableMap<Long, Order> older =
        before == null ? orders : orders.headMap(number(before), false);
    List<Order> found = new ArrayList<>();
    for (Order order : older.descendingMap().values()) {
      if (order.getUserId().equals(userId)) {
        found.add(order);
        if (found.size() == limit) {
          break;
        }
      }
    }
    return found;
  }

  /**
   * Moves an order on.
   *
   * @throws TransitionException if there is no such order, or no such way
   */
  synchronized Order move(String id, OrderStatus to) throws TransitionException {
    Order order = find(id);
    if (order == null) {
      throw new TransitionException("order " + id + " not found");
    }
    if (!isAllowed(order.getStatus(), to)) {
      throw new TransitionException(
          "order " + id + " cannot go from " + name(order.getStatus()) + " to " + name(to));
    }
    Order moved = order.toBuilder().setStatus(to).build();
    orders.put(number(id), moved);
    List<SubmissionPublisher<OrderUpdate>> all = watchers.get(id);
    if (all != null) {
      OrderUpdate update = update(moved);
      all.forEach(watcher -> watcher.submit(update));
      if (isLast(to)) {
        closeAll(watchers.remove(id));
      }
    }
    return moved;
  }

  private static boolean isAllowed(OrderStatus from, OrderStatus to) {
    return switch (from) {
      case ORDER_STATUS_PENDING ->
          to == OrderStatus.ORDER_STATUS_CONFIRMED || to == OrderStatus.ORDER_STATUS_CANCELLED;
      case ORDER_STATUS_CONFIRMED ->
          to == OrderStatus.ORDER_STATUS_SHIPPED || to == OrderStatus.ORDER_STATUS_CANCELLED;
      case ORDER_STATUS_SHIPPED -> to == OrderStatus.ORDER_STATUS_DELIVERED;
      default -> false;
    };
  }

  private static boolean isLast(OrderStatus status) {
    return status == OrderStatus.ORDER_STATUS_DELIVERED
        || status == OrderStatus.ORDER_STATUS_CANCELLED;
  }

  private static String name(OrderStatus status) {
    return status.name().substring("ORDER_STATUS_".length());
  }

  /**
   * Returns the order's state and then each change, until the last; null if there is no such order.
   * Whoever cancels is forgotten at once.
   */
  Flow.@Nullable Publisher<OrderUpdate> watch(String id) {
    return find(id) == null ? null : subscriber -> subscribe(id, subscriber);
  }

  private synchronized void subscribe(String id, Flow.Subscriber<? super OrderUpdate> subscriber) {
    SubmissionPublisher<OrderUpdate> updates =
        new SubmissionPublisher<>(ForkJoinPool.commonPool(), UPDATES);
    updates.subscribe(new Leaving(id, updates, subscriber));
    Order order = find(id);
    if (order == null) {
      updates.close();
      return;
    }
    updates.submit(update(order));
    if (isLast(order.getStatus())) {
      updates.close();
    } else {
      watchers.computeIfAbsent(id, none -> new ArrayList<>()).add(updates);
    }
  }

  /** Returns how many watch. */
  synchronized int watching() {
    return watchers.values().stream().mapToInt(List::size).sum();
  }

  private synchronized void leave(String id, SubmissionPublisher<OrderUpdate> updates) {
    watchers.computeIfPresent(
        id,
        (same, all) -> {
          all.remove(updates);
          return all.isEmpty() ? null : all;
        });
  }

  private static void closeAll(@Nullable List<SubmissionPublisher<OrderUpdate>> all) {
    if (all != null) {
      all.forEach(SubmissionPublisher::close);
    }
  }

  private static OrderUpdate update(Order order) {
    return OrderUpdate.newBuilder().setOrder(order).setUpdatedAt(now()).build();
  }

  private static Timestamp now() {
    Instant now = Instant.now();
    return Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()).build();
  }

  /** Returns the number in an id; 0, which no order has, if it is none. */
  private static long number(String id) {
    return id.matches("o-[0-9]{6,18}") ? Long.parseLong(id.substring(2)) : 0;
  }

  /** Passes everything on, and tells the store of a cancellation. */
  private final class Leaving implements Flow.Subscriber<OrderUpdate> {
    private final String id;
    private final SubmissionPublisher<OrderUpdate> updates;
    private final Flow.Subscriber<? super OrderUpdate> to;

    Leaving(
        String id,
        SubmissionPublisher<OrderUpdate> updates,
        Flow.Subscriber<? super OrderUpdate> to) {
      this.id = id;
      this.updates = updates;
      this.to = to;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      to.onSubscribe(
          new Flow.Subscription() {
            @Override
            public void request(long n) {
              subscription.request(n);
            }

            @Override
            public void cancel() {
              subscription.cancel();
              leave(id, updates);
            }
          });
    }

    @Override
    public void onNext(OrderUpdate update) {
      to.onNext(update);
    }

    @Override
    public void onError(Throwable thrown) {
      to.onError(thrown);
    }

    @Override
    public void onComplete() {
      to.onComplete();
    }
  }
}
