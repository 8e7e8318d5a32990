// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.archive;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.roentgen.examples.common.Http;
import io.roentgen.examples.common.Tracing;
import io.roentgen.grpc.ActiveSpan;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * What every request goes through, outermost first: request id, log, span, error body. The span is
 * inside of the log, so that its time is the service's; the error body is inside of the span, so
 * that the span has the cause.
 */
final class Filters {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final System.Logger LOG = System.getLogger(Filters.class.getName());
  private static final String REQUEST_ID = "x-request-id";

  private Filters() {}

  /** Serves a request. */
  @FunctionalInterface
  interface Service {
    void serve(HttpExchange exchange) throws RefusedException, IOException, InterruptedException;
  }

  /** Returns a handler that a server is given. */
  static HttpHandler around(Tracing tracing, String route, Service service) {
    return requestId(logged(Http.traced(tracing, route, errors(service))));
  }

  private static HttpHandler requestId(HttpHandler next) {
    return exchange -> {
      String given = exchange.getRequestHeaders().getFirst(REQUEST_ID);
      // What is logged must not end the line.
      boolean usable = given != null && given.matches("[0-9A-Za-z._-]{1,64}");
      String id = usable ? given : UUID.randomUUID().toString();
      // The JDK's requests cannot be changed, so the answer has it from the start.
      exchange.getResponseHeaders().set(REQUEST_ID, id);
      next.handle(exchange);
    };
  }

  private static HttpHandler logged(HttpHandler next) {
    return exchange -> {
      String id = exchange.getResponseHeaders().getFirst(REQUEST_ID);
      long start = System.nanoTime();
      LOG.log(
          System.Logger.Level.INFO,
          "started id={0} {1}={2}",
          id,
          exchange.getRequestMethod(),
          exchange.getRequestURI().getRawPath());
      try {
        next.handle(exchange);
      } finally {
        LOG.log(
            System.Logger.Level.INFO,
            "completed id={0} status={1} time={2}ms",
            id,
            exchange.getResponseCode(),
            String.valueOf(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)));
      }
    };
  }

  private static HttpHandler errors(Service service) {
    return exchange -> {
      try {
        service.serve(exchange);
      } catch (RefusedException e) {
        ActiveSpan.current().recordException(e);
        Map<String, Object> body = new TreeMap<>();
        body.put("id", exchange.getResponseHeaders().getFirst(REQUEST_ID));
        body.put("code", e.code());
        body.put("status", e.status());
        body.put("detail", e.getMessage());
        answer(exchange, e.status(), "application/vnd.goa.error", body);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    };
  }

  /** Answers with JSON. */
  static void answer(HttpExchange exchange, int status, String type, Map<String, ?> body)
      throws IOException {
    Http.answer(exchange, status, type, JSON.writeValueAsString(body));
  }

  /** Answers that it lives; without a span, as it is asked every few seconds. */
  static void health(HttpExchange exchange) throws IOException {
    Http.answer(exchange, 200, "text/plain; charset=utf-8", "OK");
    exchange.close();
  }

  /** Refuses all methods but one. */
  static void require(HttpExchange exchange, String method) throws RefusedException {
    if (!exchange.getRequestMethod().equals(method)) {
      throw new RefusedException(
          405, "method_not_allowed", exchange.getRequestMethod() + " (expected: " + method + ")");
    }
  }
}
