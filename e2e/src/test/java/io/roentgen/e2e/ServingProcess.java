// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A server in a process of its own that can be killed, and started again as it was. */
final class ServingProcess implements AutoCloseable {
  private final Path folder;
  private final List<String> command;
  private final Map<String, String> environment;
  private final Pattern started;
  private ChildProcess process;

  private ServingProcess(
      Path folder, List<String> command, Map<String, String> environment, Pattern started)
      throws IOException {
    this.folder = folder;
    this.command = List.copyOf(command);
    this.environment = Map.copyOf(environment);
    this.started = started;
    process = launch();
  }

  /** Starts one, and waits until it prints {@code started}. */
  static ServingProcess start(
      Path folder, List<String> command, Map<String, String> environment, Pattern started)
      throws IOException {
    return new ServingProcess(folder, command, environment, started);
  }

  private ChildProcess launch() throws IOException {
    ChildProcess launched = ChildProcess.command(folder, folder, command, environment);
    try {
      launched.awaitOutput(started);
    } catch (RuntimeException | AssertionError e) {
      launched.close();
      throw e;
    }
    return launched;
  }

  /** Sends SIGKILL and waits. */
  void kill() throws InterruptedException {
    process.kill();
  }

  /** Starts it again, after {@link #kill}. */
  void restart() throws IOException {
    process = launch();
  }

  @Override
  public void close() {
    process.close();
  }
}
