// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import io.grpc.Channel;
import io.grpc.Status;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A call through a client's and a server's interceptor, without a transport. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PairBenchmark {
  /** What is measured. */
  @Param public Variant variant;

  private Channel channel;
  private Object request = "";
  private @Nullable Pair pair;

  /** Makes the pair. */
  @Setup
  public void setUp() {
    pair = variant.make();
    request = variant.request();
    channel = Loop.of(pair);
  }

  /** Ends what sends. */
  @TearDown
  public void tearDown() throws Exception {
    if (pair != null) {
      pair.resources().close();
    }
  }

  private long sent() {
    return pair == null ? 0 : pair.sent().getAsLong();
  }

  /** What the calls of an iteration came to; JMH adds them up. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Sent {
    /** How many calls were made. */
    public long calls;

    /** How many documents or spans were handed on. */
    public long documents;

    private long before;

    /** Begins to count. */
    @Setup(Level.Iteration)
    public void begin(PairBenchmark benchmark) {
      before = benchmark.sent();
    }

    /** Takes what was handed on while the iteration ran. */
    @TearDown(Level.Iteration)
    public void end(PairBenchmark benchmark) {
      documents = benchmark.sent() - before;
    }
  }

  /** One unary call. */
  @Benchmark
  public Status call(Sent sent) {
    sent.calls++;
    return Loop.call(channel, request);
  }

  /** One message of a stream. */
  @Benchmark
  @OperationsPerInvocation(Loop.MESSAGES)
  public Status message() {
    return Loop.stream(channel, request);
  }
}
