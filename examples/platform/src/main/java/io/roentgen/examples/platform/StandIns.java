// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import io.roentgen.examples.common.Application;
import io.roentgen.examples.common.JsonLogs;
import io.roentgen.examples.common.Launcher;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.qpid.server.SystemLauncher;
import org.apache.qpid.server.SystemLauncherListener;
import org.apache.qpid.server.model.Port;
import org.apache.qpid.server.model.SystemConfig;
import org.jspecify.annotations.Nullable;

/**
 * What stands in for RabbitMQ and MongoDB: servers in Java that speak their protocols and keep all
 * in memory, on this machine alone. As an application it is both in a process of their own, on
 * {@code BROKER_PORT} and {@code MONGO_PORT}.
 */
final class StandIns implements Application {
  @Override
  public String name() {
    return "stand-ins";
  }

  @Override
  public Running start(Settings settings) throws Exception {
    Mongo mongo = Mongo.start(settings.number("MONGO_PORT", 27017, 0, 65535));
    try {
      Amqp amqp = Amqp.start(settings.number("BROKER_PORT", 5672, 0, 65535));
      Map<String, Integer> ports = new LinkedHashMap<>();
      ports.put("mongo", mongo.port());
      ports.put("amqp", amqp.port());
      return Launcher.together(ports, List.of(amqp, mongo));
    } catch (Exception e) {
      mongo.close();
      throw e;
    }
  }

  /** Stands in for MongoDB. */
  static final class Mongo implements AutoCloseable {
    private final MongoServer server;
    private final int port;

    private Mongo(MongoServer server, int port) {
      this.server = server;
      this.port = port;
    }

    static Mongo start(int port) {
      JsonLogs.quiet("de.bwaldvogel");
      MongoServer server = new MongoServer(new MemoryBackend());
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return new Mongo(server, server.getLocalAddress().getPort());
    }

    int port() {
      return port;
    }

    /** Returns what {@code MONGO_CONN} would be. */
    String connection() {
      return "mongodb://127.0.0.1:" + port + "/";
    }

    @Override
    public void close() {
      server.shutdownNow();
    }
  }

  /** Stands in for RabbitMQ: Apache Qpid's broker, for AMQP 0-9-1 alone. */
  static final class Amqp implements AutoCloseable {
    private final SystemLauncher launcher;
    private final Path folder;
    private final int port;

    private Amqp(SystemLauncher launcher, Path folder, int port) {
      this.launcher = launcher;
      this.folder = folder;
      this.port = port;
    }

    static Amqp start(int port) throws Exception {
      JsonLogs.quiet("org.apache.qpid");
      JsonLogs.quiet("qpid");
      URL configuration = Amqp.class.getResource("broker.json");
      if (configuration == null) {
        throw new IllegalStateException("no broker.json beside " + Amqp.class);
      }
      Path folder = Files.createTempDirectory("roentgen-broker");
      Started started = new Started();
      SystemLauncher launcher = new SystemLauncher(started);
      Map<String, Object> attributes = new HashMap<>();
      attributes.put("type", "Memory");
      attributes.put("initialConfigurationLocation", configuration.toExternalForm());
      attributes.put("startupLoggedToSystemOut", "false");
      attributes.put(
          "context",
          Map.of("qpid.work_dir", folder.toString(), "roentgen.port", Integer.toString(port)));
      launcher.startup(attributes);
      return new Amqp(launcher, folder, started.port());
    }

    int port() {
      return port;
    }

    /** Returns what {@code RABBITMQ_CONN} would be. */
    String connection() {
      return "amqp://guest:guest@127.0.0.1:" + port;
    }

    @Override
    public void close() {
      launcher.shutdown();
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot delete " + folder, e);
      }
    }
  }

  /** Finds out which port the broker got. */
  private static final class Started extends SystemLauncherListener.DefaultSystemLauncherListener {
    private volatile @Nullable SystemConfig<?> system;

    @Override
    public void onContainerResolve(SystemConfig<?> config) {
      system = config;
    }

    @SuppressWarnings("rawtypes") // As the broker's model has it.
    int port() {
      SystemConfig<?> config = system;
      if (config != null && config.getContainer() != null) {
        for (Port port : config.getContainer().getChildren(Port.class)) {
          if (port.getBoundPort() > 0) {
            return port.getBoundPort();
          }
        }
      }
      throw new IllegalStateException("cannot start the broker: it listens on no port");
    }
  }
}
