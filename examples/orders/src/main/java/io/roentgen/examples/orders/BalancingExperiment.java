// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.orders;

import com.example.ecommerce.api.v1.ListOrdersRequest;
import com.example.ecommerce.api.v1.OrderServiceGrpc;
import io.grpc.ClientInterceptor;
import io.grpc.NameResolverRegistry;
import io.roentgen.examples.common.JsonLogs;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.common.Tracing;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.ActiveSpan.Kind;
import io.roentgen.grpc.client.LoadBalancing;
import io.roentgen.grpc.client.StaticNameResolverProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Three backends, one client, the same calls twice: with {@code pick_first}, gRPC's default, one
 * HTTP/2 connection takes them all; with {@code round_robin} each backend gets a third. In Roentgen
 * the two clients are services of their own, and each call is annotated with its {@code instance}.
 */
public final class BalancingExperiment {
  /** The service that calls with {@code pick_first}. */
  public static final String PICK_FIRST = "orders-pick-first";

  /** The service that calls with {@code round_robin}. */
  public static final String ROUND_ROBIN = "orders-round-robin";

  private BalancingExperiment() {}

  /** Runs it once and prints what each backend got. */
  public static void main(String[] arguments) throws Exception {
    Settings settings;
    Map<String, Map<String, Integer>> results;
    try {
      settings = Settings.of(System.getenv(), arguments);
      JsonLogs.install(settings, "order-balancing");
      results = run(settings);
    } catch (IllegalArgumentException e) {
      System.err.println("order-balancing: " + e.getMessage());
      System.exit(2);
      return;
    }
    System.out.print(table(results));
  }

  /**
   * Starts three backends, calls them, and stops them.
   *
   * @return by client, then by backend, how many calls it got
   */
  public static Map<String, Map<String, Integer>> run(Settings settings) throws Exception {
    int calls = settings.number("CALLS", 3_000, 3, 100_000);
    Tokens tokens =
        Tokens.signedWith(settings.text("TOKEN_SECRET", OrderService.DEVELOPERS_SECRET));
    Settings backends =
        settings
            .with("BACKENDS", 3)
            .with("PORT", settings.text("PORT", "127.0.0.1:0"))
            .with("SHUTDOWN_PAUSE_MS", 0)
            .with("SHUTDOWN_DRAIN_MS", 2_000);
    try (Running service = new OrderService().start(backends)) {
      List<String> addresses = new ArrayList<>();
      service
          .ports()
          .forEach(
              (name, port) -> {
                if (name.startsWith("order-backend-")) {
                  addresses.add("127.0.0.1:" + port);
                }
              });
      // A process has one provider for a scheme, so it is taken away again.
      StaticNameResolverProvider names = StaticNameResolverProvider.of("order-backends", addresses);
      NameResolverRegistry.getDefaultRegistry().register(names);
      try {
        return call(settings, tokens.issue("experimenter", Duration.ofHours(1)), calls);
      } finally {
        NameResolverRegistry.getDefaultRegistry().deregister(names);
      }
    }
  }

  private static Map<String, Map<String, Integer>> call(Settings settings, String token, int calls)
      throws InterruptedException {
    Map<String, Map<String, Integer>> results = new TreeMap<>();
    results.put(PICK_FIRST, call(settings, PICK_FIRST, LoadBalancing.pickFirst(), token, calls));
    results.put(ROUND_ROBIN, call(settings, ROUND_ROBIN, LoadBalancing.roundRobin(), token, calls));
    return Collections.unmodifiableMap(results);
  }

  @SuppressWarnings("try") // The scope is closed, and not used otherwise.
  private static Map<String, Integer> call(
      Settings settings, String service, LoadBalancing policy, String token, int calls)
      throws InterruptedException {
    Map<String, Integer> got = new TreeMap<>();
    ListOrdersRequest request = ListOrdersRequest.newBuilder().setUserId("nobody").build();
    try (Tracing tracing = Tracing.start(settings, service);
        OrderClient client =
            OrderClient.connect(tracing, "static:///order-backends", token, policy)) {
      ClientInterceptor counting =
          new InstanceCounter(instance -> got.merge(instance, 1, Integer::sum));
      OrderServiceGrpc.OrderServiceBlockingStub orders = client.orders().withInterceptors(counting);
      for (int i = 0; i < calls; i++) {
        ActiveSpan span = tracing.kit().start("ask", Kind.SERVER, null);
        try (ActiveSpan.Scope scope = span.makeCurrent()) {
          orders.listOrders(request).forEachRemaining(order -> {});
        } finally {
          span.end();
        }
      }
    }
    return got;
  }

  /** Returns what {@link #run} returned, for people. */
  public static String table(Map<String, Map<String, Integer>> results) {
    StringBuilder text = new StringBuilder();
    results.forEach(
        (service, got) -> {
          int all = got.values().stream().mapToInt(Integer::intValue).sum();
          text.append(service).append(": ").append(all).append(" calls\n");
          got.forEach(
              (instance, count) ->
                  text.append(
                      String.format(
                          Locale.ROOT,
                          "  %-16s %6d  %5.1f %%%n",
                          instance,
                          count,
                          100.0 * count / all)));
        });
    return text.append("In Roentgen: edge(\"")
        .append(PICK_FIRST)
        .append("\", \"order-service\") AND annotation[instance] = \"order-backend-1\"\n")
        .toString();
  }
}
