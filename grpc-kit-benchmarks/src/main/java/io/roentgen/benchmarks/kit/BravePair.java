// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import brave.Tracing;
import brave.grpc.GrpcTracing;
import brave.handler.MutableSpan;
import brave.handler.SpanHandler;
import brave.propagation.TraceContext;
import brave.sampler.Sampler;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import zipkin2.reporter.BytesMessageSender;
import zipkin2.reporter.Encoding;
import zipkin2.reporter.brave.AsyncZipkinSpanHandler;

/** Brave's interceptors; a class of its own, as few variants have its library. */
final class BravePair {
  private static final int MAX_MESSAGE_BYTES = 500_000;

  private BravePair() {}

  static Pair unsampled() {
    return of(Sampler.NEVER_SAMPLE, new NoHandler(), () -> 0, () -> {});
  }

  static Pair recorded() {
    return of(Sampler.ALWAYS_SAMPLE, new NoHandler(), () -> 0, () -> {});
  }

  /** With Zipkin's reporter as it is by default: a bounded queue, and one thread that writes. */
  static Pair reported() {
    Nowhere nowhere = new Nowhere();
    AsyncZipkinSpanHandler handler = AsyncZipkinSpanHandler.create(nowhere);
    return of(Sampler.ALWAYS_SAMPLE, handler, nowhere.spans::sum, handler);
  }

  private static Pair of(
      Sampler sampler, SpanHandler handler, LongSupplier sent, AutoCloseable reporter) {
    Tracing tracing =
        Tracing.newBuilder()
            .localServiceName("bench")
            .sampler(sampler)
            .addSpanHandler(handler)
            .build();
    GrpcTracing grpc = GrpcTracing.create(tracing);
    return Pair.of(
        List.of(grpc.newClientInterceptor()),
        List.of(grpc.newServerInterceptor()),
        sent,
        () -> {
          tracing.close();
          reporter.close();
        });
  }

  private static final class NoHandler extends SpanHandler {
    @Override
    public boolean end(TraceContext context, MutableSpan span, Cause cause) {
      return true;
    }
  }

  private static final class Nowhere extends BytesMessageSender.Base {
    private final LongAdder spans = new LongAdder();

    Nowhere() {
      super(Encoding.JSON);
    }

    @Override
    public int messageMaxBytes() {
      return MAX_MESSAGE_BYTES;
    }

    @Override
    public void send(List<byte[]> encodedSpans) {
      spans.add(encodedSpans.size());
    }

    @Override
    public void close() {}
  }
}
