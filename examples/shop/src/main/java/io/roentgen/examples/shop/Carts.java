// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.roentgen.examples.shop.v1.AddToCartRequest;
import io.roentgen.examples.shop.v1.AddToCartResponse;
import io.roentgen.examples.shop.v1.Cart;
import io.roentgen.examples.shop.v1.CartServiceGrpc;
import io.roentgen.examples.shop.v1.CatalogServiceGrpc.CatalogServiceBlockingStub;
import io.roentgen.examples.shop.v1.DeleteCartRequest;
import io.roentgen.examples.shop.v1.DeleteCartResponse;
import io.roentgen.examples.shop.v1.GetCartRequest;
import io.roentgen.examples.shop.v1.GetProductRequest;
import java.util.regex.Pattern;

/** What somebody wants to buy: a set of product ids for each cart, in Redis. */
final class Carts extends CartServiceGrpc.CartServiceImplBase {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{1,64}");

  private final Redis redis;
  private final CatalogServiceBlockingStub catalog;

  Carts(Redis redis, CatalogServiceBlockingStub catalog) {
    this.redis = redis;
    this.catalog = catalog;
  }

  @Override
  public void getCart(GetCartRequest request, StreamObserver<Cart> responses) {
    String id = checked("id", request.getId());
    responses.onNext(Cart.newBuilder().setId(id).addAllProductIds(redis.members(key(id))).build());
    responses.onCompleted();
  }

  @Override
  public void addToCart(AddToCartRequest request, StreamObserver<AddToCartResponse> responses) {
    String id = checked("cart_id", request.getCartId());
    // Whatever is the matter with the product, the caller is told as the catalog tells it.
    String productId =
        Waits.shortly(catalog)
            .getProduct(GetProductRequest.newBuilder().setId(request.getProductId()).build())
            .getId();
    boolean added = redis.add(key(id), productId);
    responses.onNext(
        AddToCartResponse.newBuilder().setStatus(added ? "added" : "already in cart").build());
    responses.onCompleted();
  }

  @Override
  public void deleteCart(DeleteCartRequest request, StreamObserver<DeleteCartResponse> responses) {
    redis.delete(key(checked("id", request.getId())));
    responses.onNext(DeleteCartResponse.getDefaultInstance());
    responses.onCompleted();
  }

  private static String key(String id) {
    return "cart:" + id;
  }

  private static String checked(String name, String id) {
    if (!ID.matcher(id).matches()) {
      throw Status.INVALID_ARGUMENT
          .withDescription(
              name + ": '" + Text.quote(id) + "' (expected: 1 to 64 letters, digits and -)")
          .asRuntimeException();
    }
    return id;
  }
}
