// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import com.linecorp.armeria.common.QueryParams;
import io.roentgen.examples.shop.v1.CreateOrderRequest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What is asked before an order is made. */
final class Checkout {
  /** The names of the fields, in their order, with what people read. */
  static final Map<String, String> FIELDS = fields();

  private static final int MAX_LENGTH = 200;

  private Checkout() {}

  private static Map<String, String> fields() {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("name", "Name");
    fields.put("email", "Email");
    fields.put("address", "Address");
    fields.put("address2", "Address, second line");
    fields.put("country", "Country");
    fields.put("state", "State");
    fields.put("zip", "Zip");
    fields.put("city", "City");
    fields.put("paymentMethod", "Payment method");
    return Collections.unmodifiableMap(fields);
  }

  /** Returns those fields that are filled in, none longer than 200 characters. */
  static Map<String, String> read(QueryParams form) {
    Map<String, String> filledIn = new LinkedHashMap<>();
    for (String name : FIELDS.keySet()) {
      String value = form.get(name, "").strip();
      if (!value.isEmpty()) {
        filledIn.put(name, value.substring(0, Math.min(value.length(), MAX_LENGTH)));
      }
    }
    return filledIn;
  }

  static CreateOrderRequest order(String cartId, Map<String, String> filledIn) {
    return CreateOrderRequest.newBuilder()
        .setCartId(cartId)
        .setName(filledIn.getOrDefault("name", ""))
        .setEmail(filledIn.getOrDefault("email", ""))
        .setAddress(filledIn.getOrDefault("address", ""))
        .setAddress2(filledIn.getOrDefault("address2", ""))
        .setCountry(filledIn.getOrDefault("country", ""))
        .setState(filledIn.getOrDefault("state", ""))
        .setZip(filledIn.getOrDefault("zip", ""))
        .setCity(filledIn.getOrDefault("city", ""))
        .setPaymentMethod(filledIn.getOrDefault("paymentMethod", ""))
        .build();
  }
}
