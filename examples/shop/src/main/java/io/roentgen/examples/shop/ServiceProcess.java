// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.roentgen.examples.common.Launcher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A service in a JVM of its own, as small as it can be. */
final class ServiceProcess implements Service.Killable {
  private static final int STOP_SECONDS = 40;

  private final Process process;
  private final Map<String, Integer> ports;

  private ServiceProcess(Process process, Map<String, Integer> ports) {
    this.process = process;
    this.ports = ports;
  }

  /**
   * Starts one on this process' Java and class path; does not wait until it serves.
   *
   * @param environment beside that of this process
   * @param flags as {@link ServiceMain} takes them
   */
  static ServiceProcess start(
      Service service, int port, Map<String, String> environment, List<String> flags)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx96m",
                "-cp",
                System.getProperty("java.class.path"),
                ServiceMain.class.getName(),
                service.name()));
    command.addAll(flags);
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().putAll(environment);
    builder.environment().put(Launcher.END_WITH_PARENT, "true");
    return new ServiceProcess(builder.start(), Map.of(service.name(), port));
  }

  @Override
  public Map<String, Integer> ports() {
    return ports;
  }

  @Override
  public void kill() {
    var unused = process.destroyForcibly();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
  }
}
