// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.roentgen.grpc.server.ClientKeepAlive;
import io.roentgen.grpc.server.ServerTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What servers do to clients that ping more often than is permitted, beside what the checks of both
 * modules say of them before. grpc-java pings each 10 s at the most and servers put up with two
 * pings too many, so this takes 30 s; all connections wait at once.
 */
class ITKeepalive {
  private static final Duration PING = Keepalive.DEFAULT.interval();

  private final List<Pair> pairs = new ArrayList<>();

  @AfterEach
  void stop() {
    pairs.forEach(Pair::close);
  }

  /** A server, and a client of it with the kit's keepalive. */
  private static final class Pair implements AutoCloseable {
    final AtomicInteger terminated = new AtomicInteger();
    final List<String> answers = new CopyOnWriteArrayList<>();
    final List<Throwable> ends = new CopyOnWriteArrayList<>();
    final List<String> problems = new ArrayList<>();
    private final Server server;
    private final ManagedChannel channel;
    private StreamObserver<String> requests;

    /** Makes them after asking both checks, which must agree with each other. */
    Pair(ServerTransport transport, Duration permitTime, boolean permitsWithoutCalls)
        throws IOException {
      ChannelDefaults defaults;
      try (LogLines log = new LogLines(ChannelDefaults.class)) {
        defaults = ChannelDefaults.builder().serverPermits(permitTime, permitsWithoutCalls).build();
        assertThat(log.lines()).hasSameSizeAs(defaults.warnings());
      }
      problems.addAll(transport.keepAliveProblems(ClientKeepAlive.every(PING).withoutCalls()));
      assertThat(defaults.warnings()).hasSameSizeAs(problems);
      InetAddress loopback = InetAddress.getLoopbackAddress();
      server =
          transport
              .applyTo(NettyServerBuilder.forAddress(new InetSocketAddress(loopback, 0)))
              .addService(Echo.chat(Pair::echo))
              .addTransportFilter(
                  new ServerTransportFilter() {
                    @Override
                    public void transportTerminated(Attributes attributes) {
                      terminated.incrementAndGet();
                    }
                  })
              .build()
              .start();
      channel =
          defaults
              .applyTo(
                  ManagedChannelBuilder.forAddress(loopback.getHostAddress(), server.getPort()))
              .usePlaintext()
              .build();
    }

    private static StreamObserver<String> echo(StreamObserver<String> to) {
      return new StreamObserver<>() {
        @Override
        public void onNext(String request) {
          to.onNext(request);
        }

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {
          to.onCompleted();
        }
      };
    }

    void connect() throws InterruptedException {
      Connections.awaitReady(channel);
    }

    void openCall() {
      requests =
          ClientCalls.asyncBidiStreamingCall(
              channel.newCall(Echo.CHAT, CallOptions.DEFAULT),
              new StreamObserver<>() {
                @Override
                public void onNext(String answer) {
                  answers.add(answer);
                }

                @Override
                public void onError(Throwable error) {
                  ends.add(error);
                }

                @Override
                public void onCompleted() {}
              });
    }

    void send(String request) {
      requests.onNext(request);
    }

    ConnectivityState state() {
      return channel.getState(false);
    }

    @Override
    public void close() {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  private Pair pair(ServerTransport.Builder transport, Duration permit, boolean withoutCalls)
      throws IOException {
    Pair pair = new Pair(transport.build(), permit, withoutCalls);
    pairs.add(pair);
    return pair;
  }

  @Test
  void pings_moreThanPermitted_endInEnhanceYourCalmAsTheChecksSay() throws Exception {
    Duration minute = Duration.ofMinutes(1);
    Duration five = Duration.ofSeconds(5);
    Pair often = pair(ServerTransport.builder().permitKeepAlive(minute), minute, true);
    Pair idle = pair(ServerTransport.builder().permitKeepAliveWithCallsOnly(), five, false);
    Pair agreed = pair(ServerTransport.builder(), five, true);
    Pair agreedIdle = pair(ServerTransport.builder(), five, true);
    assertThat(often.problems)
        .containsExactly(
            "permitKeepAliveTime: 60 s (expected: less than the client's keepAliveTime of 10 s; the"
                + " server cuts off clients that ping more often)");
    assertThat(idle.problems)
        .containsExactly(
            "permitKeepAliveWithoutCalls: false (expected: true, as the client pings without"
                + " calls)");
    assertThat(agreed.problems).isEmpty();
    assertThat(agreedIdle.problems).isEmpty();

    for (Pair pair : pairs) {
      pair.connect();
    }
    often.openCall();
    agreed.openCall();

    await().atMost(Duration.ofMinutes(3)).until(() -> !often.ends.isEmpty());
    Status status = ((StatusRuntimeException) often.ends.get(0)).getStatus();
    assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(status.getDescription()).contains("ENHANCE_YOUR_CALM", "too_many_pings");
    // Round robin connects again at once; what the server counts is the connection it ended.
    await().atMost(Duration.ofMinutes(3)).until(() -> idle.terminated.get() == 1);

    agreed.send("still there");
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(agreed.answers).containsExactly("still there"));
    assertThat(agreed.ends).isEmpty();
    assertThat(agreed.terminated).hasValue(0);
    assertThat(agreedIdle.terminated).hasValue(0);
    assertThat(agreedIdle.state()).isEqualTo(ConnectivityState.READY);
  }
}
