// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.orders;

import com.example.ecommerce.api.v1.Order;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.roentgen.examples.common.GrpcService;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.common.Spans;
import io.roentgen.examples.common.Tracing;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.server.Authentication;
import io.roentgen.grpc.server.ErrorMapping;
import io.roentgen.grpc.server.Slot;
import io.roentgen.grpc.server.paging.PageTokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * Backends of one order service: each is a server of its own, that comes and goes by itself, and
 * all of them have the same orders and read each other's page tokens.
 */
final class OrderBackends {
  static final String DEFAULT_PORT = ":50051";

  private static final System.Logger LOG = System.getLogger(OrderBackends.class.getName());
  static final int MOST = 20;

  private final Settings settings;
  private final Tracing tracing;
  private final Tokens tokens;
  private final PageTokens pages;
  private final OrderStore store;
  private final int broken;

  /** Makes it with nothing started. */
  OrderBackends(Settings settings, Tracing tracing) {
    this.settings = settings;
    this.tracing = tracing;
    int failPercent = settings.number("STORE_FAIL_PERCENT", 0, 0, 100);
    broken = settings.number("BROKEN_BACKEND", 0, 0, MOST);
    String secret = settings.text("TOKEN_SECRET", OrderService.DEVELOPERS_SECRET);
    tokens = Tokens.signedWith(secret);
    pages = PageTokens.signedWith(padded(secret));
    store = new OrderStore(() -> fail(failPercent));
  }

  /** Returns what the backend with a number, from 1 on, calls itself. */
  static String instance(int number) {
    return "order-backend-" + number;
  }

  /**
   * Starts a backend.
   *
   * @param address {@code host:port}, with port 0 for a free one
   */
  GrpcService start(int number, String address) throws IOException {
    return GrpcService.start(
        settings.with("PORT", address),
        tracing,
        DEFAULT_PORT,
        List.of(new Orders(store, pages, created(tracing))),
        slots -> {
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
                  Authentication.bearer(tokens).skipHealthWatch().skipReflection().build())
              .add(Slot.HANDLER, new CallExtras(instance(number)));
          if (number == broken) {
            slots.add(Slot.HANDLER, "Broken", new Broken(instance(number)));
          }
          return slots;
        });
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

  /** Says of orders that it cannot, and of its health that all is well: what health misses. */
  private record Broken(String instance) implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      if (!call.getMethodDescriptor().getFullMethodName().startsWith("ecommerce.")) {
        return next.startCall(call, headers);
      }
      call.close(
          Status.UNAVAILABLE.withDescription(instance + " is broken (BROKEN_BACKEND)"),
          new Metadata());
      return new ServerCall.Listener<>() {};
    }
  }
}
