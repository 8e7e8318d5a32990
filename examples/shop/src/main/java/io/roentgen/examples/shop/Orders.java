// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.roentgen.examples.shop.v1.Cart;
import io.roentgen.examples.shop.v1.CartServiceGrpc.CartServiceBlockingStub;
import io.roentgen.examples.shop.v1.CatalogServiceGrpc.CatalogServiceBlockingStub;
import io.roentgen.examples.shop.v1.CreateOrderRequest;
import io.roentgen.examples.shop.v1.CreateOrderResponse;
import io.roentgen.examples.shop.v1.GetCartRequest;
import io.roentgen.examples.shop.v1.GetProductRequest;
import io.roentgen.examples.shop.v1.OrderServiceGrpc;
import io.roentgen.grpc.ActiveSpan;
import java.util.List;
import java.util.UUID;

/** Makes an order of a cart, and puts it into the queue. */
final class Orders extends OrderServiceGrpc.OrderServiceImplBase {
  private final CartServiceBlockingStub carts;
  private final CatalogServiceBlockingStub catalog;
  private final OrderQueue queue;

  Orders(CartServiceBlockingStub carts, CatalogServiceBlockingStub catalog, OrderQueue queue) {
    this.carts = carts;
    this.catalog = catalog;
    this.queue = queue;
  }

  @Override
  public void createOrder(
      CreateOrderRequest request, StreamObserver<CreateOrderResponse> responses) {
    if (!isComplete(request)) {
      throw Status.INVALID_ARGUMENT
          .withDescription("Incomplete arguments provided")
          .asRuntimeException();
    }
    Cart cart =
        Waits.shortly(carts)
            .getCart(GetCartRequest.newBuilder().setId(request.getCartId()).build());
    ActiveSpan.current().annotate("CartSize", cart.getProductIdsCount());
    if (cart.getProductIdsCount() == 0) {
      throw Status.FAILED_PRECONDITION.withDescription("the cart is empty").asRuntimeException();
    }
    long total = 0;
    for (String id : cart.getProductIdsList()) {
      total +=
          Waits.shortly(catalog)
              .getProduct(GetProductRequest.newBuilder().setId(id).build())
              .getPriceUsd();
    }
    String orderId = UUID.randomUUID().toString();
    ActiveSpan.current().annotate("OrderID", orderId);
    queue.send(orderId, request.getCartId(), cart.getProductIdsList(), total);
    responses.onNext(
        CreateOrderResponse.newBuilder()
            .setOrderId(orderId)
            .setStatus("Order created")
            .setTotalUsd(total)
            .build());
    responses.onCompleted();
  }

  /** All but the second line of the address, which most people do not have. */
  private static boolean isComplete(CreateOrderRequest request) {
    return List.of(
            request.getCartId(),
            request.getName(),
            request.getEmail(),
            request.getAddress(),
            request.getCountry(),
            request.getState(),
            request.getZip(),
            request.getCity(),
            request.getPaymentMethod())
        .stream()
        .noneMatch(String::isBlank);
  }
}
