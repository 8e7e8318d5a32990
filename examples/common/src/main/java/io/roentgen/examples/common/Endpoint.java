// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.common;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where operators ask: {@code GET /metrics} in the formats of Prometheus, {@code GET /healthz}, and
 * {@code POST /log-level?debug} changes what is logged. On {@code METRICS_PORT}; none if that is 0.
 */
public final class Endpoint implements AutoCloseable {
  private final HttpServer server;

  private Endpoint(HttpServer server) {
    this.server = server;
  }

  /** Starts it; returns null if it is off. */
  public static @Nullable Endpoint start(Settings settings, PrometheusRegistry registry)
      throws IOException {
    int port = settings.number("METRICS_PORT", 0, 0, 65535);
    return port == 0 ? null : on(new InetSocketAddress(port), registry);
  }

  static Endpoint on(InetSocketAddress address, PrometheusRegistry registry) throws IOException {
    HttpServer server = HttpServer.create(address, 0);
    server.createContext("/metrics", exchange -> metrics(exchange, registry));
    server.createContext("/healthz", exchange -> answer(exchange, 200, "ok\n"));
    server.createContext("/log-level", Endpoint::level);
    server.start();
    return new Endpoint(server);
  }

  private static void metrics(HttpExchange exchange, PrometheusRegistry registry)
      throws IOException {
    Scrape scrape = scrape(registry, exchange.getRequestHeaders().getFirst("Accept"));
    exchange.getResponseHeaders().set("Content-Type", scrape.type());
    exchange.sendResponseHeaders(200, scrape.body().size());
    scrape.body().writeTo(exchange.getResponseBody());
    exchange.close();
  }

  /**
   * Metrics as text.
   *
   * @param type the content type
   * @param body the text
   */
  public record Scrape(String type, ByteArrayOutputStream body) {}

  /** Returns what a registry has, in the format that is accepted. */
  public static Scrape scrape(PrometheusRegistry registry, @Nullable String accept)
      throws IOException {
    ExpositionFormatWriter writer = ExpositionFormats.init().findWriter(accept);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    writer.write(body, registry.scrape());
    return new Scrape(writer.getContentType(), body);
  }

  private static void level(HttpExchange exchange) throws IOException {
    String level = exchange.getRequestURI().getQuery();
    if (!exchange.getRequestMethod().equals("POST") || level == null) {
      answer(exchange, 405, "expected: POST /log-level?debug\n");
      return;
    }
    try {
      JsonLogs.setLevel(level);
      answer(exchange, 200, level + "\n");
    } catch (IllegalArgumentException e) {
      answer(exchange, 400, e.getMessage() + "\n");
    }
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    Http.answer(exchange, status, "text/plain; charset=utf-8", text);
    exchange.close();
  }

  /** Returns the port. */
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
