// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples;

import com.amazonaws.xray.AWSXRay;
import com.amazonaws.xray.entities.Segment;
import com.amazonaws.xray.entities.Subsegment;
import com.amazonaws.xray.entities.TraceHeader;
import com.amazonaws.xray.entities.TraceHeader.SampleDecision;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A shop on the AWS X-Ray SDK: takes one order, which it has {@link OtelStock} reserve, and ends.
 *
 * <p>The SDK sends to {@code AWS_XRAY_DAEMON_ADDRESS}, which is {@code 127.0.0.1:2000} unless set.
 * The stock is asked at {@code STOCK_URL}, {@value #DEFAULT_STOCK_URL} unless set.
 */
final class XRayShop {
  private static final String DEFAULT_STOCK_URL = "http://127.0.0.1:8601";
  private static final int CONNECT_ATTEMPTS = 100;
  private static final long CONNECT_PAUSE_MILLIS = 100;

  private final HttpClient client = HttpClient.newHttpClient();
  private final String stockUrl;
  private final String ownUrl;

  private XRayShop(String stockUrl, String ownUrl) {
    this.stockUrl = stockUrl;
    this.ownUrl = ownUrl;
  }

  /** Takes one order and prints the id of its trace. */
  public static void main(String[] args) throws IOException, InterruptedException {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(address, 0);
    server.createContext("/confirm", XRayShop::confirm);
    server.start();
    try {
      String stockUrl = System.getenv().getOrDefault("STOCK_URL", DEFAULT_STOCK_URL);
      var shop = new XRayShop(stockUrl, "http://127.0.0.1:" + server.getAddress().getPort());
      shop.awaitStock();
      printNext(shop.order("book"), System.out);
    } finally {
      server.stop(0);
      // Its threads, which ask for sampling rules, would keep the process alive.
      AWSXRay.getGlobalRecorder().getSamplingStrategy().shutdown();
    }
  }

  private static void printNext(String traceId, PrintStream out) {
    out.println("shop: ordered one book, trace " + traceId);
    out.println();
    out.println("Now type:");
    out.println("  ./roentgen traces");
    out.println("  ./roentgen trace " + traceId);
  }

  /** The stock may have been started just now. */
  private void awaitStock() throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(stockUrl + "/health")).build();
    for (int attempt = 1; ; attempt++) {
      try {
        client.send(request, BodyHandlers.discarding());
        return;
      } catch (ConnectException e) {
        if (attempt == CONNECT_ATTEMPTS) {
          throw new IOException("nothing answers at " + stockUrl + "; start OtelStock first", e);
        }
        Thread.sleep(CONNECT_PAUSE_MILLIS);
      }
    }
  }

  /** The root segment. Returns the trace id as X-Ray writes it. */
  private String order(String item) throws IOException, InterruptedException {
    Segment segment = AWSXRay.beginSegmentWithSampling("shop");
    try {
      segment.putHttp("request", Map.of("method", "POST", "url", ownUrl + "/order"));
      segment.putAnnotation("item", item);
      segment.putAnnotation("amount", 1);
      segment.putAnnotation("member", true);
      segment.putMetadata("basket", Map.of("items", List.of(item), "total", 12.5));

      charge("expired card");
      int status = reserve(item);
      segment.putHttp("response", Map.of("status", status));
      return segment.getTraceId().toString();
    } finally {
      AWSXRay.endSegment();
    }
  }

  /** A subsegment that fails; the shop goes on without it. */
  private static void charge(String card) {
    Subsegment subsegment = AWSXRay.beginSubsegment("charge");
    try {
      throw new IllegalStateException("cannot charge: " + card);
    } catch (IllegalStateException e) {
      subsegment.addException(e);
    } finally {
      AWSXRay.endSubsegment();
    }
  }

  /** A remote subsegment around a call, which carries the trace header. */
  private int reserve(String item) throws IOException, InterruptedException {
    Subsegment subsegment = AWSXRay.beginSubsegment("stock");
    try {
      URI uri = URI.create(stockUrl + "/reserve?item=" + item + "&confirm=" + ownUrl + "/confirm");
      subsegment.setNamespace("remote");
      subsegment.putHttp("request", Map.of("method", "POST", "url", uri.toString()));
      HttpRequest request =
          HttpRequest.newBuilder(uri)
              .POST(HttpRequest.BodyPublishers.noBody())
              .header(TraceHeader.HEADER_KEY, TraceHeader.fromEntity(subsegment).toString())
              .build();
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      Map<String, Object> http = new HashMap<>();
      http.put("status", response.statusCode());
      http.put("content_length", response.body().length());
      subsegment.putHttp("response", http);
      return response.statusCode();
    } catch (IOException | InterruptedException e) {
      subsegment.addException(e);
      throw e;
    } finally {
      AWSXRay.endSubsegment();
    }
  }

  /** What the stock calls: a segment under the span that called it. */
  private static void confirm(HttpExchange exchange) throws IOException {
    TraceHeader header =
        TraceHeader.fromString(exchange.getRequestHeaders().getFirst(TraceHeader.HEADER_KEY));
    Segment segment = AWSXRay.beginSegment("shop", header.getRootTraceId(), header.getParentId());
    try {
      segment.setSampled(header.getSampled() == SampleDecision.SAMPLED);
      segment.putHttp(
          "request",
          Map.of("method", "POST", "url", "http://127.0.0.1" + exchange.getRequestURI()));
      segment.putAnnotation("step", "confirm");
      segment.putHttp("response", Map.of("status", 204));
      exchange.sendResponseHeaders(204, -1);
      exchange.close();
    } finally {
      AWSXRay.endSegment();
    }
  }
}
