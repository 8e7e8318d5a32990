// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.common;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.ActiveSpan.Kind;
import io.roentgen.grpc.HeaderAnnotator;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** HTTP with spans of the kit: a server and a client of the JDK. */
public final class Http {
  /** What a request is relayed with. */
  private static final HeaderAnnotator EDGE = HeaderAnnotator.requestId();

  private static final System.Logger LOG = System.getLogger(Http.class.getName());
  private static final int THREADS = 32;

  private Http() {}

  /**
   * Starts the span of a request that is served; the caller ends it, see {@link #answered}.
   *
   * @param route names what is asked for, such as {@code GET /product/{id}}
   * @param url the whole, without what is secret
   * @param headers returns the value of the header with a name in lower case, or null
   */
  public static ActiveSpan serve(
      Tracing tracing,
      String method,
      String route,
      String url,
      Function<String, @Nullable String> headers,
      HeaderAnnotator annotator) {
    ActiveSpan span = tracing.kit().start(method + " " + route, Kind.SERVER, headers, annotator);
    span.annotate("http.request.method", method)
        .annotate("url.full", url)
        .annotate("http.route", route);
    String agent = headers.apply("user-agent");
    if (agent != null) {
      span.annotate("user_agent.original", agent);
    }
    return span;
  }

  /** Says how a request was answered, and ends its span. */
  public static void answered(ActiveSpan span, int status) {
    span.annotate("http.response.status_code", (long) status);
    span.end();
  }

  /**
   * Returns a handler whose requests have a span, current in it, and a service in the logs. What it
   * throws is answered by 500.
   *
   * @param route a span's name without the method, such as {@code /product/{id}}
   */
  @SuppressWarnings("try") // The scope is closed, and not used otherwise.
  public static HttpHandler traced(Tracing tracing, String route, HttpHandler handler) {
    return exchange -> {
      Headers headers = exchange.getRequestHeaders();
      String host = headers.getFirst("Host");
      String url =
          "http://" + (host == null ? "localhost" : host) + exchange.getRequestURI().getPath();
      ActiveSpan span =
          serve(tracing, exchange.getRequestMethod(), route, url, headers::getFirst, EDGE);
      span.annotate("client.address", exchange.getRemoteAddress().getAddress().getHostAddress());
      try (ActiveSpan.Scope scope = span.makeCurrent()) {
        JsonLogs.as(
            tracing.service(),
            () -> {
              handle(exchange, handler, span);
              return span;
            });
      } finally {
        answered(span, exchange.getResponseCode() < 0 ? 500 : exchange.getResponseCode());
        exchange.close();
      }
    };
  }

  private static void handle(HttpExchange exchange, HttpHandler handler, ActiveSpan span) {
    try {
      handler.handle(exchange);
    } catch (IOException | RuntimeException e) {
      span.recordException(e);
      if (exchange.getResponseCode() < 0) {
        try {
          answer(exchange, 500, "text/plain", "internal error\n");
        } catch (IOException gone) {
          e.addSuppressed(gone);
        }
      }
      LOG.log(System.Logger.Level.WARNING, "request failed", e);
    }
  }

  /** Answers with a text. */
  public static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, body.length == 0 || head ? -1 : body.length);
    if (body.length > 0 && !head) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  /** A server of the JDK, with threads of its own and a graceful end. */
  public static final class Served implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService executor;

    /** Makes one that listens and does not yet answer; add contexts, then {@link #start}. */
    public Served(InetSocketAddress address, String name) throws IOException {
      server = HttpServer.create(address, 0);
      executor =
          Executors.newFixedThreadPool(
              THREADS,
              work -> {
                Thread thread = new Thread(work, name + "-http");
                thread.setDaemon(true);
                return thread;
              });
      server.setExecutor(executor);
    }

    /** Adds what answers below a path. */
    public Served on(String path, HttpHandler handler) {
      server.createContext(path, handler);
      return this;
    }

    /** Begins to answer. */
    public Served start() {
      server.start();
      return this;
    }

    /** Returns the port. */
    public int port() {
      return server.getAddress().getPort();
    }

    @Override
    public void close() {
      server.stop(0);
      executor.shutdown();
      try {
        if (!executor.awaitTermination(5, TimeUnit.SECONDS)) {
          executor.shutdownNow();
        }
      } catch (InterruptedException e) {
        executor.shutdownNow();
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A client of the JDK whose requests are spans below the current one, and carry the trace. */
  public static final class Client {
    private final Tracing tracing;
    private final HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /** Makes one for a service. */
    public Client(Tracing tracing) {
      this.tracing = tracing;
    }

    /**
     * Sends a request and waits. A failure to do so is an exception of its span and thrown on; a
     * status is not.
     *
     * @param callee the service as the map is to have it, such as {@code catalogservice}
     */
    public <T> HttpResponse<T> send(
        String callee, HttpRequest.Builder request, HttpResponse.BodyHandler<T> body)
        throws IOException, InterruptedException {
      HttpRequest plain = request.copy().build();
      ActiveSpan span =
          ActiveSpan.current()
              .startChild(tracing.spanName(callee, plain.method()), Kind.CLIENT)
              .annotate("http.request.method", plain.method())
              .annotate("url.full", plain.uri().toString())
              .annotate("service.peer.name", callee)
              .annotate("server.address", plain.uri().getHost())
              .annotate("xray.traced", true);
      tracing.kit().inject(span, request::setHeader);
      try {
        HttpResponse<T> response = client.send(request.build(), body);
        span.annotate("http.response.status_code", (long) response.statusCode());
        return response;
      } catch (IOException | InterruptedException e) {
        span.recordException(e);
        throw e;
      } finally {
        span.end();
      }
    }
  }
}
