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

  private final Path folder;
  private final int port = FreePorts.next();
  private ChildProcess server;

  private RedisProcess(Path folder) throws IOException {
    this.folder = folder;
    server = launch();
  }

  /** Starts one that keeps nothing, and waits until it serves. */
  static RedisProcess start(Path folder) throws IOException {
    return new RedisProcess(Files.createDirectories(folder));
  }

  private ChildProcess launch() throws IOException {
    ChildProcess launched =
        ChildProcess.command(
            folder,
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
            Map.of());
    try {
      launched.awaitOutput(STARTED);
    } catch (RuntimeException | AssertionError e) {
      launched.close();
      throw e;
    }
    return launched;
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
    server = launch();
  }

  @Override
  public void close() {
    server.close();
  }
}
