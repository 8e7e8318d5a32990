// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.EquivalentAddressGroup;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ITLoadBalancing {
  private static final Metadata.Key<String> USER =
      Metadata.Key.of("user-id", Metadata.ASCII_STRING_MARSHALLER);

  private final List<Backend> backends = new ArrayList<>();
  private final List<NameResolverProvider> providers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  /** A server that answers with its own port, or fails while told to. */
  private static final class Backend {
    final HealthStatusManager health = new HealthStatusManager();
    final AtomicInteger calls = new AtomicInteger();
    final Server server;
    volatile boolean failing;

    Backend(int port, boolean withHealth) throws IOException {
      NettyServerBuilder builder =
          NettyServerBuilder.forAddress(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      builder.addService(
          Echo.unary(
              (request, observer) -> {
                calls.incrementAndGet();
                if (failing) {
                  observer.onError(Status.INTERNAL.asRuntimeException());
                } else {
                  observer.onNext(String.valueOf(port()));
                  observer.onCompleted();
                }
              }));
      if (withHealth) {
        builder.addService(health.getHealthService());
      }
      server = builder.build().start();
    }

    int port() {
      return server.getPort();
    }

    String address() {
      return "127.0.0.1:" + port();
    }
  }

  /** Only failures wait that long; loaded machines need more than the usual 10 s. */
  @BeforeAll
  static void waitLong() {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
  }

  @AfterEach
  void stop() {
    channels.forEach(ManagedChannel::shutdownNow);
    backends.forEach(b -> b.server.shutdownNow());
    providers.forEach(NameResolverRegistry.getDefaultRegistry()::deregister);
  }

  private void backends(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      backends.add(new Backend(0, true));
    }
  }

  private void register(NameResolverProvider provider) {
    NameResolverRegistry.getDefaultRegistry().register(provider);
    providers.add(provider);
  }

  private void registerStatic() {
    register(
        StaticNameResolverProvider.of(
            "order-service", backends.stream().map(Backend::address).toList()));
  }

  private ManagedChannel channel(String target, ServiceConfig config) {
    ManagedChannel channel =
        ChannelDefaults.builder()
            .serviceConfig(config)
            .build()
            .applyTo(ManagedChannelBuilder.forTarget(target).usePlaintext())
            .build();
    channels.add(channel);
    return channel;
  }

  private static ServiceConfig balanced(LoadBalancing by) {
    return ServiceConfig.builder()
        .loadBalancing(by)
        .everyMethod(MethodPolicy.builder().waitForReady().build())
        .build();
  }

  private static InetAddress local(int last) throws IOException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
  }

  private static String call(Channel channel) {
    return ClientCalls.blockingUnaryCall(
        channel, Echo.UNARY, CallOptions.DEFAULT.withDeadlineAfter(20, SECONDS), "");
  }

  private static String callAs(Channel channel, String user) {
    Metadata headers = new Metadata();
    headers.put(USER, user);
    return call(
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers)));
  }

  private void awaitAllServe(Channel channel) {
    await()
        .until(
            () -> {
              call(channel);
              return backends.stream().allMatch(b -> b.calls.get() > 0);
            });
    backends.forEach(b -> b.calls.set(0));
  }

  @Test
  void roundRobin_overStaticBackends_isEvenWithinFivePercent() throws Exception {
    backends(3);
    registerStatic();
    Channel channel = channel("static:///order-service", balanced(LoadBalancing.roundRobin()));
    awaitAllServe(channel);
    for (int i = 0; i < 600; i++) {
      call(channel);
    }
    assertThat(backends).allSatisfy(b -> assertThat(b.calls.get()).isBetween(190, 210));
  }

  @Test
  void pickFirst_overStaticBackends_pinsAllCallsToOne() throws Exception {
    backends(3);
    registerStatic();
    Channel channel = channel("static:///order-service", balanced(LoadBalancing.pickFirst()));
    for (int i = 0; i < 60; i++) {
      call(channel);
    }
    assertThat(backends).extracting(b -> b.calls.get()).containsExactlyInAnyOrder(60, 0, 0);
  }

  @Test
  void dns_newBackend_getsCallsWithoutABrokenConnection() throws Exception {
    Backend first = new Backend(0, true);
    backends.add(first);
    // One port on several addresses, as pods behind a headless service have.
    List<InetAddress> hosts = new CopyOnWriteArrayList<>(List.of(local(1)));
    FakeClock clock = new FakeClock();
    // The channel's own scheduler stands still for us: the resolver runs on the fake one.
    register(
        new OnScheduler(
            RefreshingDnsProvider.with(
                RefreshingDnsProvider.DEFAULT_INTERVAL, host -> List.copyOf(hosts), clock),
            clock));
    ManagedChannel channel =
        channel("dns:///orders:" + first.port(), balanced(LoadBalancing.roundRobin()));
    assertThat(call(channel)).isEqualTo(String.valueOf(first.port()));

    AtomicInteger second = new AtomicInteger();
    Server added =
        NettyServerBuilder.forAddress(new InetSocketAddress(local(2), first.port()))
            .addService(
                Echo.unary(
                    (request, observer) -> {
                      second.incrementAndGet();
                      observer.onNext("second");
                      observer.onCompleted();
                    }))
            .build()
            .start();
    try {
      hosts.add(local(2));
      await()
          .until(
              () -> {
                clock.advance(Duration.ofSeconds(30));
                call(channel);
                return second.get() > 0;
              });
    } finally {
      channel.shutdownNow();
      added.shutdownNow();
    }
  }

  /** Runs a provider's resolvers on the given clock. */
  private static final class OnScheduler extends NameResolverProvider {
    private final RefreshingDnsProvider delegate;
    private final FakeClock clock;

    OnScheduler(RefreshingDnsProvider delegate, FakeClock clock) {
      this.delegate = delegate;
      this.clock = clock;
    }

    @Override
    protected boolean isAvailable() {
      return true;
    }

    @Override
    protected int priority() {
      return 7;
    }

    @Override
    public String getDefaultScheme() {
      return "dns";
    }

    @Override
    public NameResolver newNameResolver(URI target, NameResolver.Args args) {
      return delegate.newNameResolver(
          target,
          args.toBuilder()
              .setScheduledExecutorService(clock)
              .setOffloadExecutor(Runnable::run)
              .build());
    }
  }

  @Test
  void roundRobin_backendNotServing_getsNoCalls() throws Exception {
    backends(3);
    registerStatic();
    backends.get(1).health.setStatus("", ServingStatus.NOT_SERVING);
    Channel channel = channel("static:///order-service", ChannelDefaults.DEFAULT_SERVICE_CONFIG);
    await().ignoreException(StatusRuntimeException.class).until(() -> !call(channel).isEmpty());
    for (int i = 0; i < 30; i++) {
      call(channel);
    }
    assertThat(backends.get(1).calls).hasValue(0);

    backends.get(1).health.setStatus("", ServingStatus.SERVING);
    awaitAllServe(channel);
  }

  @Test
  void health_backendWithoutHealthService_getsCalls() throws Exception {
    backends.add(new Backend(0, false));
    registerStatic();
    Channel channel =
        channel(
            "static:///order-service",
            ServiceConfig.builder()
                .loadBalancing(LoadBalancing.roundRobin())
                .healthCheck("")
                .everyMethod(MethodPolicy.builder().waitForReady().build())
                .build());
    assertThat(call(channel)).isNotEmpty();
  }

  @Test
  void hash_oneUser_staysWithOneBackendAndUsersSpread() throws Exception {
    backends(3);
    registerStatic();
    Channel channel = channel("static:///order-service", balanced(LoadBalancing.hashOf("user-id")));
    Map<String, Integer> users = new HashMap<>();
    for (int user = 0; user < 300; user++) {
      String backend = callAs(channel, "user-" + user);
      users.merge(backend, 1, Integer::sum);
      assertThat(callAs(channel, "user-" + user)).isEqualTo(backend);
    }
    // Expected 100 each with a deviation of 8.
    assertThat(users.values()).hasSize(3).allSatisfy(n -> assertThat(n).isBetween(60, 140));
  }

  @Test
  void hash_backendGone_movesItsUsersOnlyAndBringsThemBack() throws Exception {
    backends(3);
    registerStatic();
    Channel channel = channel("static:///order-service", balanced(LoadBalancing.hashOf("user-id")));
    Map<String, String> before = new HashMap<>();
    for (int user = 0; user < 50; user++) {
      before.put("user-" + user, callAs(channel, "user-" + user));
    }
    Backend gone = backends.get(0);
    String goneName = String.valueOf(gone.port());
    assertThat(before).containsValue(goneName);
    gone.server.shutdownNow().awaitTermination();
    before.forEach(
        (user, backend) ->
            await()
                .ignoreException(StatusRuntimeException.class)
                .untilAsserted(
                    () -> {
                      if (backend.equals(goneName)) {
                        assertThat(callAs(channel, user)).isNotEqualTo(backend);
                      } else {
                        assertThat(callAs(channel, user)).isEqualTo(backend);
                      }
                    }));

    backends.add(new Backend(Integer.parseInt(goneName), true));
    await()
        .untilAsserted(
            () ->
                before.forEach(
                    (user, backend) -> assertThat(callAs(channel, user)).isEqualTo(backend)));
  }

  @Test
  void hash_withoutHeader_spreads() throws Exception {
    backends(3);
    registerStatic();
    Channel channel = channel("static:///order-service", balanced(LoadBalancing.hashOf("user-id")));
    awaitAllServe(channel);
  }

  @Test
  void hash_backendNotServing_givesItsUsersAway() throws Exception {
    backends(2);
    registerStatic();
    backends.get(0).health.setStatus("", ServingStatus.NOT_SERVING);
    Channel channel =
        channel(
            "static:///order-service",
            ServiceConfig.builder()
                .loadBalancing(LoadBalancing.hashOf("user-id"))
                .healthCheck("")
                .everyMethod(MethodPolicy.builder().waitForReady().build())
                .build());
    for (int user = 0; user < 20; user++) {
      assertThat(callAs(channel, "user-" + user)).isEqualTo(String.valueOf(backends.get(1).port()));
    }
  }

  @Test
  void hash_noBackendReachable_failsWithUnavailable() throws Exception {
    backends(1);
    registerStatic();
    backends.get(0).server.shutdownNow().awaitTermination();
    Channel channel =
        channel(
            "static:///order-service",
            ServiceConfig.builder().loadBalancing(LoadBalancing.hashOf("user-id")).build());
    assertThatThrownBy(() -> callAs(channel, "u"))
        .isInstanceOf(StatusRuntimeException.class)
        .extracting(e -> ((StatusRuntimeException) e).getStatus().getCode())
        .isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void hash_configWithoutHeader_isRefusedByTheProvider() {
    HashLoadBalancerProvider provider = new HashLoadBalancerProvider();
    for (Map<String, ?> config :
        List.of(Map.<String, Object>of(), Map.of("header", 3.0), Map.of("header", "a b"))) {
      assertThat(provider.parseLoadBalancingPolicyConfig(config).getError().getDescription())
          .startsWith("roentgen_hash: header: ");
    }
  }

  @Test
  void outlierDetection_failingBackend_isLeftOut() throws Exception {
    for (LoadBalancing by : List.of(LoadBalancing.roundRobin(), LoadBalancing.hashOf("user-id"))) {
      backends.clear();
      backends(3);
      registerStatic();
      OutlierDetection detection =
          new OutlierDetection(5, Duration.ofMillis(200), Duration.ofSeconds(60), 50, 85);
      Channel channel =
          channel("static:///order-service", balanced(by.withOutlierDetection(detection)));
      awaitAllServe(channel);
      Backend failing = backends.get(2);
      failing.failing = true;
      await()
          .until(
              () -> {
                failing.calls.set(0);
                for (int i = 0; i < 60; i++) {
                  try {
                    callAs(channel, "user-" + i);
                  } catch (StatusRuntimeException e) {
                    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
                  }
                }
                return failing.calls.get() == 0;
              });
      assertThat(backends.get(0).calls.get()).isPositive();
      assertThat(backends.get(1).calls.get()).isPositive();
      stop();
      channels.clear();
      providers.clear();
    }
  }

  @Test
  void equivalentAddresses_ofOneBackend_areOneCandidate() throws Exception {
    backends(1);
    InetSocketAddress dead = new InetSocketAddress(local(1), 1);
    InetSocketAddress alive = new InetSocketAddress(local(1), backends.get(0).port());
    register(new OneGroup(new EquivalentAddressGroup(List.of(dead, alive))));
    Channel channel = channel("group:///x", balanced(LoadBalancing.hashOf("user-id")));
    assertThat(callAs(channel, "u")).isNotEmpty();
  }

  /** Resolves to one backend with several addresses. */
  private static final class OneGroup extends NameResolverProvider {
    private final EquivalentAddressGroup group;

    OneGroup(EquivalentAddressGroup group) {
      this.group = group;
    }

    @Override
    protected boolean isAvailable() {
      return true;
    }

    @Override
    protected int priority() {
      return 5;
    }

    @Override
    public String getDefaultScheme() {
      return "group";
    }

    @Override
    public NameResolver newNameResolver(URI target, NameResolver.Args args) {
      return target.getScheme().equals("group")
          ? new PollingNameResolver(
              "group",
              "x",
              args,
              () -> List.of(group),
              new PollingNameResolver.Pace(Duration.ofDays(1), Duration.ofDays(1)),
              System::nanoTime)
          : null;
    }
  }
}
