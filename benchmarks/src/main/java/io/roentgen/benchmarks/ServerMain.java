// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.server.ListenerName;
import io.roentgen.server.RoentgenServer;
import io.roentgen.server.ServerSettings;
import io.roentgen.server.Setting;
import io.roentgen.store.lake.LakeConfig;
import io.roentgen.store.lake.LakeStore;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The server that is measured, in a process of its own: what {@code roentgen up} starts, with every
 * port free and nothing deleted for its age, as the reference data is from a fixed time.
 */
final class ServerMain {
  static final String READY = "ready";

  private static final Duration RETENTION = Duration.ofDays(36_500);

  private ServerMain() {}

  /** Takes the data folder; prints the ports of HTTP, OTLP/gRPC and UDP when it is ready. */
  public static void main(String[] args) throws InterruptedException {
    Path folder = Path.of(args[0]);
    ServerSettings settings = new ServerSettings();
    for (ListenerName listener : ListenerName.values()) {
      settings = settings.set(listener.setting(), "0", "benchmark");
    }
    settings = settings.set(Setting.STORE_PATH, folder.toString(), "benchmark");
    LakeConfig config =
        LakeConfig.of(folder).withKeep(new LakeConfig.Keep(RETENTION, Long.MAX_VALUE));
    try (RoentgenServer server =
        RoentgenServer.start(settings.toConfig(), () -> LakeStore.open(config))) {
      System.out.printf(
          "%s %d %d %d%n",
          READY,
          server.address(ListenerName.HTTP).getPort(),
          server.address(ListenerName.OTLP_GRPC).getPort(),
          server.address(ListenerName.XRAY_UDP).getPort());
      System.out.flush();
      server.awaitShutdown();
    }
  }
}
