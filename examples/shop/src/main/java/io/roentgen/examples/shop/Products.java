// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.roentgen.examples.shop.v1.Product;
import java.util.List;

/** What the shop sells. */
final class Products {
  /** The one on the first page. */
  static final String FEATURED = "6464865908071";

  static final List<Product> ALL =
      List.of(
          product("3377807835348", "Seiko Solar", 219, "Runs on light, also on that of a lamp."),
          product("0983976883313", "Emporio Armani", 499, "A dress watch with a slim case."),
          product("5147991444866", "Daniel Wellington", 189, "A plain dial on a cloth strap."),
          product("6392888360364", "Maurice de Mauriac", 2599, "Made one by one in Zurich."),
          product("1051094507639", "Rolex Deepsea", 12350, "Keeps dry 3,900 metres below the sea."),
          product(FEATURED, "Tissot", 499, "An automatic movement to be seen from behind."),
          product("3103748076140", "Nixon Gold", 199, "Large, light and golden."),
          product("4618701513994", "IWC Schaffhausen", 7889, "A chronograph for pilots."),
          product("3480077496703", "Timex", 159, "Takes what comes and goes on."));

  private Products() {}

  private static Product product(String id, String name, long priceUsd, String description) {
    return Product.newBuilder()
        .setId(id)
        .setName(name)
        .setPriceUsd(priceUsd)
        .setDescription(description)
        .build();
  }
}
