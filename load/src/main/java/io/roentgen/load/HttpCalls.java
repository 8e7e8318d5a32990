// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Makes HTTP requests, over HTTP/1.1 and as many connections as it takes. */
final class HttpCalls implements AutoCloseable {
  private final HttpClient client;
  private final Duration timeout;
  private final List<Map.Entry<String, String>> headers;
  private final TraceStart trace;

  /**
   * @param headers of every request
   * @throws WrongUseException if a header is one that Java's client keeps to itself
   */
  HttpCalls(Duration timeout, List<Map.Entry<String, String>> headers, TraceStart trace) {
    this.timeout = timeout;
    this.headers = headers;
    this.trace = trace;
    try {
      HttpRequest.Builder request = HttpRequest.newBuilder();
      headers.forEach(header -> request.setHeader(header.getKey(), header.getValue()));
    } catch (IllegalArgumentException e) {
      throw new WrongUseException(
          "header: " + e.getMessage() + " (expected: one that a client may set)", e);
    }
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(timeout)
            .build();
  }

  /** Returns a request to one address. Expected is any status below 400. */
  static Scenario scenario(
      HttpCalls calls, String name, Shape shape, URI uri, String method, byte[] body) {
    Call call =
        turn -> {
          HttpResponse<byte[]> response =
              calls.send(
                  turn,
                  HttpRequest.newBuilder(uri)
                      .method(
                          method,
                          body.length == 0
                              ? BodyPublishers.noBody()
                              : BodyPublishers.ofByteArray(body)));
          return answer(response.statusCode());
        };
    return new Scenario(
        name, shape, List.of(new Operation(method + ' ' + path(uri), 1, call)), calls::close);
  }

  private static String path(URI uri) {
    return uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
  }

  static Answer answer(int status) {
    return new Answer(Integer.toString(status), status >= 400, Answer.NOW);
  }

  /** Sends a request with the headers of every one, and those that start a trace. */
  HttpResponse<byte[]> send(Turn turn, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    headers.forEach(header -> request.setHeader(header.getKey(), header.getValue()));
    trace.headers(turn.random()).forEach(h -> request.setHeader(h.getKey(), h.getValue()));
    return client.send(request.timeout(timeout).build(), BodyHandlers.ofByteArray());
  }

  static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
