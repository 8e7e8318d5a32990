// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ITStreams {
  private static final int MESSAGE_BYTES = 16 * 1024;

  /** Far above HTTP/2 windows and buffers on both sides, far below the 16 GB on offer. */
  private static final long BOUND_BYTES = 16L << 20;

  /** Only failures wait that long; loaded machines need more than the usual 10 s. */
  @BeforeAll
  static void waitLong() {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
  }

  @Test
  void publisher_slowConsumerOverSockets_boundsWhatIsSent() throws Exception {
    String message = "x".repeat(MESSAGE_BYTES);
    AtomicInteger sent = new AtomicInteger();
    AtomicLong stalls = new AtomicLong();
    CountDownLatch cancelled = new CountDownLatch(1);
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                Echo.list(
                    (request, observer) -> {
                      ServerCallStreamObserver<String> to =
                          (ServerCallStreamObserver<String>) observer;
                      to.setOnCancelHandler(cancelled::countDown);
                      to.setOnReadyHandler(
                          () -> {
                            while (to.isReady() && sent.get() < 1_000_000) {
                              to.onNext(message);
                              sent.incrementAndGet();
                            }
                            stalls.incrementAndGet();
                          });
                    }))
            .build()
            .start();
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", server.getPort()).usePlaintext().build();
    try {
      Collecting<String> slow = new Collecting<>(1);
      Streams.publisher(channel, Echo.LIST, CallOptions.DEFAULT, "").subscribe(slow);
      for (int taken = 1; taken <= 200; taken++) {
        int wanted = taken;
        await()
            .pollInterval(1, TimeUnit.MILLISECONDS)
            .until(() -> slow.items.size() == wanted && stalls.get() > 0);
        assertThat((long) (sent.get() - taken) * MESSAGE_BYTES).isLessThan(BOUND_BYTES);
        slow.subscription.request(1);
      }
      slow.subscription.cancel();
      assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  @Test
  void exchange_slowServerOverSockets_boundsWhatIsTakenFromThePublisher() throws Exception {
    String message = "x".repeat(MESSAGE_BYTES);
    AtomicInteger taken = new AtomicInteger();
    AtomicInteger read = new AtomicInteger();
    CountDownLatch upstreamCancelled = new CountDownLatch(1);
    AtomicReference<ServerCallStreamObserver<String>> served = new AtomicReference<>();
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                Echo.chat(
                    to -> {
                      ServerCallStreamObserver<String> call = (ServerCallStreamObserver<String>) to;
                      call.disableAutoRequest();
                      served.set(call);
                      return new StreamObserver<>() {
                        @Override
                        public void onNext(String request) {
                          read.incrementAndGet();
                        }

                        @Override
                        public void onError(Throwable error) {}

                        @Override
                        public void onCompleted() {}
                      };
                    }))
            .build()
            .start();
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", server.getPort()).usePlaintext().build();
    Flow.Publisher<String> endless =
        subscriber ->
            subscriber.onSubscribe(
                new Flow.Subscription() {
                  @Override
                  public void request(long n) {
                    taken.addAndGet((int) n);
                    subscriber.onNext(message);
                  }

                  @Override
                  public void cancel() {
                    upstreamCancelled.countDown();
                  }
                });
    try {
      Collecting<String> answers = new Collecting<>(1);
      Streams.exchange(channel, Echo.CHAT, CallOptions.DEFAULT, endless).subscribe(answers);
      await().until(() -> served.get() != null);
      for (int wanted = 1; wanted <= 200; wanted++) {
        int count = wanted;
        served.get().request(1);
        await().pollInterval(1, TimeUnit.MILLISECONDS).until(() -> read.get() == count);
        assertThat((long) (taken.get() - count) * MESSAGE_BYTES).isLessThan(BOUND_BYTES);
      }
      answers.subscription.cancel();
      assertThat(upstreamCancelled.await(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }
}
