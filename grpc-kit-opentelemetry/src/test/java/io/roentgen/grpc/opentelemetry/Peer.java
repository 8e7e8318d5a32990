// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import brave.Tracing;
import brave.grpc.GrpcTracing;
import brave.handler.MutableSpan;
import brave.handler.SpanHandler;
import brave.propagation.B3Propagation;
import io.grpc.ClientInterceptor;
import io.grpc.ServerInterceptor;
import io.micrometer.core.instrument.binder.grpc.ObservationGrpcClientInterceptor;
import io.micrometer.core.instrument.binder.grpc.ObservationGrpcServerInterceptor;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingReceiverTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingSenderTracingObservationHandler;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelPropagator;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.contrib.awsxray.propagator.AwsXrayPropagator;
import io.opentelemetry.extension.trace.propagation.B3Propagator;
import io.opentelemetry.instrumentation.grpc.v1_6.GrpcTelemetry;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.Propagation;
import io.roentgen.grpc.RpcNames;
import io.roentgen.grpc.TraceFormat;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** One end of a call: its interceptors by a tracer, and the spans that this made. */
final class Peer implements AutoCloseable {
  final ServerInterceptor server;
  final ClientInterceptor client;
  private final Supplier<List<Seen>> seen;
  private final Runnable end;

  private Peer(
      ServerInterceptor server, ClientInterceptor client, Supplier<List<Seen>> seen, Runnable end) {
    this.server = server;
    this.client = client;
    this.seen = seen;
    this.end = end;
  }

  /** Who traces. */
  enum Tracer {
    KIT_XRAY {
      @Override
      Peer peer(TraceFormat format) {
        Seen.Segments segments = new Seen.Segments();
        GrpcKit kit =
            GrpcKit.builder("kit")
                .environment(Map.of())
                .sampler(CallSampler.ALWAYS)
                .transport(segments)
                .propagation(Propagation.of(List.of(format), List.of(format), List.of()))
                .build();
        return new Peer(
            kit.serverInterceptor(),
            kit.clientInterceptor(),
            () -> {
              flush(kit);
              return segments.all();
            },
            kit::close);
      }
    },
    KIT_OPENTELEMETRY {
      @Override
      Peer peer(TraceFormat format) {
        Sdk sdk = new Sdk();
        GrpcKit kit =
            GrpcKit.builder("kit")
                .spans(OpenTelemetrySpans.builder(sdk.api).rpcNames(RpcNames.NEW).build())
                .propagation(Propagation.of(List.of(format), List.of(format), List.of()))
                .build();
        return new Peer(
            kit.serverInterceptor(),
            kit.clientInterceptor(),
            () -> sdk.all().stream().map(Seen::of).toList(),
            () -> {
              kit.close();
              sdk.close();
            });
      }
    },
    OPENTELEMETRY_LIBRARY {
      @Override
      Peer peer(TraceFormat format) {
        Sdk sdk = new Sdk(Sampler.parentBased(Sampler.alwaysOn()), openTelemetry(format));
        GrpcTelemetry telemetry = GrpcTelemetry.create(sdk.api);
        return new Peer(
            telemetry.createServerInterceptor(),
            telemetry.createClientInterceptor(),
            () -> sdk.all().stream().map(Seen::of).toList(),
            sdk::close);
      }

      @Override
      boolean speaks(TraceFormat format) {
        return format != TraceFormat.GRPC_TRACE_BIN && format != TraceFormat.TRACE_ID_PARENT_ID;
      }
    },
    /** Micrometer's interceptors, whose observations become spans of OpenTelemetry. */
    MICROMETER {
      @Override
      Peer peer(TraceFormat format) {
        Sdk sdk = new Sdk(Sampler.parentBased(Sampler.alwaysOn()), openTelemetry(format));
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(spans(sdk));
        return new Peer(
            new ObservationGrpcServerInterceptor(registry),
            new ObservationGrpcClientInterceptor(registry),
            () -> sdk.all().stream().map(Seen::of).toList(),
            sdk::close);
      }

      @Override
      boolean speaks(TraceFormat format) {
        return OPENTELEMETRY_LIBRARY.speaks(format);
      }
    },
    BRAVE {
      @Override
      Peer peer(TraceFormat format) {
        List<MutableSpan> spans = new CopyOnWriteArrayList<>();
        Tracing tracing =
            Tracing.newBuilder()
                .propagationFactory(brave(format))
                .addSpanHandler(
                    new SpanHandler() {
                      @Override
                      public boolean end(
                          brave.propagation.TraceContext context, MutableSpan span, Cause cause) {
                        spans.add(new MutableSpan(span));
                        return true;
                      }
                    })
                .traceId128Bit(true)
                .build();
        GrpcTracing grpc = GrpcTracing.create(tracing);
        return new Peer(
            grpc.newServerInterceptor(),
            grpc.newClientInterceptor(),
            () -> spans.stream().map(Seen::of).toList(),
            tracing::close);
      }

      @Override
      boolean speaks(TraceFormat format) {
        return format == TraceFormat.B3_SINGLE || format == TraceFormat.B3_MULTI;
      }
    };

    abstract Peer peer(TraceFormat format);

    boolean speaks(TraceFormat format) {
      return true;
    }

    boolean isKit() {
      return this == KIT_XRAY || this == KIT_OPENTELEMETRY;
    }
  }

  private static ObservationHandler<?> spans(Sdk sdk) {
    io.opentelemetry.api.trace.Tracer otel = sdk.api.getTracer("micrometer");
    OtelTracer tracer = new OtelTracer(otel, new OtelCurrentTraceContext(), event -> {});
    OtelPropagator propagator = new OtelPropagator(sdk.api.getPropagators(), otel);
    // As Spring Boot groups them.
    return new ObservationHandler.FirstMatchingCompositeObservationHandler(
        new PropagatingSenderTracingObservationHandler<>(tracer, propagator),
        new PropagatingReceiverTracingObservationHandler<>(tracer, propagator),
        new DefaultTracingObservationHandler(tracer));
  }

  private static TextMapPropagator openTelemetry(TraceFormat format) {
    return switch (format) {
      case XRAY -> AwsXrayPropagator.getInstance();
      case W3C -> W3CTraceContextPropagator.getInstance();
      case B3_SINGLE -> B3Propagator.injectingSingleHeader();
      case B3_MULTI -> B3Propagator.injectingMultiHeaders();
      case GRPC_TRACE_BIN, TRACE_ID_PARENT_ID -> throw new IllegalArgumentException("" + format);
    };
  }

  private static brave.propagation.Propagation.Factory brave(TraceFormat format) {
    B3Propagation.Format how =
        format == TraceFormat.B3_SINGLE ? B3Propagation.Format.SINGLE : B3Propagation.Format.MULTI;
    // Said of a kind, as the format of clients is another one unless it is.
    return B3Propagation.newFactoryBuilder().injectFormat(brave.Span.Kind.CLIENT, how).build();
  }

  private static void flush(GrpcKit kit) {
    try {
      if (!kit.flush(Duration.ofSeconds(20))) {
        throw new AssertionError("not flushed in time");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns the spans of calls that have ended. */
  List<Seen> seen() {
    return seen.get();
  }

  @Override
  public void close() {
    end.run();
  }
}
