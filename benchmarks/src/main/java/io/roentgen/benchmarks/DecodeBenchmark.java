// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.codec.otlp.DecodedRequest;
import io.roentgen.codec.otlp.OtlpDecoder;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Decodes one OTLP request of 500 spans; for profiles, as {@code --jmh Decode -prof gc}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class DecodeBenchmark {
  private byte[] request;

  /** Makes the first request of the reference data. */
  @Setup
  public void makeRequest() {
    ReferenceData data = ReferenceData.ofScale(new Topology(), 0.01);
    request = Objects.requireNonNull(data.requests(OtlpRequestEncoder::new).next()).body();
  }

  /** Returns the decoded request, for one span at a time. */
  @Benchmark
  @OperationsPerInvocation(ReferenceData.SPANS_PER_REQUEST)
  public DecodedRequest otlp() {
    return OtlpDecoder.decodeProtobuf(request, 0, request.length);
  }
}
