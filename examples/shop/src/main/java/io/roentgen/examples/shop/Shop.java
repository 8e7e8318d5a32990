// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.roentgen.examples.common.Application;
import io.roentgen.examples.common.Launcher;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All of the shop: six services in one JVM, or with {@code --processes} in one each; with {@code
 * --chaos} they are killed now and then.
 */
public final class Shop implements Application {
  static final String REDIS_ENDPOINT = "REDIS_ENDPOINT";

  /** Who answers stands before who asks. */
  static final List<Service> SERVICES =
      List.of(
          ShopService.CATALOG,
          ShopService.CART,
          ShopService.ORDER,
          ShopService.RECOMMENDER,
          ShopService.IMAGE,
          FrontendService.FRONTEND);

  private final List<String> flags;

  /**
   * Makes one that has not started.
   *
   * @param flags that services get which are processes
   */
  public Shop(String... flags) {
    this.flags = List.of(flags);
  }

  /** Runs it. */
  public static void main(String[] args) throws InterruptedException {
    Launcher.run(new Shop(args), args);
  }

  @Override
  public String name() {
    return "shop";
  }

  @Override
  public Started start(Settings settings) throws Exception {
    Chaos.@Nullable Config chaos = settings.flag("CHAOS", false) ? Chaos.Config.of(settings) : null;
    List<AutoCloseable> parts = new ArrayList<>();
    Supervisor supervisor = new Supervisor(Chaos.Config.restart(settings));
    parts.add(supervisor);
    boolean started = false;
    try {
      Settings all = settings;
      if (!settings.has(REDIS_ENDPOINT)) {
        Redis.Embedded redis = Redis.Embedded.start();
        parts.add(redis);
        all = all.with(REDIS_ENDPOINT, redis.endpoint());
        System.out.println(
            "shop: Redis is jedis-mock in this process, at "
                + redis.endpoint()
                + ", as REDIS_ENDPOINT is not set");
      }
      Map<String, Integer> ports = new LinkedHashMap<>();
      for (Service service : SERVICES) {
        int port = settings.number(service.prefix() + "_PORT", service.defaultPort(), 0, 65535);
        port = port == 0 ? freePort() : port;
        ports.put(service.name(), port);
        all = all.with(service.prefix() + "_URL", "127.0.0.1:" + port);
      }
      for (Service service : SERVICES) {
        Supervisor.Starter starter = starter(service, ports.getOrDefault(service.name(), 0), all);
        supervisor.add(service.name(), starter.start(), starter);
      }
      ChaosRunner runner = null;
      if (chaos != null) {
        runner = new ChaosRunner(chaos, supervisor, all, marks(settings));
        parts.add(0, runner);
        runner.start();
      }
      started = true;
      return new Started(Launcher.together(ports, parts), supervisor);
    } finally {
      if (!started) {
        Launcher.together(Map.of(), parts).close();
      }
    }
  }

  private Supervisor.Starter starter(Service service, int port, Settings all) {
    String address = "127.0.0.1:" + port;
    String metrics = String.valueOf(all.number(service.prefix() + "_METRICS_PORT", 0, 0, 65535));
    if (all.flag("PROCESSES", false)) {
      Map<String, String> environment = new LinkedHashMap<>();
      environment.put("PORT", address);
      environment.put("SERVICE_NAME", service.name());
      environment.put("METRICS_PORT", metrics);
      environment.put(REDIS_ENDPOINT, all.text(REDIS_ENDPOINT, ""));
      for (Service each : SERVICES) {
        String url = each.prefix() + "_URL";
        environment.put(url, all.text(url, ""));
      }
      return () -> ServiceProcess.start(service, port, environment, flags);
    }
    Settings own =
        all.with("PORT", address)
            .with("SERVICE_NAME", service.name())
            .with("METRICS_PORT", metrics);
    return () -> service.start(own);
  }

  private static @Nullable TimelineMarks marks(Settings settings) {
    return settings.has(FrontendService.CONSOLE_URL)
        ? new TimelineMarks(
            settings.text(FrontendService.CONSOLE_URL, ""),
            settings.has("ROENTGEN_TOKEN") ? settings.text("ROENTGEN_TOKEN", "") : null)
        : null;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** A shop that has started. */
  public static final class Started implements Running {
    private final Running running;
    private final Supervisor supervisor;

    private Started(Running running, Supervisor supervisor) {
      this.running = running;
      this.supervisor = supervisor;
    }

    /** Returns the port of each service, by its name in the map. */
    @Override
    public Map<String, Integer> ports() {
      return running.ports();
    }

    /** Kills a service as chaos does; it comes back after {@code RESTART_S}. */
    public void kill(String service) {
      supervisor.kill(service);
    }

    /** Returns the names of the services that live. */
    public List<String> live() {
      return supervisor.live();
    }

    @Override
    public void close() {
      running.close();
    }
  }
}
