// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks a server over its JSON API. Safe for use by several threads. */
final class Api implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PAGE = 1000;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI base;

  Api(URI base) {
    this.base = base;
  }

  /** Returns the ids of all traces that match; {@code filters} as a query has them. */
  List<String> search(Instant start, String... filters) throws IOException, InterruptedException {
    StringBuilder query = new StringBuilder("/api/traces?limit=" + PAGE + "&start=" + start);
    for (String filter : filters) {
      int equals = filter.indexOf('=');
      query.append('&').append(filter, 0, equals + 1).append(encode(filter.substring(equals + 1)));
    }
    List<String> ids = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = get(query + (cursor.isEmpty() ? "" : "&cursor=" + encode(cursor)));
      page.get("traces").forEach(trace -> ids.add(trace.get("traceId").textValue()));
      cursor = page.path("nextCursor").asText();
    } while (!cursor.isEmpty());
    return ids;
  }

  /** Returns a trace, if there is one. */
  Optional<JsonNode> trace(String id) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = send("/api/traces/" + id);
    if (response.statusCode() == 404) {
      return Optional.empty();
    }
    return Optional.of(json(response));
  }

  JsonNode get(String path) throws IOException, InterruptedException {
    return json(send(path));
  }

  /** Returns the metrics: value by name with labels, as the text format has it. */
  Map<String, Double> metrics() throws IOException, InterruptedException {
    HttpResponse<byte[]> response = send("/metrics");
    assertThat(response.statusCode()).isEqualTo(200);
    Map<String, Double> values = new HashMap<>();
    for (String line : new String(response.body(), StandardCharsets.UTF_8).lines().toList()) {
      if (!line.startsWith("#")) {
        int blank = line.lastIndexOf(' ');
        values.put(line.substring(0, blank), Double.valueOf(line.substring(blank + 1)));
      }
    }
    return values;
  }

  private HttpResponse<byte[]> send(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(base.resolve(path)).build(), BodyHandlers.ofByteArray());
  }

  private static JsonNode json(HttpResponse<byte[]> response) throws IOException {
    assertThat(response.statusCode())
        .as("%s: %s", response.uri(), new String(response.body(), StandardCharsets.UTF_8))
        .isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    client.close();
  }
}
