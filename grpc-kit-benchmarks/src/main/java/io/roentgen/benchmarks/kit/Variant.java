// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.roentgen.grpc.CallObserver;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.GrpcCall;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.SegmentTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** A pair of interceptors to measure; each sends what it makes to nowhere. */
public enum Variant {
  /** No interceptor at all. */
  NONE {
    @Override
    Pair make() {
      return new Pair(null, null, () -> {});
    }
  },
  /** Interceptors that only hand the call on. */
  NO_OP {
    @Override
    Pair make() {
      return new Pair(new HandingOnClient(), new HandingOnServer(), () -> {});
    }
  },
  /** This kit, nothing sampled. */
  KIT_UNSAMPLED {
    @Override
    Pair make() {
      return kit(GrpcKit.builder("bench").sampler(CallSampler.NEVER));
    }
  },
  /** This kit, everything sampled and written as X-Ray documents. */
  KIT_XRAY {
    @Override
    Pair make() {
      return kit(GrpcKit.builder("bench").sampler(CallSampler.ALWAYS));
    }
  },
  /** This kit, nothing sampled, with an observer that counts. */
  KIT_OBSERVED {
    @Override
    Pair make() {
      LongAdder calls = new LongAdder();
      return kit(
          GrpcKit.builder("bench")
              .sampler(CallSampler.NEVER)
              .observer(
                  new CallObserver() {
                    @Override
                    public void ended(GrpcCall call) {
                      calls.increment();
                    }
                  }));
    }
  },
  /** OpenTelemetry's library with a sampler that drops everything. */
  OTEL_UNSAMPLED {
    @Override
    Pair make() {
      return OpenTelemetryPair.make(false);
    }
  },
  /** OpenTelemetry's library, everything sampled, a batch processor. */
  OTEL_SAMPLED {
    @Override
    Pair make() {
      return OpenTelemetryPair.make(true);
    }
  },
  /** Brave, nothing sampled. */
  BRAVE_UNSAMPLED {
    @Override
    Pair make() {
      return BravePair.make(false);
    }
  },
  /** Brave, everything sampled, a handler that drops spans. */
  BRAVE_SAMPLED {
    @Override
    Pair make() {
      return BravePair.make(true);
    }
  },
  /** The X-Ray SDK, wired as its users wire it for gRPC, everything sampled. */
  XRAY_SDK {
    @Override
    Pair make() {
      return XRaySdkWiring.make();
    }
  };

  /** What a variant installs; null for nothing. */
  record Pair(
      @Nullable ClientInterceptor client,
      @Nullable ServerInterceptor server,
      AutoCloseable resources) {}

  abstract Pair make();

  /** Returns the part of the class path that this variant needs. */
  String classPath(String whole) {
    List<String> others = new ArrayList<>();
    if (!name().startsWith("OTEL")) {
      others.add("opentelemetry");
    }
    if (!name().startsWith("BRAVE")) {
      others.add("brave");
    }
    if (!name().startsWith("XRAY")) {
      others.add("aws-xray");
    }
    return Main.without(whole, others);
  }

  private static Pair kit(GrpcKit.Builder builder) {
    GrpcKit kit = builder.environment(Map.of()).transport(new Nowhere()).build();
    return new Pair(kit.clientInterceptor(), kit.serverInterceptor(), kit);
  }

  private static final class Nowhere implements SegmentTransport {
    @Override
    public void send(byte[] buffer, int length) {}

    @Override
    public void close() {}
  }

  private static final class HandingOnClient implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return next.newCall(method, options);
    }
  }

  private static final class HandingOnServer implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return next.startCall(call, headers);
    }
  }
}
