// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Debian's Redis in a process of its own, on a free port of this machine alone. */
final class RedisProcess implements AutoCloseable {
  private static final Pattern STARTED = Pattern.compile("Ready to accept connections");

  private final int port = FreePorts.next();
  private final ServingProcess server;

  private RedisProcess(Path folder) throws IOException {
    server =
        ServingProcess.start(
            folder,
            List.of(
                "redis-server",
                "--bind",
                "127.0.0.1",
                "--port",
                String.valueOf(port),
                "--dir",
                folder.toString(),
                "--save",
                "",
                "--appendonly",
                "no"),
            Map.of(),
            STARTED);
  }

  /** Starts one that keeps nothing, and waits until it serves. */
  static RedisProcess start(Path folder) throws IOException {
    return new RedisProcess(Files.createDirectories(folder));
  }

  /** Returns what {@code REDIS_ENDPOINT} is. */
  String endpoint() {
    return "127.0.0.1:" + port;
  }

  /** Sends SIGKILL and waits. */
  void kill() throws InterruptedException {
    server.kill();
  }

  /** Starts it again on the same port, after {@link #kill}; what it knew is gone. */
  void restart() throws IOException {
    server.restart();
  }

  @Override
  public void close() {
    server.close();
  }
}
