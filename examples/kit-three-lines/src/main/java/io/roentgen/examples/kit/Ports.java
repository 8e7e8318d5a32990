// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.kit;

/** Where the three programs listen on this machine. */
final class Ports {
  private Ports() {}

  static int shop() {
    return port("SHOP_PORT", 8611);
  }

  static int stock() {
    return port("STOCK_PORT", 8612);
  }

  static int payments() {
    return port("PAYMENTS_PORT", 8613);
  }

  private static int port(String variable, int otherwise) {
    String value = System.getenv(variable);
    return value == null ? otherwise : Integer.parseInt(value);
  }
}
