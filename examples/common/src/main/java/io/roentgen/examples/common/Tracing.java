// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.common;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.CallSampler.Sampled;
import io.roentgen.grpc.DaemonAddress;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.Propagation;
import io.roentgen.grpc.TraceFormat;
import io.roentgen.grpc.opentelemetry.OpenTelemetrySpans;
import io.roentgen.grpc.prometheus.PrometheusMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The kit of an application, as the environment asks for: {@code TRACE_MODE} {@code xray} (segments
 * to {@code AWS_XRAY_DAEMON_ADDRESS}), {@code otlp} (the OpenTelemetry SDK, to {@code
 * OTEL_EXPORTER_OTLP_ENDPOINT}) or {@code none} (no spans: headers are relayed as they came, for a
 * mesh that makes them), {@code TRACE_PROPAGATION}, {@code TRACE_SAMPLE}.
 */
public final class Tracing implements AutoCloseable {
  /** What makes the spans. */
  public enum Mode {
    /** X-Ray segments. */
    XRAY,
    /** OpenTelemetry's spans. */
    OTLP,
    /** A mesh, if anybody. */
    NONE
  }

  /** What no format writes and every hop passes on. */
  private static final List<String> RELAYED =
      List.of("x-request-id", "x-ot-span-context", "baggage");

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
  private static final String SAMPLE = "TRACE_SAMPLE";
  private static final String RULES = "rules:";

  private final Mode mode;
  private final String service;
  private final GrpcKit kit;
  private final PrometheusRegistry registry;
  private final @Nullable OpenTelemetrySdk sdk;

  private Tracing(
      Mode mode,
      String service,
      GrpcKit kit,
      PrometheusRegistry registry,
      @Nullable OpenTelemetrySdk sdk) {
    this.mode = mode;
    this.service = service;
    this.kit = kit;
    this.registry = registry;
    this.sdk = sdk;
  }

  /**
   * Starts it.
   *
   * @param service the name of the service in the map
   * @throws IllegalArgumentException if a setting cannot be used
   */
  public static Tracing start(Settings settings, String service) {
    Mode mode = mode(settings);
    PrometheusRegistry registry = new PrometheusRegistry();
    ProcessMetrics.builder().register(registry);
    if (mode == Mode.NONE) {
      GrpcKit relay = GrpcKit.builder(service).environment(Map.of()).relayOnly(relayed()).build();
      return new Tracing(mode, service, relay, registry, null);
    }
    // The environment is in the settings already.
    GrpcKit.Builder kit =
        GrpcKit.builder(service)
            .environment(Map.of())
            .propagation(propagation(settings))
            .observer(PrometheusMetrics.registeredWith(registry));
    if (mode == Mode.XRAY) {
      xray(settings, kit);
      return new Tracing(mode, service, kit.build(), registry, null);
    }
    OpenTelemetrySdk sdk = sdk(settings, service);
    kit.spans(
        OpenTelemetrySpans.builder(sdk)
            .flush(
                timeout ->
                    sdk.getSdkTracerProvider()
                        .forceFlush()
                        .join(timeout.toMillis(), TimeUnit.MILLISECONDS)
                        .isSuccess())
            .build());
    return new Tracing(mode, service, kit.build(), registry, sdk);
  }

  private static Mode mode(Settings settings) {
    return switch (settings.text("TRACE_MODE", "xray")) {
      case "xray" -> Mode.XRAY;
      case "otlp" -> Mode.OTLP;
      case "none" -> Mode.NONE;
      default -> throw settings.bad("TRACE_MODE", "one of xray, otlp, none", null);
    };
  }

  private static Set<String> relayed() {
    Set<String> names = new LinkedHashSet<>(Propagation.MESH_HEADERS);
    names.addAll(RELAYED);
    names.addAll(List.of("x-amzn-trace-id", "traceparent", "tracestate", "b3"));
    return names;
  }

  private static Propagation propagation(Settings settings) {
    List<TraceFormat> formats = new ArrayList<>();
    for (String name : settings.list("TRACE_PROPAGATION", "xray,tracecontext,b3multi,b3")) {
      formats.add(
          switch (name) {
            case "xray" -> TraceFormat.XRAY;
            case "tracecontext" -> TraceFormat.W3C;
            case "b3multi" -> TraceFormat.B3_MULTI;
            case "b3" -> TraceFormat.B3_SINGLE;
            default ->
                throw settings.bad(
                    "TRACE_PROPAGATION", "some of xray, tracecontext, b3multi, b3", null);
          });
    }
    return Propagation.of(formats, formats, RELAYED);
  }

  private static void xray(Settings settings, GrpcKit.Builder kit) {
    try {
      kit.daemon(DaemonAddress.parse(settings.text(DaemonAddress.VARIABLE, "127.0.0.1:2000")));
    } catch (IllegalArgumentException e) {
      throw settings.bad(DaemonAddress.VARIABLE, "host:port, or tcp:host:port udp:host:port", e);
    }
    if (settings.text(SAMPLE, "").startsWith(RULES)) {
      kit.samplingRules(rules(settings));
      return;
    }
    double ratio = settings.decimal(SAMPLE, 1, 0, 1);
    if (ratio == 1) {
      kit.sampler(CallSampler.ALWAYS);
    } else {
      kit.sampler(
          (service, name, authority) ->
              new Sampled(ThreadLocalRandom.current().nextDouble() < ratio, ""));
    }
  }

  private static String rules(Settings settings) {
    Path file = Path.of(settings.text(SAMPLE, "").substring(RULES.length()));
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw settings.bad(SAMPLE, "0 to 1, or rules: and a file that can be read", e);
    }
  }

  private static OpenTelemetrySdk sdk(Settings settings, String service) {
    if (settings.text(SAMPLE, "").startsWith(RULES)) {
      throw settings.bad(SAMPLE, "0 to 1 in mode otlp", null);
    }
    Resource resource =
        Resource.getDefault()
            .merge(Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), service)));
    return OpenTelemetrySdk.builder()
        .setTracerProvider(
            SdkTracerProvider.builder()
                .setResource(resource)
                .setIdGenerator(new TimedIds())
                .setSampler(
                    Sampler.parentBased(
                        Sampler.traceIdRatioBased(settings.decimal(SAMPLE, 1, 0, 1))))
                .addSpanProcessor(
                    BatchSpanProcessor.builder(exporter(settings))
                        .setScheduleDelay(Duration.ofMillis(500))
                        .build())
                .build())
        .build();
  }

  private static SpanExporter exporter(Settings settings) {
    String name = "OTEL_EXPORTER_OTLP_ENDPOINT";
    String endpoint = settings.text(name, "http://localhost:4317");
    try {
      // By convention the port says which of the two protocols it is.
      if (endpoint.endsWith(":4318")
          || settings.text("OTEL_EXPORTER_OTLP_PROTOCOL", "").startsWith("http")) {
        return OtlpHttpSpanExporter.builder().setEndpoint(endpoint + "/v1/traces").build();
      }
      return OtlpGrpcSpanExporter.builder().setEndpoint(endpoint).build();
    } catch (IllegalArgumentException e) {
      throw settings.bad(name, "a URL such as http://localhost:4317", e);
    }
  }

  /** Returns what makes the spans. */
  public Mode mode() {
    return mode;
  }

  /** Returns the name of the service. */
  public String service() {
    return service;
  }

  /** Returns the kit, to instrument servers and channels with and to start other work. */
  public GrpcKit kit() {
    return kit;
  }

  /** Returns the registry that has the metrics of calls; others may be added. */
  public PrometheusRegistry registry() {
    return registry;
  }

  /** Returns the name of a span, which is a node of the map for X-Ray and a deed for the others. */
  public String spanName(String xray, String otherwise) {
    return mode == Mode.XRAY ? xray : otherwise;
  }

  /** Sends what is left, and stops. May be called twice. */
  @Override
  public void close() {
    kit.close();
    if (sdk != null) {
      sdk.shutdown().join(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Ids whose first half begins with the second, as AWS X-Ray wants them. */
  private static final class TimedIds implements IdGenerator {
    private final IdGenerator random = IdGenerator.random();

    @Override
    public String generateSpanId() {
      return random.generateSpanId();
    }

    @Override
    public String generateTraceId() {
      long second = TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis());
      return String.format("%08x", second & 0xffff_ffffL) + random.generateTraceId().substring(8);
    }
  }
}
