// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.roentgen.examples.common.Spans;
import io.roentgen.examples.common.Tracing;
import io.roentgen.grpc.ActiveSpan;
import java.util.List;
import java.util.stream.Collectors;

/** The queue of orders, a list in Redis. Nobody takes them out yet; the newest thousand stay. */
final class OrderQueue {
  static final String NAME = "demostore-orderqueue";
  private static final long MAX_ORDERS = 1_000;

  private final Tracing tracing;
  private final Redis redis;

  OrderQueue(Tracing tracing, Redis redis) {
    this.tracing = tracing;
    this.redis = redis;
  }

  /** Puts an order into the queue, as JSON. */
  void send(String orderId, String cartId, List<String> productIds, long totalUsd) {
    ActiveSpan span = Spans.publish(tracing, "redis", NAME);
    try {
      redis.push(NAME, json(orderId, cartId, productIds, totalUsd), MAX_ORDERS);
    } catch (RuntimeException e) {
      span.recordException(e);
      throw e;
    } finally {
      span.end();
    }
  }

  /** The ids are the shop's own: letters, digits and hyphens. */
  private static String json(
      String orderId, String cartId, List<String> productIds, long totalUsd) {
    return "{\"order_id\":\""
        + orderId
        + "\",\"cart_id\":\""
        + cartId
        + "\",\"total_usd\":"
        + totalUsd
        + ",\"items\":"
        + productIds.stream().map(id -> '"' + id + '"').collect(Collectors.joining(",", "[", "]"))
        + '}';
  }
}
