// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;

/**
 * Looks, before anything is opened, whether all addresses can be bound, and says clearly where not.
 */
final class Ports {
  private Ports() {}

  /**
   * Checks all TCP listeners; the UDP listener is bound for good right after.
   *
   * @throws ServerStartException if one cannot be bound
   */
  static void check(ServerConfig config) {
    Map<InetSocketAddress, ListenerName> seen = new HashMap<>();
    config
        .listeners()
        .forEach(
            (name, address) -> {
              if (!name.tcp() || address.getPort() == 0) {
                return;
              }
              ListenerName other = seen.put(address, name);
              if (other != null) {
                throw new ConfigException(
                    name.setting().key()
                        + ": "
                        + text(address)
                        + " is that of "
                        + other.setting().key()
                        + " too (expected: another port, or off)");
              }
              try (var socket = new ServerSocket()) {
                socket.bind(address);
              } catch (IOException e) {
                throw failed(name, address, e);
              }
            });
  }

  /** Returns what to tell when an address cannot be bound. */
  static ServerStartException failed(ListenerName name, InetSocketAddress address, IOException e) {
    String where = (name.tcp() ? "TCP " : "UDP ") + text(address);
    String option =
        "set "
            + name.setting().key()
            + " (option --"
            + option(name)
            + ") to another port, 0 or off";
    boolean inUse = e instanceof BindException && address.getPort() != 0 && inUse(e);
    if (inUse) {
      return new ServerStartException(
          "cannot listen on "
              + where
              + ": in use by "
              + PortHolder.describe(address.getPort(), name.tcp())
              + "; stop it, or "
              + option,
          e);
    }
    return new ServerStartException(
        "cannot listen on " + where + ": " + e.getMessage() + "; " + option, e);
  }

  private static boolean inUse(IOException e) {
    return String.valueOf(e.getMessage()).contains("in use");
  }

  private static String option(ListenerName name) {
    String key = name.setting().key();
    return key.substring(key.indexOf('.') + 1);
  }

  /** Returns {@code host:port}. */
  static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
