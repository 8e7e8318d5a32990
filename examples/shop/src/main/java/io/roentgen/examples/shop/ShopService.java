// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.roentgen.examples.common.Channels;
import io.roentgen.examples.common.Endpoint;
import io.roentgen.examples.common.GrpcService;
import io.roentgen.examples.common.Launcher;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.common.Tracing;
import io.roentgen.examples.shop.v1.CartServiceGrpc;
import io.roentgen.examples.shop.v1.CatalogServiceGrpc;
import io.roentgen.grpc.client.ChannelDefaults;
import io.roentgen.grpc.client.DefaultDeadlines;
import io.roentgen.grpc.server.ErrorMapping;
import io.roentgen.grpc.server.Slot;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** A service behind the frontend: a gRPC server. */
final class ShopService implements Service {
  static final ShopService CATALOG =
      new ShopService("catalogservice", "CATALOG", 5000, ShopService::catalogOf);
  static final ShopService CART =
      new ShopService(
          "cartservice",
          "CART",
          6000,
          (settings, parts) -> List.of(new Carts(parts.redis(settings), parts.catalog(settings))));
  static final ShopService ORDER =
      new ShopService(
          "orderservice",
          "ORDER",
          7000,
          (settings, parts) ->
              List.of(
                  new Orders(
                      CartServiceGrpc.newBlockingStub(parts.channel(CART, settings)),
                      parts.catalog(settings),
                      new OrderQueue(parts.tracing(), parts.redis(settings)))));
  static final ShopService RECOMMENDER =
      new ShopService(
          "recommenderservice",
          "RECOMMENDER",
          8000,
          (settings, parts) -> List.of(new Recommender(parts.catalog(settings), new Random())));
  static final ShopService IMAGE =
      new ShopService("ImageService", "IMAGE", 9000, (settings, parts) -> List.of(new Images()));

  static final List<ShopService> ALL = List.of(CATALOG, CART, ORDER, RECOMMENDER, IMAGE);

  private static final Duration DEADLINE = Duration.ofSeconds(5);

  private final String name;
  private final String prefix;
  private final int defaultPort;
  private final Work work;

  /** Makes what a service does. */
  private interface Work {
    List<BindableService> services(Settings settings, Parts parts);
  }

  private ShopService(String name, String prefix, int defaultPort, Work work) {
    this.name = name;
    this.prefix = prefix;
    this.defaultPort = defaultPort;
    this.work = work;
  }

  private static List<BindableService> catalogOf(Settings settings, Parts parts) {
    int maxUnits = CapacityBucket.MAX_UNITS;
    ProductTable table =
        new ProductTable(
            parts.tracing(),
            new ProductTable.Config(
                settings.number("TABLE_READ_UNITS", ProductTable.DEFAULT_READ_UNITS, 1, maxUnits),
                settings.number("TABLE_WRITE_UNITS", ProductTable.DEFAULT_WRITE_UNITS, 1, maxUnits),
                settings.number("RETRIES", ProductTable.DEFAULT_RETRIES, 0, 20),
                settings.flag("TABLE_BURST", false)
                    ? CapacityBucket.Burst.FIVE_MINUTES
                    : CapacityBucket.Burst.OFF));
    return List.of(new Catalog(table), new TableAdmin(table));
  }

  @Override
  public String name() {
    return name;
  }

  /** Returns the setting that says where it is, such as {@code CATALOG_URL}. */
  String urlSetting() {
    return prefix + "_URL";
  }

  @Override
  public String prefix() {
    return prefix;
  }

  @Override
  public int defaultPort() {
    return defaultPort;
  }

  /** Returns where it is, as {@code host:port}. */
  String target(Settings settings) {
    return settings.target(urlSetting(), "127.0.0.1:" + defaultPort);
  }

  @Override
  public Killable start(Settings settings) throws IOException {
    Tracing tracing = Tracing.start(settings, settings.text("SERVICE_NAME", name));
    Parts parts = new Parts(tracing);
    boolean started = false;
    try {
      Faults faults = new Faults();
      List<BindableService> services = new ArrayList<>(work.services(settings, parts));
      services.add(faults.admin());
      GrpcService server =
          GrpcService.start(
              settings,
              tracing,
              ":" + defaultPort,
              services,
              slots -> slots.add(Slot.ERROR_MAPPING, errors()).add(Slot.HANDLER, "Chaos", faults));
      Endpoint endpoint = Endpoint.start(settings, tracing.registry());
      if (endpoint != null) {
        parts.all.add(0, endpoint);
      }
      started = true;
      return new Started(server, Launcher.together(Map.of("grpc", server.port()), parts.all));
    } finally {
      if (!started) {
        parts.close();
      }
    }
  }

  private static ErrorMapping errors() {
    return ErrorMapping.builder()
        .map(
            ThroughputExceededException.class,
            e -> Status.RESOURCE_EXHAUSTED.withDescription(e.getMessage()))
        .map(
            JedisConnectionException.class,
            e -> Status.UNAVAILABLE.withDescription("Redis is away").withCause(e))
        .build();
  }

  /** What a service has beside its server, made when it asks for it, and closed with it. */
  static final class Parts {
    private final Tracing tracing;
    private final List<AutoCloseable> all = new ArrayList<>();

    Parts(Tracing tracing) {
      this.tracing = tracing;
      all.add(tracing);
    }

    ManagedChannel channel(ShopService callee, Settings settings) {
      ManagedChannel channel =
          tracing
              .kit()
              .instrument(
                  ChannelDefaults.builder()
                      .deadlines(DefaultDeadlines.builder().timeout(DEADLINE).build())
                      .build()
                      .applyTo(
                          NettyChannelBuilder.forTarget("dns:///" + callee.target(settings))
                              .usePlaintext()),
                  callee.name())
              // Never idle, and connected from here: gRPC watches the callee's health in the
              // context of who has it connect, and with a call that is served the watch would end.
              .idleTimeout(Long.MAX_VALUE, TimeUnit.DAYS)
              .build();
      Context.ROOT.run(() -> channel.getState(true));
      all.add(0, () -> Channels.close(channel));
      return channel;
    }

    CatalogServiceGrpc.CatalogServiceBlockingStub catalog(Settings settings) {
      return CatalogServiceGrpc.newBlockingStub(channel(CATALOG, settings));
    }

    Redis redis(Settings settings) {
      Redis redis = new Redis(tracing, Redis.endpoint(settings));
      all.add(0, redis);
      return redis;
    }

    void close() {
      Launcher.together(Map.of(), all).close();
    }

    Tracing tracing() {
      return tracing;
    }

    /** Adds what is to be closed before all others. */
    void first(AutoCloseable part) {
      all.add(0, part);
    }

    List<AutoCloseable> all() {
      return all;
    }
  }

  private record Started(GrpcService server, Running rest) implements Killable {
    @Override
    public Map<String, Integer> ports() {
      return rest.ports();
    }

    @Override
    public void kill() {
      server.kill();
      rest.close();
    }

    @Override
    public void close() {
      server.close();
      rest.close();
    }
  }
}
