// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.roentgen.examples.shop.v1.CatalogServiceGrpc;
import io.roentgen.examples.shop.v1.GetProductRequest;
import io.roentgen.examples.shop.v1.ListProductsRequest;
import io.roentgen.examples.shop.v1.ListProductsResponse;
import io.roentgen.examples.shop.v1.Product;

/** What is sold, from the table. */
final class Catalog extends CatalogServiceGrpc.CatalogServiceImplBase {
  private final ProductTable table;

  Catalog(ProductTable table) {
    this.table = table;
  }

  @Override
  public void getProduct(GetProductRequest request, StreamObserver<Product> responses) {
    Product product = table.get(request.getId());
    if (product == null) {
      throw Status.NOT_FOUND
          .withDescription("product '" + Text.quote(request.getId()) + "' is not in the catalog")
          .asRuntimeException();
    }
    responses.onNext(product);
    responses.onCompleted();
  }

  @Override
  public void listProducts(
      ListProductsRequest request, StreamObserver<ListProductsResponse> responses) {
    responses.onNext(ListProductsResponse.newBuilder().addAllProducts(table.scan()).build());
    responses.onCompleted();
  }
}
