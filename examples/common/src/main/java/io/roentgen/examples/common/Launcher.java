// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.common;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs an application as a process: one clear line if it cannot start, a graceful end on SIGTERM.
 */
public final class Launcher {
  /** The setting of those who must not outlive who started them, however that one ends. */
  public static final String END_WITH_PARENT = "END_WITH_PARENT";

  private Launcher() {}

  /** Runs it until the process is ended. */
  public static void run(Application application, String... arguments) throws InterruptedException {
    Settings settings;
    Running running;
    try {
      settings = Settings.of(System.getenv(), arguments);
      JsonLogs.install(settings, settings.text("SERVICE_NAME", application.name()));
      running = application.start(settings);
    } catch (Exception e) {
      System.err.println(application.name() + ": cannot start: " + reason(e));
      System.exit(e instanceof IllegalArgumentException ? 2 : 1);
      return;
    }
    if (settings.flag(END_WITH_PARENT, false)) {
      var unused =
          ProcessHandle.current()
              .parent()
              .map(parent -> parent.onExit().thenRun(() -> System.exit(0)));
    }
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  running.close();
                  ended.countDown();
                },
                "end " + application.name()));
    System.out.println(application.name() + ": started " + running.ports());
    ended.await();
  }

  private static String reason(Throwable thrown) {
    String message = thrown.getMessage();
    return message == null ? thrown.toString() : message;
  }

  /** Starts parts of an application. */
  @FunctionalInterface
  public interface Starting {
    /**
     * Starts them, and adds each to {@code parts} once it runs.
     *
     * @param ports by their names
     */
    void start(Map<String, Integer> ports, List<AutoCloseable> parts) throws Exception;
  }

  /**
   * Starts parts and, if {@code METRICS_PORT} is set, the endpoint of their metrics. All of them
   * are closed, {@code tracing} last, when the application is; at once if one cannot start.
   */
  public static Running start(Settings settings, Tracing tracing, Starting starting)
      throws Exception {
    Map<String, Integer> ports = new LinkedHashMap<>();
    List<AutoCloseable> parts = new ArrayList<>();
    try {
      starting.start(ports, parts);
      Endpoint metrics = Endpoint.start(settings, tracing.registry());
      if (metrics != null) {
        parts.add(metrics);
        ports.put("metrics", metrics.port());
      }
    } catch (Exception e) {
      parts.add(tracing);
      together(ports, parts).close();
      throw e;
    }
    parts.add(tracing);
    return together(ports, parts);
  }

  /**
   * Returns what several parts are together; they are closed in the order in which they are given,
   * each once. A part that throws does not keep the others from being closed.
   */
  public static Running together(Map<String, Integer> ports, List<? extends AutoCloseable> parts) {
    return new Together(
        Collections.unmodifiableMap(new LinkedHashMap<>(ports)), new ArrayList<>(parts));
  }

  private static final class Together implements Running {
    private static final System.Logger LOG = System.getLogger(Launcher.class.getName());

    private final Map<String, Integer> ports;
    private final List<AutoCloseable> parts;
    private final AtomicBoolean closed = new AtomicBoolean();

    Together(Map<String, Integer> ports, List<AutoCloseable> parts) {
      this.ports = ports;
      this.parts = parts;
    }

    @Override
    public Map<String, Integer> ports() {
      return ports;
    }

    @Override
    public void close() {
      if (!closed.compareAndSet(false, true)) {
        return;
      }
      for (AutoCloseable part : parts) {
        try {
          part.close();
        } catch (Exception e) {
          LOG.log(System.Logger.Level.WARNING, "cannot close " + part, e);
        }
      }
    }
  }
}
