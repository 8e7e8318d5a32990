// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.orders;

import com.example.ecommerce.api.v1.Order;
import io.grpc.Status;
import io.roentgen.examples.common.Application;
import io.roentgen.examples.common.Endpoint;
import io.roentgen.examples.common.GrpcService;
import io.roentgen.examples.common.Launcher;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.common.Spans;
import io.roentgen.examples.common.Tracing;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.server.Authentication;
import io.roentgen.grpc.server.ErrorMapping;
import io.roentgen.grpc.server.Slot;
import io.roentgen.grpc.server.paging.PageTokens;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * The order service, one or more backends of it: on {@code PORT}, the next port and so on, each an
 * instance of one service with the orders that all of them have.
 */
public final class OrderService implements Application {
  /** The secret of tokens unless {@code TOKEN_SECRET} is set: for developers' machines only. */
  public static final String DEVELOPERS_SECRET = "roentgen-example";

  private static final System.Logger LOG = System.getLogger(OrderService.class.getName());
  private static final String DEFAULT_PORT = ":50051";

  @Override
  public String name() {
    return "order-service";
  }

  /** Runs it. */
  public static void main(String[] arguments) throws InterruptedException {
    Launcher.run(new OrderService(), arguments);
  }

  @Override
  public Running start(Settings settings) throws Exception {
    int backends = settings.number("BACKENDS", 1, 1, 20);
    int failPercent = settings.number("STORE_FAIL_PERCENT", 0, 0, 100);
    String secret = settings.text("TOKEN_SECRET", DEVELOPERS_SECRET);
    Tokens tokens = Tokens.signedWith(secret);
    var first = settings.listen("PORT", DEFAULT_PORT);
    Tracing tracing = Tracing.start(settings, settings.text("SERVICE_NAME", name()));
    OrderStore store = new OrderStore(() -> fail(failPercent));
    // All backends read each other's page tokens.
    PageTokens pages = PageTokens.signedWith(padded(secret));
    Map<String, Integer> ports = new LinkedHashMap<>();
    List<AutoCloseable> parts = new ArrayList<>();
    try {
      for (int i = 0; i < backends; i++) {
        int port = first.getPort() == 0 ? 0 : first.getPort() + i;
        String instance = "order-backend-" + (i + 1);
        GrpcService service =
            GrpcService.start(
                settings.with("PORT", first.getAddress().getHostAddress() + ':' + port),
                tracing,
                DEFAULT_PORT,
                List.of(new Orders(store, pages, created(tracing))),
                slots ->
                    slots
                        .add(
                            Slot.ERROR_MAPPING,
                            ErrorMapping.builder()
                                .map(
                                    OrderStore.StoreException.class,
                                    Status.INTERNAL.withDescription("failed to create order"))
                                .build())
                        .add(
                            Slot.AUTH,
                            Authentication.bearer(tokens)
                                .skipHealthWatch()
                                .skipReflection()
                                .build())
                        .add(Slot.HANDLER, new CallExtras(instance)));
        parts.add(service);
        ports.put(instance, service.port());
      }
      Endpoint metrics = Endpoint.start(settings, tracing.registry());
      if (metrics != null) {
        parts.add(metrics);
        ports.put("metrics", metrics.port());
      }
    } catch (Exception e) {
      Launcher.together(ports, parts).close();
      tracing.close();
      throw e;
    }
    parts.add(tracing);
    return Launcher.together(ports, parts);
  }

  private static byte[] padded(String secret) {
    return (secret + "-page-tokens-of-all-backends----").getBytes(StandardCharsets.UTF_8);
  }

  private static void fail(int percent) {
    if (ThreadLocalRandom.current().nextInt(100) < percent) {
      throw new OrderStore.StoreException("disk full (STORE_FAIL_PERCENT)");
    }
  }

  /** Who wants to know of new orders would take this from a queue; here it goes into the log. */
  private static Consumer<Order> created(Tracing tracing) {
    return order -> {
      ActiveSpan span = Spans.publish(tracing, "memory", "order.created");
      try {
        LOG.log(System.Logger.Level.DEBUG, "order.created order_id={0}", order.getId());
      } finally {
        span.end();
      }
    };
  }
}
