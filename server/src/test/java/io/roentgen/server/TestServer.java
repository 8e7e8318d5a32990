// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Span;
import io.roentgen.model.TraceId;
import io.roentgen.store.Trace;
import io.roentgen.store.memory.MemoryStore;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A server on free ports over a store in memory, with the little that tests ask of it. */
final class TestServer implements AutoCloseable {
  final FaultyStore store = new FaultyStore(new MemoryStore());
  final RoentgenServer server;
  final HttpClient client = HttpClient.newHttpClient();

  TestServer() {
    this(new ServerSettings());
  }

  TestServer(ServerSettings settings) {
    server = RoentgenServer.start(onFreePorts(settings).toConfig(), () -> store);
  }

  /** Sets every listener to a free port. */
  static ServerSettings onFreePorts(ServerSettings settings) {
    for (ListenerName name : ListenerName.values()) {
      settings.set(name.setting(), "0", "test");
    }
    return settings;
  }

  InetSocketAddress address(ListenerName name) {
    return server.address(name);
  }

  URI uri(ListenerName name, String path) {
    InetSocketAddress address = address(name);
    return URI.create("http://127.0.0.1:" + address.getPort() + path);
  }

  HttpResponse<byte[]> post(String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    return post(ListenerName.HTTP, path, body, headers);
  }

  HttpResponse<byte[]> post(ListenerName name, String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(name, path)).POST(BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(ListenerName.HTTP, path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  List<Span> spans(TraceId traceId) {
    Optional<Trace> trace = store.reader().find(traceId);
    return trace.map(Trace::spans).orElse(List.of());
  }

  /** Scrapes the metrics: value by name with labels, as the text format has it. */
  Map<String, Double> metrics() throws IOException, InterruptedException {
    HttpResponse<String> scrape = get("/metrics");
    assertThat(scrape.statusCode()).isEqualTo(200);
    Map<String, Double> values = new HashMap<>();
    for (String line : scrape.body().lines().toList()) {
      if (!line.startsWith("#")) {
        int blank = line.lastIndexOf(' ');
        values.put(line.substring(0, blank), Double.valueOf(line.substring(blank + 1)));
      }
    }
    return values;
  }

  @Override
  public void close() {
    server.close();
    client.close();
  }
}
