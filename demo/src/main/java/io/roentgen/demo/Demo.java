// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.demo;

import io.roentgen.examples.archive.Archiver;
import io.roentgen.examples.archive.Fetcher;
import io.roentgen.examples.common.Application;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.orders.BalancingExperiment;
import io.roentgen.examples.orders.OrderDesk;
import io.roentgen.examples.orders.OrderService;
import io.roentgen.examples.orders.Tokens;
import io.roentgen.examples.platform.Platform;
import io.roentgen.examples.shop.Shop;
import io.roentgen.load.Limits;
import io.roentgen.load.Load;
import io.roentgen.load.Profiles;
import io.roentgen.load.Scenario;
import io.roentgen.load.Shape;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The applications and their load, in this process. */
final class Demo implements AutoCloseable {
  private static final Limits LIMITS =
      new Limits(Limits.MAX_TIME, Limits.MAX_COUNT, 1_000, Duration.ofSeconds(10));
  private static final int PLATFORM_USERS = 15;
  private static final int SHOP_USERS = 6;
  private static final int ORDER_PORT = 50061;
  private static final int ARCHIVER_PORT = 8082;
  private static final int FRONTEND_PORT = 8083;

  private final Settings settings;
  private final Choice choice;
  private final PrintStream out;
  private final List<Running> running = new ArrayList<>();
  private final List<Scenario> scenarios = new ArrayList<>();
  private final List<Load> loads = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  /**
   * What is shown.
   *
   * @param users of the platform and of the shop each; 0 for the usual numbers
   * @param freePorts takes any ports, in place of the usual ones
   */
  record Choice(Set<Part> parts, int users, boolean chaos, boolean processes, boolean freePorts) {}

  /**
   * @param out is told what is ready
   */
  Demo(Settings settings, Roentgen roentgen, Choice choice, PrintStream out) {
    this.choice = choice;
    this.out = out;
    Settings all =
        settings
            .with("AWS_XRAY_DAEMON_ADDRESS", roentgen.xray())
            .with("ROENTGEN_URL", roentgen.console())
            .with("SHUTDOWN_PAUSE_MS", 0)
            .with("SHUTDOWN_DRAIN_MS", 2_000)
            .with("METRICS_PORT", 0);
    if (choice.processes()) {
      all = all.with("PROCESSES", true);
    }
    this.settings = choice.freePorts() ? freePorts(all) : all;
  }

  private static Settings freePorts(Settings all) {
    Settings free = all.with("ANY_PORTS", true);
    for (String service : List.of("CATALOG", "CART", "ORDER", "RECOMMENDER", "IMAGE", "FRONTEND")) {
      free = free.with(service + "_PORT", 0);
    }
    return free;
  }

  /** Starts the parts, one after the other, each with its load. */
  void start() throws DemoException, InterruptedException {
    for (Part part : Part.values()) {
      if (choice.parts().contains(part)) {
        try {
          switch (part) {
            case PLATFORM -> platform();
            case SHOP -> shop();
            case ORDERS -> orders();
            case ARCHIVE -> archive();
          }
        } catch (InterruptedException | DemoException e) {
          throw e;
        } catch (Exception e) {
          throw new DemoException("cannot start " + part.label() + ": " + e.getMessage(), e);
        }
      }
    }
  }

  private void platform() throws Exception {
    Running platform = start(new Platform(), settings);
    URI url = at(port(platform, "rev-proxy"), "/api/greeting");
    int users = choice.users() == 0 ? PLATFORM_USERS : choice.users();
    // Users of the profile do not wait; these do, so that the machine is left something.
    load(
        Profiles.hey(url, users),
        new Shape.Closed(users, Duration.ofMillis(500), Duration.ofMillis(1_500)));
    ready(Part.PLATFORM, url + ", page " + at(port(platform, "ui"), "/"));
  }

  private void shop() throws Exception {
    Settings own = settings;
    if (!choice.freePorts()) {
      own = own.with("FRONTEND_PORT", FRONTEND_PORT);
    }
    if (choice.chaos()) {
      own =
          own.with("CHAOS", true)
              .with("CHAOS_KINDS", own.text("CHAOS_KINDS", "kill,capacity,latency,status"))
              .with("CHAOS_MIN_S", own.text("CHAOS_MIN_S", "15"))
              .with("CHAOS_MAX_S", own.text("CHAOS_MAX_S", "30"))
              .with("CHAOS_EFFECT_S", own.text("CHAOS_EFFECT_S", "15"));
    }
    Running shop = start(new Shop(), own);
    URI url = at(port(shop, "Frontend"), "/");
    load(
        Profiles.shop(url),
        new Shape.Closed(
            choice.users() == 0 ? SHOP_USERS : choice.users(),
            Duration.ofSeconds(1),
            Duration.ofSeconds(4)));
    ready(Part.SHOP, url + (choice.chaos() ? ", with chaos" : ""));
  }

  private void orders() throws Exception {
    // Before the desk: both name their backends by the one static scheme of this process.
    BalancingExperiment.run(
        settings.with("PORT", "127.0.0.1:0").with("CALLS", settings.text("CALLS", "300")));
    int port = choice.freePorts() ? 0 : ORDER_PORT;
    Running service =
        start(new OrderService(), settings.with("BACKENDS", 3).with("PORT", "127.0.0.1:" + port));
    List<String> backends =
        service.ports().values().stream().map(each -> "127.0.0.1:" + each).toList();
    start(new OrderDesk(), settings.with("ORDER_BACKENDS", String.join(",", backends)));
    String secret = settings.text("TOKEN_SECRET", OrderService.DEVELOPERS_SECRET);
    String token = Tokens.signedWith(secret).issue("load", Duration.ofDays(1));
    load(Profiles.orderMix(backends.get(0), token), new Shape.Open(5));
    ready(
        Part.ORDERS,
        String.join(", ", backends)
            + "; pick_first beside round_robin: services "
            + BalancingExperiment.PICK_FIRST
            + " and "
            + BalancingExperiment.ROUND_ROBIN);
  }

  private void archive() throws Exception {
    int port = choice.freePorts() ? 0 : ARCHIVER_PORT;
    Running archiver = start(new Archiver(), settings.with("LISTEN", "127.0.0.1:" + port));
    Running fetcher =
        start(
            new Fetcher(),
            settings
                .with("LISTEN", "127.0.0.1:" + (choice.freePorts() ? 0 : 8081))
                .with("ARCHIVER", "127.0.0.1:" + port(archiver, "http"))
                .with("ALLOW_PRIVATE", true));
    URI url = at(port(fetcher, "http"), "/");
    Scenario fetch = Profiles.fetchLoop(url);
    load(fetch, fetch.shape());
    ready(Part.ARCHIVE, url + "fetch/URL, archiver " + at(port(archiver, "http"), "/"));
  }

  private Running start(Application application, Settings own) throws Exception {
    Running started = application.start(own);
    running.add(started);
    return started;
  }

  private static int port(Running application, String name) throws DemoException {
    Integer port = application.ports().get(name);
    if (port == null) {
      throw new DemoException("no port " + name + " in " + application.ports());
    }
    return port;
  }

  private static URI at(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  private void load(Scenario scenario, Shape shape) {
    scenarios.add(scenario);
    Load load = new Load(scenario, shape, LIMITS);
    loads.add(load);
    threads.add(Thread.ofVirtual().name(scenario.name()).start(load::run));
  }

  private void ready(Part part, String what) {
    out.println(String.format(Locale.ROOT, "%-9s %s", part.label() + ':', what));
  }

  /** Returns how many requests of the load have ended. */
  long requests() {
    return loads.stream().mapToLong(Load::requests).sum();
  }

  /** Returns how many of them failed. */
  long failed() {
    return loads.stream().mapToLong(Load::failed).sum();
  }

  /** Ends the load, then the applications, those that ask before those that are asked. */
  @Override
  public void close() {
    loads.forEach(Load::stop);
    for (Thread thread : threads) {
      try {
        thread.join(Duration.ofSeconds(10));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    scenarios.forEach(Scenario::close);
    List<Thread> ends = new ArrayList<>();
    for (Running each : running.reversed()) {
      ends.add(Thread.ofVirtual().start(each::close));
    }
    for (Thread end : ends) {
      try {
        end.join(Duration.ofSeconds(15));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
