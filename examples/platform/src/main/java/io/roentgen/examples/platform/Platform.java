// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import io.roentgen.examples.common.Application;
import io.roentgen.examples.common.ChildJvm;
import io.roentgen.examples.common.JsonLogs;
import io.roentgen.examples.common.Launcher;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * All of the platform, in one process, or with {@code PROCESSES} a JVM for each service, the
 * gateway and the page; the stand-ins are in this one. What a setting names elsewhere ({@code
 * MONGO_CONN}, {@code RABBITMQ_CONN}, {@code SERVICE_D_URL} and so on) is used from there; the rest
 * is started here. {@code ANY_PORTS} takes free ports in place of the usual ones.
 */
public final class Platform implements Application {
  private static final System.Logger LOG = System.getLogger(Platform.class.getName());
  private static final String MONGO = "MONGO_CONN";
  private static final String RABBITMQ = "RABBITMQ_CONN";

  /** Those who are asked before those who ask them. */
  private static final List<Member> ORDER =
      List.of(Member.F, Member.D, Member.G, Member.H, Member.C, Member.E, Member.B, Member.A);

  /** Makes one. */
  public Platform() {}

  @Override
  public String name() {
    return "platform";
  }

  @Override
  public Running start(Settings settings) throws Exception {
    for (String library :
        List.of("com.linecorp.armeria", "com.mongodb", "org.mongodb", "com.rabbitmq")) {
      JsonLogs.quiet(library);
    }
    Map<String, Integer> ports = Collections.synchronizedMap(new LinkedHashMap<>());
    List<AutoCloseable> parts = Collections.synchronizedList(new ArrayList<>());
    try {
      start(settings, ports, parts);
    } catch (Exception e) {
      closeTogether(parts);
      throw e;
    }
    return Launcher.together(ports, List.of(() -> closeTogether(parts)));
  }

  private static void start(
      Settings settings, Map<String, Integer> ports, List<AutoCloseable> parts) throws Exception {
    Settings known = standIns(settings, ports, parts);
    boolean any = settings.flag("ANY_PORTS", false);
    for (Member member : ORDER) {
      if (settings.has(member.url())) {
        continue;
      }
      Settings own =
          known
              .with("PORT", any ? "127.0.0.1:0" : "127.0.0.1:" + member.port)
              .with("SERVICE_NAME", member.title())
              .with("GREETING", member.greeting);
      int port = add(part(settings, member.host(), new Service(member)), own, ports, parts);
      known = known.with(member.url(), "127.0.0.1:" + port);
    }
    int gateway =
        add(
            part(settings, "rev-proxy", new Gateway()),
            known.with("PORT", any ? "0" : "8080").with("SERVICE_NAME", "rev-proxy"),
            ports,
            parts);
    Settings page = known.with("PORT", any ? "0" : "8088");
    add(
        part(settings, "ui", new Ui()),
        page.has("API_URL") ? page : page.with("API_URL", "http://localhost:" + gateway),
        ports,
        parts);
  }

  private static Application part(Settings settings, String name, Application application) {
    return settings.flag("PROCESSES", false)
        ? new ChildJvm(application.name(), Main.class, name)
        : application;
  }

  private static int add(
      Application application,
      Settings settings,
      Map<String, Integer> ports,
      List<AutoCloseable> parts)
      throws Exception {
    Running running = application.start(settings);
    parts.add(running);
    int port = running.ports().values().iterator().next();
    ports.put(application.name(), port);
    return port;
  }

  private static Settings standIns(
      Settings settings, Map<String, Integer> ports, List<AutoCloseable> parts) throws Exception {
    Settings known = settings;
    List<String> embedded = new ArrayList<>();
    if (!settings.has(RABBITMQ)) {
      StandIns.Amqp amqp = StandIns.Amqp.start(0);
      parts.add(amqp);
      ports.put("amqp", amqp.port());
      known = known.with(RABBITMQ, amqp.connection());
      embedded.add("RabbitMQ by Qpid (set " + RABBITMQ + " for another)");
    }
    if (!settings.has(MONGO)) {
      StandIns.Mongo mongo = StandIns.Mongo.start(0);
      parts.add(mongo);
      ports.put("mongo", mongo.port());
      known = known.with(MONGO, mongo.connection());
      embedded.add("MongoDB by mongo-java-server (set " + MONGO + " for another)");
    }
    if (!embedded.isEmpty()) {
      LOG.log(System.Logger.Level.INFO, "embedded in place of: " + String.join(", ", embedded));
    }
    return known;
  }

  /** Closes those that ask before those that are asked; services take their time at once. */
  private static void closeTogether(List<AutoCloseable> parts) {
    List<AutoCloseable> servers = new ArrayList<>();
    List<AutoCloseable> standIns = new ArrayList<>();
    synchronized (parts) {
      for (AutoCloseable part : parts) {
        (part instanceof Running ? servers : standIns).add(part);
      }
    }
    Collections.reverse(servers);
    ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, servers.size()));
    try {
      List<Future<?>> closing = new ArrayList<>();
      for (AutoCloseable server : servers) {
        closing.add(threads.submit(() -> Launcher.together(Map.of(), List.of(server)).close()));
      }
      for (Future<?> future : closing) {
        future.get(60, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.log(System.Logger.Level.WARNING, "cannot close all services", e);
    } finally {
      threads.shutdownNow();
      Launcher.together(Map.of(), standIns).close();
    }
  }
}
