// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.contrib.awsxray.propagator.AwsXrayPropagator;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A stock on the OpenTelemetry SDK: reserves items from a made-up database, tells the caller by
 * calling it back, and serves until it is ended.
 *
 * <p>The SDK sends to {@code OTEL_EXPORTER_OTLP_ENDPOINT}, which is {@value #DEFAULT_ENDPOINT}
 * unless set, and reads and writes the X-Ray trace header. It listens on {@code STOCK_PORT},
 * {@value #DEFAULT_PORT} unless set.
 */
final class OtelStock {
  private static final String DEFAULT_ENDPOINT = "http://127.0.0.1:4317";
  private static final String DEFAULT_PORT = "8601";

  private static final TextMapGetter<Headers> HEADERS =
      new TextMapGetter<>() {
        @Override
        @SuppressWarnings("deprecation") // still to be implemented
        public Iterable<String> keys(Headers carrier) {
          return carrier.keySet();
        }

        @Override
        public @Nullable String get(@Nullable Headers carrier, String key) {
          return carrier == null ? null : carrier.getFirst(key);
        }
      };

  private final HttpClient client = HttpClient.newHttpClient();
  private final OpenTelemetry telemetry;
  private final Tracer tracer;

  private OtelStock(OpenTelemetry telemetry) {
    this.telemetry = telemetry;
    this.tracer = telemetry.getTracer("io.roentgen.examples.stock");
  }

  /** Serves until the process is ended, then sends what is left. */
  public static void main(String[] args) throws IOException {
    Map<String, String> environment = System.getenv();
    OpenTelemetrySdk sdk =
        sdk(environment.getOrDefault("OTEL_EXPORTER_OTLP_ENDPOINT", DEFAULT_ENDPOINT));
    Runtime.getRuntime().addShutdownHook(new Thread(sdk::close, "send what is left"));
    int port = Integer.parseInt(environment.getOrDefault("STOCK_PORT", DEFAULT_PORT));
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/reserve", new OtelStock(sdk)::reserve);
    server.createContext("/health", exchange -> answer(exchange, 200, "ok"));
    server.start();
    System.out.println("stock: listening on http://127.0.0.1:" + server.getAddress().getPort());
  }

  private static OpenTelemetrySdk sdk(String endpoint) {
    Attributes service = Attributes.of(AttributeKey.stringKey("service.name"), "stock");
    SdkTracerProvider tracers =
        SdkTracerProvider.builder()
            .setResource(Resource.getDefault().merge(Resource.create(service)))
            .addSpanProcessor(
                BatchSpanProcessor.builder(
                        OtlpGrpcSpanExporter.builder().setEndpoint(endpoint).build())
                    .setScheduleDelay(Duration.ofMillis(500))
                    .build())
            .build();
    return OpenTelemetrySdk.builder()
        .setTracerProvider(tracers)
        .setPropagators(ContextPropagators.create(AwsXrayPropagator.getInstance()))
        .build();
  }

  /** A server span under the caller's subsegment. */
  private void reserve(HttpExchange exchange) throws IOException {
    Context caller =
        telemetry
            .getPropagators()
            .getTextMapPropagator()
            .extract(Context.root(), exchange.getRequestHeaders(), HEADERS);
    Span span =
        tracer
            .spanBuilder("POST /reserve")
            .setParent(caller)
            .setSpanKind(SpanKind.SERVER)
            .setAttribute("http.request.method", "POST")
            .setAttribute("http.route", "/reserve")
            .setAttribute("url.path", "/reserve")
            .startSpan();
    int status = 500;
    String text = "";
    Context context = caller.with(span);
    try {
      Map<String, String> query = query(exchange.getRequestURI());
      String item = query.getOrDefault("item", "");
      span.setAttribute("item", item);
      long left = countLeft(item, context);
      confirm(URI.create(query.getOrDefault("confirm", "")), context);
      text = left + " left";
      status = 200;
    } catch (IllegalArgumentException | IOException e) {
      span.recordException(e);
      span.setStatus(StatusCode.ERROR, String.valueOf(e.getMessage()));
      text = String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      span.setStatus(StatusCode.ERROR, "interrupted");
    } finally {
      span.setAttribute("http.response.status_code", status);
      span.end();
    }
    answer(exchange, status, text);
  }

  /** A client span as an instrumented database driver makes it; there is no database. */
  private long countLeft(String item, Context context) {
    Span span =
        tracer
            .spanBuilder("SELECT stock.items")
            .setParent(context)
            .setSpanKind(SpanKind.CLIENT)
            .setAttribute("db.system.name", "postgresql")
            .setAttribute("db.namespace", "stock")
            .setAttribute("db.operation.name", "SELECT")
            .setAttribute("db.query.text", "SELECT count FROM items WHERE name = $1")
            .setAttribute("server.address", "db.example.com")
            .setAttribute("server.port", 5432)
            .startSpan();
    try {
      span.addEvent("row read", Attributes.of(AttributeKey.stringKey("item"), item));
      return item.length();
    } finally {
      span.end();
    }
  }

  /** A client span around a call, which carries the X-Ray trace header. */
  private void confirm(URI uri, Context context) throws IOException, InterruptedException {
    Span span =
        tracer
            .spanBuilder("POST")
            .setParent(context)
            .setSpanKind(SpanKind.CLIENT)
            .setAttribute("http.request.method", "POST")
            .setAttribute("url.full", uri.toString())
            .setAttribute("server.address", String.valueOf(uri.getHost()))
            .setAttribute("server.port", uri.getPort())
            .startSpan();
    try {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.noBody());
      telemetry
          .getPropagators()
          .getTextMapPropagator()
          .inject(context.with(span), request, OtelStock::setHeader);
      int status = client.send(request.build(), BodyHandlers.discarding()).statusCode();
      span.setAttribute("http.response.status_code", status);
    } catch (IOException | InterruptedException e) {
      span.recordException(e);
      span.setStatus(StatusCode.ERROR);
      throw e;
    } finally {
      span.end();
    }
  }

  private static void setHeader(HttpRequest.@Nullable Builder request, String name, String value) {
    if (request != null) {
      request.setHeader(name, value);
    }
  }

  private static Map<String, String> query(URI uri) {
    Map<String, String> query = new HashMap<>();
    for (String pair : String.valueOf(uri.getQuery()).split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        query.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    return query;
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream body = exchange.getResponseBody()) {
      body.write(bytes);
    }
  }
}
