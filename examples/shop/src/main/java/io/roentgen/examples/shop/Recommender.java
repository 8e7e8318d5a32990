// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.roentgen.examples.shop.v1.CatalogServiceGrpc.CatalogServiceBlockingStub;
import io.roentgen.examples.shop.v1.GetProductRequest;
import io.roentgen.examples.shop.v1.ListRecommendationsRequest;
import io.roentgen.examples.shop.v1.ListRecommendationsResponse;
import io.roentgen.examples.shop.v1.Product;
import io.roentgen.examples.shop.v1.RecommenderServiceGrpc;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Three other products for each, chosen once. */
final class Recommender extends RecommenderServiceGrpc.RecommenderServiceImplBase {
  static final int COUNT = 3;

  private final CatalogServiceBlockingStub catalog;
  private final Map<String, List<String>> chosen = new HashMap<>();

  Recommender(CatalogServiceBlockingStub catalog, Random random) {
    this.catalog = catalog;
    for (Product product : Products.ALL) {
      List<String> others = new ArrayList<>();
      for (Product other : Products.ALL) {
        if (!other.getId().equals(product.getId())) {
          others.add(other.getId());
        }
      }
      Collections.shuffle(others, random);
      chosen.put(product.getId(), List.copyOf(others.subList(0, COUNT)));
    }
  }

  @Override
  public void listRecommendations(
      ListRecommendationsRequest request, StreamObserver<ListRecommendationsResponse> responses) {
    ListRecommendationsResponse.Builder answer = ListRecommendationsResponse.newBuilder();
    for (String id : chosen.getOrDefault(request.getProductId(), List.of())) {
      try {
        answer.addProducts(
            Waits.shortly(catalog).getProduct(GetProductRequest.newBuilder().setId(id).build()));
      } catch (StatusRuntimeException e) {
        // Two are better than none, and one that is gone is none; anything else is the caller's.
        if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
          throw e;
        }
      }
    }
    if (answer.getProductsCount() == 0) {
      throw Status.NOT_FOUND
          .withDescription(
              "product '" + Text.quote(request.getProductId()) + "' has no recommendations")
          .asRuntimeException();
    }
    responses.onNext(answer.build());
    responses.onCompleted();
  }
}
