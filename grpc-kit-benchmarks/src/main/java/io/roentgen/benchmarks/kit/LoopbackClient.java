// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import com.google.protobuf.BytesValue;
import com.google.protobuf.Empty;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The process that calls: first as fast as it is answered, then at fixed rates. Says what it
 * measured in lines {@code name value}.
 */
public final class LoopbackClient {
  /** How many calls go on at a time while as many as possible are made. */
  private static final int IN_FLIGHT = 32;

  private static final int WARM_UP_CALLS = 30_000;
  private static final long MAX_WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int WIRE_CALLS = 1000;
  private static final int WIRE_WARM_UP = 200;
  private static final long MAX_LATENCY_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Pair pair;
  private final int port;
  private final ExecutorService executor = Executors.newSingleThreadExecutor();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  private LoopbackClient(Pair pair, int port) {
    this.pair = pair;
    this.port = port;
  }

  /**
   * Runs.
   *
   * @param args the variant, the server's port, seconds to warm up, seconds to measure each thing,
   *     and the calls a second at 100 % load, 0 for what this client reaches itself
   */
  public static void main(String[] args) throws Exception {
    Thread.ofPlatform().daemon().start(LoopbackClient::endWithParent);
    Pair pair = Variant.valueOf(args[0]).make();
    new LoopbackClient(pair, Integer.parseInt(args[1]))
        .measure(Integer.parseInt(args[2]), Integer.parseInt(args[3]), Double.parseDouble(args[4]));
    pair.resources().close();
    System.exit(0);
  }

  private static void endWithParent() {
    try {
      LoopbackServer.awaitEnd();
    } catch (IOException e) {
      // Then it is gone as well.
    }
    Runtime.getRuntime().halt(1);
  }

  private void measure(int warmUpSeconds, int seconds, double fullRate) throws Exception {
    ManagedChannel channel = channel(port);
    // On a slow machine compilers want calls rather than seconds.
    long warm = System.nanoTime();
    for (long calls = closedLoop(channel, warmUpSeconds);
        calls < WARM_UP_CALLS && System.nanoTime() - warm < MAX_WARM_UP_NANOS; ) {
      calls += closedLoop(channel, 1);
    }
    Echo.Taken before = taken(channel);
    long begin = System.nanoTime();
    long calls = closedLoop(channel, seconds);
    double took = (System.nanoTime() - begin) / 1e9;
    Echo.Taken all = taken(channel).minus(before);
    double rate = calls / took;
    say("rate", rate);
    say("cpuMicros", all.cpuNanos() / 1e3 / calls);
    say("bytes", (double) all.bytes() / calls);
    say("sent", (double) all.sent() / calls);
    for (int load : Loopback.LOADS) {
      Histogram latencies =
          openLoop(channel, (fullRate > 0 ? fullRate : rate) * load / 100, seconds);
      say("p50at" + load, latencies.getValueAtPercentile(50) / 1e3);
      say("p99at" + load, latencies.getValueAtPercentile(99) / 1e3);
      say("p999at" + load, latencies.getValueAtPercentile(99.9) / 1e3);
    }
    channel.shutdownNow();
    say("wireBytes", wireBytes());
    executor.shutdown();
  }

  private static void say(String name, double value) {
    System.out.println(String.format(Locale.ROOT, "%s %.6f", name, value));
  }

  private ManagedChannel channel(int to) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), to))
            .executor(executor)
            .usePlaintext();
    pair.channel().accept(builder);
    return builder.build();
  }

  private Echo.Taken taken(ManagedChannel channel) {
    Echo.Taken there =
        Echo.Taken.parse(
            ClientCalls.blockingUnaryCall(
                    channel, Echo.TAKEN, CallOptions.DEFAULT, Empty.getDefaultInstance())
                .getValue());
    return there.plus(Echo.Taken.here(pair.sent()));
  }

  private void call(ManagedChannel channel, Runnable ended) {
    ClientCalls.asyncUnaryCall(
        channel.newCall(Echo.METHOD, CallOptions.DEFAULT), Echo.MESSAGE, new Answers(ended));
  }

  /** Keeps as many calls going as are allowed; returns how many ended. */
  private long closedLoop(ManagedChannel channel, int seconds) throws Exception {
    AtomicLong calls = new AtomicLong();
    CountDownLatch idle = new CountDownLatch(IN_FLIGHT);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    for (int i = 0; i < IN_FLIGHT; i++) {
      new Runnable() {
        @Override
        public void run() {
          if (failure.get() == null && System.nanoTime() - until < 0) {
            call(
                channel,
                () -> {
                  calls.incrementAndGet();
                  run();
                });
          } else {
            idle.countDown();
          }
        }
      }.run();
    }
    await(idle);
    return calls.get();
  }

  /**
   * Makes calls at a fixed rate, whether the earlier ones are answered or not; returns the time
   * from when each should have begun to its end, in nanoseconds. The first tenth does not count.
   */
  private Histogram openLoop(ManagedChannel channel, double perSecond, int seconds)
      throws Exception {
    Histogram latencies = new Histogram(MAX_LATENCY_NANOS, 3);
    int calls = (int) (perSecond * seconds);
    double interval = 1e9 / perSecond;
    CountDownLatch idle = new CountDownLatch(calls);
    long begin = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      long intended = begin + (long) (i * interval);
      for (long now = System.nanoTime(); now - intended < 0; now = System.nanoTime()) {
        LockSupport.parkNanos(intended - now);
      }
      boolean counts = i >= calls / 10;
      LongConsumer record = counts ? latencies::recordValue : nanos -> {};
      call(
          channel,
          () -> {
            // All in the one thread of the executor.
            record.accept(Math.min(System.nanoTime() - intended, MAX_LATENCY_NANOS));
            idle.countDown();
          });
    }
    await(idle);
    return latencies;
  }

  private double wireBytes() throws Exception {
    try (WireCounter counter = new WireCounter(port)) {
      ManagedChannel channel = channel(counter.port());
      oneByOne(channel, WIRE_WARM_UP);
      long before = counter.bytes();
      oneByOne(channel, WIRE_CALLS);
      double bytes = (double) (counter.bytes() - before) / WIRE_CALLS;
      channel.shutdownNow();
      return bytes;
    }
  }

  private static void oneByOne(ManagedChannel channel, int calls) {
    for (int i = 0; i < calls; i++) {
      ClientCalls.blockingUnaryCall(channel, Echo.METHOD, CallOptions.DEFAULT, Echo.MESSAGE);
    }
  }

  private void await(CountDownLatch idle) throws Exception {
    while (!idle.await(100, TimeUnit.MILLISECONDS)) {
      Throwable thrown = failure.get();
      if (thrown != null) {
        throw new IllegalStateException("a call failed", thrown);
      }
    }
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw new IllegalStateException("a call failed", thrown);
    }
  }

  private final class Answers implements StreamObserver<BytesValue> {
    private final Runnable ended;

    Answers(Runnable ended) {
      this.ended = ended;
    }

    @Override
    public void onNext(BytesValue message) {}

    @Override
    public void onError(Throwable thrown) {
      failure.compareAndSet(null, thrown);
      ended.run();
    }

    @Override
    public void onCompleted() {
      ended.run();
    }
  }
}
