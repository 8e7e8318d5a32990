// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of this machine for programs that cannot choose one themselves and say which. They are
 * below those that the system gives to connections and to who binds port 0, so that nobody gets one
 * of them before the program that it is for has bound it.
 */
final class FreePorts {
  private static final int LEAST = 20_000;
  private static final int END = 30_000;
  private static final int MOST_TRIES = 1_000;

  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private FreePorts() {}

  /** Returns one that is free now, and was not returned before. */
  static int next() {
    for (int i = 0; i < MOST_TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(LEAST, END);
      if (GIVEN.add(port) && canBind(port)) {
        return port;
      }
    }
    throw new IllegalStateException(
        "no free port from " + LEAST + " to " + (END - 1) + " in " + MOST_TRIES + " tries");
  }

  private static boolean canBind(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false; // Somebody has it.
    }
  }

  /** Returns whether somebody listens. */
  static boolean isTaken(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
