// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.ForwardingChannelBuilder2;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ChannelDefaultsTest {
  /** Writes down what it is told and passes the rest on. */
  private static final class Recording extends ForwardingChannelBuilder2<Recording> {
    private final List<String> told = new ArrayList<>();
    private final ManagedChannelBuilder<?> delegate;

    Recording(String name) {
      delegate = InProcessChannelBuilder.forName(name).directExecutor();
    }

    @Override
    protected ManagedChannelBuilder<?> delegate() {
      return delegate;
    }

    @Override
    public Recording keepAliveTime(long time, TimeUnit unit) {
      told.add("time " + unit.toMillis(time));
      return this;
    }

    @Override
    public Recording keepAliveTimeout(long time, TimeUnit unit) {
      told.add("timeout " + unit.toMillis(time));
      return this;
    }

    @Override
    public Recording keepAliveWithoutCalls(boolean enable) {
      told.add("withoutCalls " + enable);
      return this;
    }

    @Override
    public Recording defaultServiceConfig(Map<String, ?> config) {
      told.add("config " + config);
      delegate.defaultServiceConfig(config);
      return this;
    }

    @Override
    public Recording enableRetry() {
      told.add("retry");
      return this;
    }

    @Override
    public Recording maxInboundMessageSize(int bytes) {
      told.add("message " + bytes);
      return this;
    }

    @Override
    public Recording maxInboundMetadataSize(int bytes) {
      told.add("metadata " + bytes);
      return this;
    }
  }

  @Test
  void applyTo_defaults_arePingsRoundRobinAndHealth() {
    Recording builder = ChannelDefaults.create().applyTo(new Recording("x"));
    assertThat(builder.told)
        .containsExactly(
            "time 10000",
            "timeout 5000",
            "withoutCalls true",
            "config {loadBalancingConfig=[{round_robin={}}], healthCheckConfig={serviceName=}}",
            "retry");
  }

  @Test
  void applyTo_ownValues_areAllPassedOn() {
    Recording builder =
        ChannelDefaults.builder()
            .keepalive(new Keepalive(Duration.ofMinutes(1), Duration.ofSeconds(20), false))
            .serviceConfig(ServiceConfig.builder().build())
            .maxInboundMessageBytes(10_000_000)
            .maxInboundMetadataBytes(16_384)
            .build()
            .applyTo(new Recording("x"));
    assertThat(builder.told)
        .containsExactly(
            "time 60000",
            "timeout 20000",
            "withoutCalls false",
            "config {}",
            "retry",
            "message 10000000",
            "metadata 16384");
    assertThat(
            ChannelDefaults.builder().withoutKeepalive().build().applyTo(new Recording("x")).told)
        .noneMatch(t -> t.startsWith("time"));
  }

  @Test
  void build_serverThatWouldHangUp_warns() {
    try (LogLines log = new LogLines(ChannelDefaults.class)) {
      ChannelDefaults defaults =
          ChannelDefaults.builder().serverPermits(Duration.ofMinutes(5), false).build();
      assertThat(defaults.warnings())
          .containsExactly(
              "permitKeepAliveTime: PT5M (expected: less than the client's interval, PT10S)",
              "permitKeepAliveWithoutCalls: false (expected: true, for the client pings idle"
                  + " connections)");
      assertThat(log.lines())
          .containsExactlyElementsOf(
              defaults.warnings().stream().map(w -> "WARNING " + w).toList());
      assertThat(
              ChannelDefaults.builder()
                  .serverPermits(Duration.ofSeconds(5), true)
                  .build()
                  .warnings())
          .isEmpty();
      assertThat(log.lines()).hasSize(2);
    }
  }

  @Test
  void keepalive_equalToThePermit_disagrees() {
    assertThat(Keepalive.DEFAULT.disagreements(Duration.ofSeconds(10), true)).hasSize(1);
    assertThat(Keepalive.DEFAULT.disagreements(Duration.ofMillis(9_999), true)).isEmpty();
    assertThat(
            new Keepalive(Duration.ofSeconds(10), Duration.ofSeconds(5), false)
                .disagreements(Duration.ofSeconds(5), false))
        .isEmpty();
  }

  @Test
  void keepalive_badValues_areRefusedByName() {
    assertThatThrownBy(() -> new Keepalive(Duration.ofSeconds(9), Duration.ofSeconds(5), true))
        .hasMessage("interval: PT9S (expected: 10 s or more)");
    assertThatThrownBy(() -> new Keepalive(Duration.ofSeconds(10), Duration.ZERO, true))
        .hasMessage("timeout: PT0S (expected: more than 0)");
  }

  @Test
  void build_healthWithoutGrpcServices_warns() {
    try (LogLines log = new LogLines(ChannelDefaults.class)) {
      assertThat(ChannelDefaults.builder().build(false).warnings())
          .singleElement()
          .asString()
          .startsWith("healthCheckConfig: set (expected: io.grpc:grpc-services");
      assertThat(log.lines()).hasSize(1);
    }
    assertThat(
            ChannelDefaults.builder()
                .serviceConfig(ServiceConfig.builder().build())
                .build(false)
                .warnings())
        .isEmpty();
  }

  @Test
  void builder_badValues_areRefusedByName() {
    ChannelDefaults.Builder builder = ChannelDefaults.builder();
    assertThatThrownBy(() -> builder.maxInboundMessageBytes(-1))
        .hasMessage("maxInboundMessageBytes: -1 (expected: 0 or more)");
    assertThatThrownBy(() -> builder.maxInboundMetadataBytes(0))
        .hasMessage("maxInboundMetadataBytes: 0 (expected: more than 0)");
    assertThatThrownBy(() -> builder.serverPermits(Duration.ZERO, true))
        .hasMessage("keepAliveTime: PT0S (expected: more than 0)");
  }

  /** Keeps the deadline that a call would have. */
  private static final class LastOptions extends Channel {
    private CallOptions options = CallOptions.DEFAULT;

    @Override
    public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions given) {
      options = given;
      return null;
    }

    @Override
    public String authority() {
      return "x";
    }
  }

  private static Long deadlineSeconds(
      DefaultDeadlines deadlines, MethodDescriptor<String, String> method, CallOptions options) {
    LastOptions last = new LastOptions();
    deadlines.interceptCall(method, options, last);
    Deadline deadline = last.options.getDeadline();
    // Rounded, for some time passes on the way.
    return deadline == null ? null : (deadline.timeRemaining(TimeUnit.MILLISECONDS) + 999) / 1000;
  }

  @Test
  void deadline_none_isFiveSecondsForOneAnswerAndNoneForStreams() {
    DefaultDeadlines deadlines = DefaultDeadlines.create();
    assertThat(deadlineSeconds(deadlines, Echo.UNARY, CallOptions.DEFAULT)).isEqualTo(5);
    assertThat(deadlineSeconds(deadlines, Echo.COLLECT, CallOptions.DEFAULT)).isEqualTo(5);
    assertThat(deadlineSeconds(deadlines, Echo.LIST, CallOptions.DEFAULT)).isNull();
    assertThat(deadlineSeconds(deadlines, Echo.CHAT, CallOptions.DEFAULT)).isNull();
  }

  @Test
  void deadline_given_staysAsItIs() {
    DefaultDeadlines deadlines =
        DefaultDeadlines.builder().method("test.Echo/Unary", Duration.ofSeconds(60)).build();
    for (long seconds : new long[] {2, 600}) {
      CallOptions given = CallOptions.DEFAULT.withDeadlineAfter(seconds, TimeUnit.SECONDS);
      LastOptions last = new LastOptions();
      deadlines.interceptCall(Echo.UNARY, given, last);
      assertThat(last.options).isSameAs(given);
    }
  }

  @Test
  void deadline_perMethodAndForStreams_isTaken() {
    DefaultDeadlines deadlines =
        DefaultDeadlines.builder()
            .timeout(Duration.ofSeconds(7))
            .streamTimeout(Duration.ofMinutes(10))
            .method("test.Echo/List", Duration.ofMinutes(1))
            .build();
    assertThat(deadlineSeconds(deadlines, Echo.UNARY, CallOptions.DEFAULT)).isEqualTo(7);
    assertThat(deadlineSeconds(deadlines, Echo.LIST, CallOptions.DEFAULT)).isEqualTo(60);
    assertThat(deadlineSeconds(deadlines, Echo.CHAT, CallOptions.DEFAULT)).isEqualTo(600);
  }

  @Test
  void deadlines_badValues_areRefusedByName() {
    DefaultDeadlines.Builder builder = DefaultDeadlines.builder();
    assertThatThrownBy(() -> builder.timeout(Duration.ZERO))
        .hasMessage("timeout: PT0S (expected: more than 0)");
    assertThatThrownBy(() -> builder.streamTimeout(Duration.ofSeconds(-1)))
        .hasMessage("streamTimeout: PT-1S (expected: more than 0)");
    assertThatThrownBy(() -> builder.method("Unary", Duration.ofSeconds(1)))
        .hasMessageStartingWith("method: Unary (expected: SERVICE/METHOD");
  }

  @Test
  void deadline_silentServer_endsTheCall() throws Exception {
    Server server =
        InProcessServerBuilder.forName("silent")
            .addService(Echo.unary((request, observer) -> {}))
            .build()
            .start();
    ManagedChannel channel =
        ChannelDefaults.builder()
            .deadlines(DefaultDeadlines.builder().timeout(Duration.ofMillis(50)).build())
            .build()
            .applyTo(InProcessChannelBuilder.forName("silent"))
            .build();
    try {
      assertThatThrownBy(
              () -> ClientCalls.blockingUnaryCall(channel, Echo.UNARY, CallOptions.DEFAULT, ""))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  @Test
  void retryPolicy_serverUnavailableAtFirst_isRetriedByTheChannel() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    Server server =
        InProcessServerBuilder.forName("flaky")
            .addService(
                Echo.unary(
                    (request, observer) -> {
                      if (calls.incrementAndGet() < 5) {
                        observer.onError(Status.UNAVAILABLE.asRuntimeException());
                      } else {
                        observer.onNext("ok");
                        observer.onCompleted();
                      }
                    }))
            .build()
            .start();
    RetryPolicy quick =
        new RetryPolicy(
            5, Duration.ofMillis(1), Duration.ofMillis(1), 2, Set.of(Status.Code.UNAVAILABLE));
    ManagedChannel channel =
        ChannelDefaults.builder()
            .serviceConfig(
                ServiceConfig.builder()
                    .method("test.Echo/Unary", MethodPolicy.builder().retry(quick).build())
                    .build())
            .build()
            .applyTo(InProcessChannelBuilder.forName("flaky"))
            .build();
    try {
      assertThat(ClientCalls.blockingUnaryCall(channel, Echo.UNARY, CallOptions.DEFAULT, ""))
          .isEqualTo("ok");
      assertThat(calls).hasValue(5);
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  @Test
  void awaitReady_serverThere_returns() throws Exception {
    Server server = InProcessServerBuilder.forName("there").build().start();
    ManagedChannel channel = InProcessChannelBuilder.forName("there").build();
    try {
      Connections.awaitReady(channel);
      CompletableFuture<Void> again = Connections.whenReady(channel, Duration.ofSeconds(10));
      again.get(10, TimeUnit.SECONDS);
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  @Test
  void awaitReady_noServer_failsWithTheState() {
    ManagedChannel channel = InProcessChannelBuilder.forName("nobody").build();
    try {
      assertThatThrownBy(() -> Connections.awaitReady(channel, Duration.ofMillis(50)))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageMatching(
              "UNAVAILABLE: channel: (TRANSIENT_FAILURE|CONNECTING) after 50 ms \\(expected: READY\\)");
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void awaitReady_channelShutDown_failsAtOnce() {
    ManagedChannel channel = InProcessChannelBuilder.forName("nobody").build();
    channel.shutdownNow();
    assertThatThrownBy(() -> Connections.awaitReady(channel, Duration.ofDays(1)))
        .hasMessage("UNAVAILABLE: channel: SHUTDOWN after its shutdown (expected: READY)");
  }

  @Test
  void awaitReady_interrupted_isThrown() {
    ManagedChannel channel = InProcessChannelBuilder.forName("nobody").build();
    try {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> Connections.awaitReady(channel, Duration.ofDays(1)))
          .isInstanceOf(InterruptedException.class);
    } finally {
      channel.shutdownNow();
    }
    assertThatThrownBy(() -> Connections.awaitReady(channel, Duration.ZERO))
        .hasMessage("wait: PT0S (expected: more than 0)");
  }
}
