// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Debian's RabbitMQ in a process of its own, on free ports of this machine alone, with all that it
 * keeps in a folder. It needs no rights, and no service of the system is touched.
 */
final class RabbitMq implements AutoCloseable {
  /** The wrapper on the path insists on root or the package's own user; this does not. */
  private static final Path SERVER = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");

  private static final Pattern STARTED = Pattern.compile("Server startup complete");
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final Path folder;
  private final int port = FreePorts.next();
  private final ChildProcess names;
  private final ServingProcess server;

  private RabbitMq(Path folder) throws IOException {
    this.folder = folder;
    Map<String, String> environment = new HashMap<>();
    int namesPort = FreePorts.next();
    environment.put("HOME", folder.toString()); // For the cookie.
    environment.put("RABBITMQ_NODENAME", "roentgen-" + port + "@localhost");
    environment.put("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1");
    environment.put("RABBITMQ_NODE_PORT", String.valueOf(port));
    environment.put("RABBITMQ_DIST_PORT", String.valueOf(FreePorts.next()));
    environment.put(
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
    environment.put("ERL_EPMD_ADDRESS", "127.0.0.1");
    environment.put("ERL_EPMD_PORT", String.valueOf(namesPort));
    environment.put("RABBITMQ_MNESIA_BASE", folder.resolve("data").toString());
    environment.put("RABBITMQ_LOG_BASE", folder.resolve("log").toString());
    environment.put("RABBITMQ_LOGS", "-");
    environment.put("RABBITMQ_PID_FILE", folder.resolve("pid").toString());
    environment.put("RABBITMQ_CONF_ENV_FILE", file("rabbitmq-env.conf", ""));
    environment.put("RABBITMQ_CONFIG_FILE", file("rabbitmq.conf", ""));
    environment.put("RABBITMQ_ADVANCED_CONFIG_FILE", file("advanced.config", "[]."));
    environment.put("RABBITMQ_ENABLED_PLUGINS_FILE", file("enabled_plugins", "[]."));
    // So that the shell becomes the server, and its pid is the server's.
    environment.put("RUNNING_UNDER_SYSTEMD", "true");
    // Erlang would start it as a daemon, which stays.
    names =
        ChildProcess.command(
            folder,
            folder,
            List.of("epmd", "-address", "127.0.0.1", "-port", String.valueOf(namesPort)),
            environment);
    try {
      await().atMost(TIMEOUT).until(() -> FreePorts.isTaken(namesPort));
      server = ServingProcess.start(folder, List.of(SERVER.toString()), environment, STARTED);
    } catch (IOException | RuntimeException | AssertionError e) {
      names.close();
      throw e;
    }
  }

  /** Starts one that keeps what it has in {@code folder}, and waits until it serves. */
  static RabbitMq start(Path folder) throws IOException {
    return new RabbitMq(Files.createDirectories(folder));
  }

  private String file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content).toString();
  }

  /** Returns what {@code RABBITMQ_CONN} is. */
  String connection() {
    return "amqp://guest:guest@127.0.0.1:" + port;
  }

  /** Sends SIGKILL and waits. */
  void kill() throws InterruptedException {
    server.kill();
  }

  /** Starts it again on the same port, after {@link #kill}. */
  void restart() throws IOException {
    server.restart();
  }

  /** Ends it; what it started itself ends when it does. */
  @Override
  public void close() {
    server.close();
    names.close();
  }
}
