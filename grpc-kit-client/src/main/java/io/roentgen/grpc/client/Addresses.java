// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import java.net.InetSocketAddress;

/** Reads {@code host:port}, {@code [v6]:port} and, where a default port is given, {@code host}. */
final class Addresses {
  private static final String RULE = "HOST:PORT or [IPV6]:PORT, port 1 to 65535";

  private Addresses() {}

  /**
   * Reads an address; names stay unresolved.
   *
   * @param defaultPort for text without a port; 0 refuses such text
   * @throws IllegalArgumentException if the text is no address
   */
  static InetSocketAddress parse(String text, int defaultPort) {
    String host;
    String port;
    int bracket = text.startsWith("[") ? text.indexOf(']') : -1;
    int colon = text.lastIndexOf(':');
    if (text.startsWith("[")) {
      Arguments.check(bracket > 1, "address", Arguments.quoted(text), RULE);
      host = text.substring(1, bracket);
      String rest = text.substring(bracket + 1);
      Arguments.check(
          rest.isEmpty() || rest.startsWith(":"), "address", Arguments.quoted(text), RULE);
      port = rest.isEmpty() ? "" : rest.substring(1);
      Arguments.check(rest.isEmpty() || !port.isEmpty(), "address", Arguments.quoted(text), RULE);
    } else {
      Arguments.check(
          colon == text.indexOf(':') && colon < text.length() - 1,
          "address",
          Arguments.quoted(text),
          RULE);
      host = colon < 0 ? text : text.substring(0, colon);
      port = colon < 0 ? "" : text.substring(colon + 1);
    }
    int number = port.isEmpty() ? defaultPort : number(port);
    Arguments.check(
        isHost(host) && number >= 1 && number <= 65_535, "address", Arguments.quoted(text), RULE);
    return InetSocketAddress.createUnresolved(host, number);
  }

  private static boolean isHost(String host) {
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      if (c <= ' ' || c == 0x7f || "/?#@[],;\"'\\".indexOf(c) >= 0) {
        return false;
      }
    }
    return !host.isEmpty();
  }

  private static int number(String digits) {
    int number = 0;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c < '0' || c > '9' || number > 65_535) {
        return -1;
      }
      number = number * 10 + (c - '0');
    }
    return number;
  }
}
