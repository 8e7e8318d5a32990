// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import io.grpc.Channel;
import io.grpc.Status;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
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
  private @Nullable AutoCloseable resources;

  /** Makes the pair. */
  @Setup
  public void setUp() {
    Variant.Pair pair = variant.make();
    resources = pair.resources();
    channel = Loop.of(pair);
  }

  /** Ends what sends. */
  @TearDown
  public void tearDown() throws Exception {
    if (resources != null) {
      resources.close();
    }
  }

  /** One unary call. */
  @Benchmark
  public Status call() {
    return Loop.call(channel, "request");
  }

  /** One message of a stream. */
  @Benchmark
  @OperationsPerInvocation(Loop.MESSAGES)
  public Status message() {
    return Loop.stream(channel, "request");
  }
}
