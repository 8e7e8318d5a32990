// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import com.linecorp.armeria.common.metric.NoopMeterRegistry;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import io.grpc.ManagedChannel;
import io.roentgen.examples.common.Endpoint;
import io.roentgen.examples.common.Launcher;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.common.Tracing;
import io.roentgen.examples.shop.v1.CartServiceGrpc;
import io.roentgen.examples.shop.v1.CatalogServiceGrpc;
import io.roentgen.examples.shop.v1.ImageServiceGrpc;
import io.roentgen.examples.shop.v1.OrderServiceGrpc;
import io.roentgen.examples.shop.v1.RecommenderServiceGrpc;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;

/** The process of the {@link Frontend}. */
final class FrontendService implements Service {
  static final FrontendService FRONTEND = new FrontendService();
  static final String CONSOLE_URL = "ROENTGEN_URL";

  private static final Duration DRAIN = Duration.ofSeconds(5);

  private FrontendService() {}

  @Override
  public String name() {
    return "Frontend";
  }

  @Override
  public String prefix() {
    return "FRONTEND";
  }

  @Override
  public int defaultPort() {
    return 8080;
  }

  @Override
  public Killable start(Settings settings) throws IOException {
    InetSocketAddress address = settings.listen("PORT", "127.0.0.1:8080");
    Tracing tracing = Tracing.start(settings, settings.text("SERVICE_NAME", name()));
    ShopService.Parts parts = new ShopService.Parts(tracing);
    boolean started = false;
    try {
      ManagedChannel catalog = parts.channel(ShopService.CATALOG, settings);
      Frontend frontend =
          new Frontend(
              tracing,
              new Frontend.Services(
                  CatalogServiceGrpc.newBlockingStub(catalog),
                  CatalogServiceGrpc.newFutureStub(catalog),
                  CartServiceGrpc.newBlockingStub(parts.channel(ShopService.CART, settings)),
                  OrderServiceGrpc.newBlockingStub(parts.channel(ShopService.ORDER, settings)),
                  RecommenderServiceGrpc.newBlockingStub(
                      parts.channel(ShopService.RECOMMENDER, settings)),
                  ImageServiceGrpc.newBlockingStub(parts.channel(ShopService.IMAGE, settings))),
              new Sessions(parts.redis(settings)),
              new Pages(settings.has(CONSOLE_URL) ? settings.text(CONSOLE_URL, "") : null));
      Endpoint endpoint = Endpoint.start(settings, tracing.registry());
      if (endpoint != null) {
        parts.first(endpoint);
      }
      ServerBuilder builder =
          Server.builder()
              .http(address)
              .meterRegistry(NoopMeterRegistry.get())
              .gracefulShutdownTimeout(Duration.ZERO, DRAIN);
      frontend.addTo(builder);
      Server server = builder.build();
      server.start().join();
      parts.first(() -> server.stop().join());
      started = true;
      return new Started(Launcher.together(Map.of("http", server.activeLocalPort()), parts.all()));
    } finally {
      if (!started) {
        parts.close();
      }
    }
  }

  /** Its connections are Armeria's, which ends them at once when it has no request. */
  private record Started(Running running) implements Killable {
    @Override
    public Map<String, Integer> ports() {
      return running.ports();
    }

    @Override
    public void kill() {
      running.close();
    }

    @Override
    public void close() {
      running.close();
    }
  }
}
