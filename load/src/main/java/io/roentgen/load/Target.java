// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;

/** Where load goes: to this machine, unless the user says that another may be asked. */
final class Target {
  private Target() {}

  /**
   * Returns an HTTP address.
   *
   * @throws WrongUseException if it is none, or not of this machine and {@code anywhere} is not set
   */
  static URI http(String text, boolean anywhere) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new WrongUseException("URL: " + text + " (expected: http://host:port/path)", e);
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme();
    if (uri.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
      throw new WrongUseException("URL: " + text + " (expected: http://host:port/path)");
    }
    verifyHost(uri.getHost(), anywhere);
    return uri;
  }

  /** Returns {@code host:port}; as {@link #http}. */
  static String grpc(String text, boolean anywhere) {
    URI uri;
    try {
      uri = new URI("grpc://" + text);
    } catch (URISyntaxException e) {
      throw new WrongUseException("target: " + text + " (expected: host:port)", e);
    }
    if (uri.getHost() == null
        || uri.getPort() < 1
        || !("grpc://" + uri.getRawAuthority()).equals(uri.toString())) {
      throw new WrongUseException("target: " + text + " (expected: host:port)");
    }
    verifyHost(uri.getHost(), anywhere);
    return text;
  }

  private static void verifyHost(String host, boolean anywhere) {
    if (anywhere) {
      return;
    }
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        if (!address.isLoopbackAddress()) {
          throw new WrongUseException(
              "host: "
                  + host
                  + " is "
                  + address.getHostAddress()
                  + " (expected: this machine's loopback); load on others needs --allow-remote,"
                  + " and their owner's leave");
        }
      }
    } catch (UnknownHostException e) {
      throw new WrongUseException("host: " + host + " (expected: a name that is known)", e);
    }
  }
}
