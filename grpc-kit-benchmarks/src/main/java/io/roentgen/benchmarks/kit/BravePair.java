// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import brave.Tracing;
import brave.grpc.GrpcTracing;
import brave.handler.MutableSpan;
import brave.handler.SpanHandler;
import brave.propagation.TraceContext;
import brave.sampler.Sampler;

/** Brave's interceptors; a class of its own, as few variants have its library. */
final class BravePair {
  private BravePair() {}

  static Variant.Pair make(boolean sampled) {
    Tracing tracing =
        Tracing.newBuilder()
            .localServiceName("bench")
            .sampler(sampled ? Sampler.ALWAYS_SAMPLE : Sampler.NEVER_SAMPLE)
            .addSpanHandler(new NoHandler())
            .build();
    GrpcTracing grpc = GrpcTracing.create(tracing);
    return new Variant.Pair(grpc.newClientInterceptor(), grpc.newServerInterceptor(), tracing);
  }

  private static final class NoHandler extends SpanHandler {
    @Override
    public boolean end(TraceContext context, MutableSpan span, Cause cause) {
      return true;
    }
  }
}
