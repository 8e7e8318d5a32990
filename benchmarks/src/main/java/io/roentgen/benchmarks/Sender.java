// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.RequestHeaders;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Sends encoded requests over a few connections and waits for each answer. */
final class Sender implements AutoCloseable {
  private static final long RETRY_AFTER_MILLIS = 50;
  private static final int GRPC_UNAVAILABLE = 14;
  private static final int GRPC_RESOURCE_EXHAUSTED = 8;

  /** A gRPC frame whose message is empty: nothing was rejected. */
  private static final int EMPTY_MESSAGE_BYTES = 5;

  private final Protocol protocol;
  private final List<ClientFactory> factories = new ArrayList<>();
  private final List<WebClient> clients = new ArrayList<>();
  private final AtomicLong refusals = new AtomicLong();

  /** What is spoken. */
  enum Protocol {
    OTLP_GRPC("h2c", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"),
    ZIPKIN("http", "/api/v2/spans");

    private final String scheme;
    private final RequestHeaders headers;

    Protocol(String scheme, String path) {
      this.scheme = scheme;
      var builder = RequestHeaders.builder(HttpMethod.POST, path);
      headers =
          scheme.equals("h2c")
              ? builder
                  .set(HttpHeaderNames.CONTENT_TYPE, "application/grpc")
                  .set(HttpHeaderNames.TE, "trailers")
                  .build()
              : builder.set(HttpHeaderNames.CONTENT_TYPE, "application/x-protobuf").build();
    }
  }

  /** Makes {@code connections} to a port of this machine; they open with the first request. */
  Sender(Protocol protocol, int port, int connections) {
    this.protocol = protocol;
    for (int i = 0; i < connections; i++) {
      // One connection each: a factory keeps one for each of its event loops.
      ClientFactory factory = ClientFactory.builder().workerGroup(1).build();
      factories.add(factory);
      clients.add(
          WebClient.builder(protocol.scheme + "://127.0.0.1:" + port)
              .factory(factory)
              .responseTimeout(Duration.ofSeconds(60))
              .build());
    }
  }

  /** Returns how often the server said to come again later. */
  long refusals() {
    return refusals.get();
  }

  /**
   * Sends requests {@code from} to below {@code to} of a file, {@code streams} at a time and as
   * fast as the answers come, until all are acknowledged.
   *
   * @throws IOException if one fails for good
   */
  void send(RequestFile file, int from, int to, int streams)
      throws IOException, InterruptedException {
    send(file::read, from, to, streams, Double.POSITIVE_INFINITY);
  }

  /** Where requests come from. */
  interface Source {
    /**
     * Returns the request of a number, or null if there are no more. Safe for use by several
     * threads.
     */
    byte @Nullable [] read(int request) throws IOException;
  }

  /**
   * Sends requests {@code from} to below {@code to}, or while there are some, {@code streams} at a
   * time, until all are acknowledged or this thread is interrupted.
   *
   * @param requestsPerSecond the pace
   * @throws IOException if one fails for good
   */
  void send(Source source, int from, int to, int streams, double requestsPerSecond)
      throws IOException, InterruptedException {
    AtomicInteger next = new AtomicInteger(from);
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    long begin = System.nanoTime();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      WebClient client = clients.get(i % clients.size());
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      int request;
                      while (failure.get() == null && (request = next.getAndIncrement()) < to) {
                        pace(begin, (request - from) / requestsPerSecond);
                        byte[] body = source.read(request);
                        if (body == null) {
                          return;
                        }
                        send(client, body);
                      }
                    } catch (IOException | InterruptedException | RuntimeException e) {
                      failure.compareAndSet(null, e);
                    }
                  }));
    }
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } finally {
      // If this thread was interrupted, the others end too.
      next.set(to);
    }
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IOException("a request failed: " + failed, failed);
    }
  }

  private static void pace(long begin, double seconds) throws InterruptedException {
    long wait = begin + (long) (seconds * 1e9) - System.nanoTime();
    if (wait > 0) {
      Thread.sleep(Duration.ofNanos(wait));
    }
  }

  private void send(WebClient client, byte[] body) throws InterruptedException {
    while (true) {
      AggregatedHttpResponse response =
          client.execute(HttpRequest.of(protocol.headers, HttpData.wrap(body))).aggregate().join();
      if (isTaken(response)) {
        return;
      }
      refusals.incrementAndGet();
      Thread.sleep(RETRY_AFTER_MILLIS);
    }
  }

  private boolean isTaken(AggregatedHttpResponse response) {
    if (protocol == Protocol.ZIPKIN) {
      if (response.status().code() == 202) {
        return true;
      }
      if (response.status().code() == 429 || response.status().code() == 503) {
        return false;
      }
      throw new IllegalStateException(
          "answer: " + response.status() + " " + response.contentUtf8() + " (expected: 202)");
    }
    String status = response.trailers().get("grpc-status");
    if (status == null) {
      status = response.headers().get("grpc-status", "none");
    }
    if (status.equals("0")) {
      if (response.content().length() > EMPTY_MESSAGE_BYTES) {
        throw new IllegalStateException("answer: spans were rejected (expected: none)");
      }
      return true;
    }
    if (status.equals(Integer.toString(GRPC_RESOURCE_EXHAUSTED))
        || status.equals(Integer.toString(GRPC_UNAVAILABLE))) {
      return false;
    }
    throw new IllegalStateException(
        "answer: "
            + response.status()
            + " grpc-status "
            + status
            + " "
            + response.trailers().get("grpc-message", "")
            + " (expected: 0)");
  }

  @Override
  public void close() {
    factories.forEach(ClientFactory::close);
  }
}
