// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import brave.Tracing;
import brave.grpc.GrpcTracing;
import brave.handler.MutableSpan;
import brave.handler.SpanHandler;
import brave.propagation.TraceContext;
import brave.sampler.Sampler;
import com.amazonaws.xray.AWSXRayRecorder;
import com.amazonaws.xray.AWSXRayRecorderBuilder;
import com.amazonaws.xray.emitters.Emitter;
import com.amazonaws.xray.entities.Segment;
import com.amazonaws.xray.entities.Subsegment;
import com.amazonaws.xray.strategy.sampling.AllSamplingStrategy;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.instrumentation.grpc.v1_6.GrpcTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.roentgen.grpc.CallObserver;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.GrpcCall;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.SegmentTransport;
import java.util.Collection;
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
      return openTelemetry(io.opentelemetry.sdk.trace.samplers.Sampler.alwaysOff());
    }
  },
  /** OpenTelemetry's library, everything sampled, a batch processor. */
  OTEL_SAMPLED {
    @Override
    Pair make() {
      return openTelemetry(io.opentelemetry.sdk.trace.samplers.Sampler.alwaysOn());
    }
  },
  /** Brave, nothing sampled. */
  BRAVE_UNSAMPLED {
    @Override
    Pair make() {
      return brave(Sampler.NEVER_SAMPLE);
    }
  },
  /** Brave, everything sampled, a handler that drops spans. */
  BRAVE_SAMPLED {
    @Override
    Pair make() {
      return brave(Sampler.ALWAYS_SAMPLE);
    }
  },
  /** The X-Ray SDK, wired as its users wire it for gRPC, everything sampled. */
  XRAY_SDK {
    @Override
    Pair make() {
      AWSXRayRecorder recorder =
          AWSXRayRecorderBuilder.standard()
              .withEmitter(new Serializing())
              .withSamplingStrategy(new AllSamplingStrategy())
              .build();
      return new Pair(
          new XRaySdkWiring.Client(recorder), new XRaySdkWiring.Server(recorder), () -> {});
    }
  };

  /** What a variant installs; null for nothing. */
  record Pair(
      @Nullable ClientInterceptor client,
      @Nullable ServerInterceptor server,
      AutoCloseable resources) {}

  abstract Pair make();

  private static Pair kit(GrpcKit.Builder builder) {
    GrpcKit kit = builder.environment(Map.of()).transport(new Nowhere()).build();
    return new Pair(kit.clientInterceptor(), kit.serverInterceptor(), kit);
  }

  private static Pair openTelemetry(io.opentelemetry.sdk.trace.samplers.Sampler sampler) {
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .setSampler(sampler)
            .addSpanProcessor(BatchSpanProcessor.builder(new NoExporter()).build())
            .build();
    OpenTelemetry sdk =
        OpenTelemetrySdk.builder()
            .setTracerProvider(provider)
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
            .build();
    GrpcTelemetry telemetry = GrpcTelemetry.create(sdk);
    return new Pair(
        telemetry.createClientInterceptor(), telemetry.createServerInterceptor(), provider);
  }

  private static Pair brave(Sampler sampler) {
    Tracing tracing =
        Tracing.newBuilder()
            .localServiceName("bench")
            .sampler(sampler)
            .addSpanHandler(new NoHandler())
            .build();
    GrpcTracing grpc = GrpcTracing.create(tracing);
    return new Pair(grpc.newClientInterceptor(), grpc.newServerInterceptor(), tracing);
  }

  private static final class Nowhere implements SegmentTransport {
    @Override
    public void send(byte[] buffer, int length) {}

    @Override
    public void close() {}
  }

  private static final class NoExporter implements SpanExporter {
    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  private static final class NoHandler extends SpanHandler {
    @Override
    public boolean end(TraceContext context, MutableSpan span, Cause cause) {
      return true;
    }
  }

  /** Does what the SDK's UDP emitter does, but for the datagram. */
  private static final class Serializing extends Emitter {
    @Override
    public boolean sendSegment(Segment segment) {
      return !segment.serialize().isEmpty();
    }

    @Override
    public boolean sendSubsegment(Subsegment subsegment) {
      return !subsegment.streamSerialize().isEmpty();
    }
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
