// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.server.ListenerName;
import io.roentgen.server.RoentgenServer;
import io.roentgen.server.ServerConfig;
import io.roentgen.server.ServerSettings;
import io.roentgen.server.Setting;
import io.roentgen.store.lake.LakeConfig;
import io.roentgen.store.lake.LakeStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The server that is measured, in a process of its own: what {@code roentgen up} starts, with every
 * port free and nothing deleted for its age, as the reference data is from a fixed time.
 */
final class ServerMain {
  static final String READY = "ready";

  /** Said on stdin: put everything into parts. */
  static final String SEAL = "seal";

  /** The answer to it, when that is done. */
  static final String SEALED = "sealed";

  private static final Duration SEAL_LIMIT = Duration.ofMinutes(10);

  private ServerMain() {}

  /** Takes the data folder; prints the ports of HTTP, OTLP/gRPC and UDP when it is ready. */
  public static void main(String[] args) throws InterruptedException {
    ServerSettings settings = new ServerSettings();
    for (ListenerName listener : ListenerName.values()) {
      settings = settings.set(listener.setting(), "0", "benchmark");
    }
    settings = settings.set(Setting.STORE_PATH, args[0], "benchmark");
    settings = settings.set(Setting.STORE_RETENTION, "36500d", "benchmark");
    ServerConfig config = settings.toConfig();
    AtomicReference<@Nullable LakeStore> store = new AtomicReference<>();
    try (RoentgenServer server =
        RoentgenServer.start(
            config,
            () -> {
              LakeStore opened = LakeStore.open(lake(config.storage()));
              store.set(opened);
              return opened;
            })) {
      System.out.printf(
          "%s %d %d %d%n",
          READY,
          server.address(ListenerName.HTTP).getPort(),
          server.address(ListenerName.OTLP_GRPC).getPort(),
          server.address(ListenerName.XRAY_UDP).getPort());
      System.out.flush();
      Thread.ofPlatform()
          .daemon()
          .name("orders")
          .start(() -> obey(Objects.requireNonNull(store.get())));
      server.awaitShutdown();
    }
  }

  /** As the server itself opens its store. */
  private static LakeConfig lake(ServerConfig.Storage storage) {
    return new LakeConfig(
        storage.path(),
        new LakeConfig.Live(storage.liveBytes(), storage.liveAge(), storage.pendingBytes()),
        new LakeConfig.Keep(storage.retention(), storage.diskLimitBytes()),
        storage.engineMemoryBytes(),
        InstantSource.system());
  }

  private static void obey(LakeStore store) {
    try {
      BufferedReader orders =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String order = orders.readLine(); order != null; order = orders.readLine()) {
        if (order.equals(SEAL)) {
          store.seal(SEAL_LIMIT);
          System.out.println(SEALED);
          System.out.flush();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read orders", e);
    }
  }
}
