// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Live events, what is told of senders, and sample data in a whole server. */
class ITLive {
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  @TempDir private Path folder;

  /** Reads a stream of events on a thread of its own. */
  private static final class Reader implements AutoCloseable {
    final List<String> lines = new CopyOnWriteArrayList<>();
    final HttpResponse<InputStream> response;
    final CompletableFuture<Void> ended = new CompletableFuture<>();

    Reader(TestServer server, String... headers) throws Exception {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(server.uri(ListenerName.HTTP, "/api/live"));
      if (headers.length > 0) {
        request.headers(headers);
      }
      response = server.client.send(request.build(), BodyHandlers.ofInputStream());
      var _ = Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try (var in =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
        String line = in.readLine();
        while (line != null) {
          lines.add(line);
          line = in.readLine();
        }
        ended.complete(null);
      } catch (IOException e) {
        ended.completeExceptionally(e);
      }
    }

    void awaitLine(String pattern) {
      await().until(() -> lines.stream().anyMatch(line -> line.matches(pattern)));
    }

    @Override
    public void close() throws IOException {
      response.body().close();
    }
  }

  private static int send(TestServer server, String json, String... headers) throws Exception {
    String[] all = new String[headers.length + 2];
    System.arraycopy(headers, 0, all, 0, headers.length);
    all[headers.length] = "Content-Type";
    all[headers.length + 1] = "application/json";
    return server
        .post(ListenerName.OTLP_HTTP, "/v1/traces", json.getBytes(StandardCharsets.UTF_8), all)
        .statusCode();
  }

  private static final String SPAN =
      """
      {"resourceSpans":[{"resource":{"attributes":[
        {"key":"service.name","value":{"stringValue":"shop"}}]},
        "scopeSpans":[{"spans":[{"traceId":"6b03cc09f3ed5891d394d9326aea115b",
        "spanId":"00000000000000a1","name":"GET /","kind":2,
        "startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000100000000"}]}]}]}
      """;

  @Test
  void stream_spansArrive_tellsStatusAndChange() throws Exception {
    try (TestServer server = new TestServer();
        Reader reader = new Reader(server)) {
      assertThat(reader.response.statusCode()).isEqualTo(200);
      assertThat(reader.response.headers().firstValue("content-type"))
          .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
      reader.awaitLine("event: status");
      reader.awaitLine("data: \\{\"version\".*\"spanCount\":0,.*");

      // The first look at what is there must have been made, or nothing has changed since.
      await().until(() -> reader.lines.stream().filter("event: status"::equals).count() >= 2);
      assertThat(send(server, SPAN)).isEqualTo(200);

      reader.awaitLine("event: changed");
      reader.awaitLine("data: \\{\"spanCount\":1\\}");
    }
  }

  @Test
  void stream_badParameter_isRefused() throws Exception {
    try (TestServer server = new TestServer()) {
      HttpResponse<String> answer = server.get("/api/live?since=1");
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("unknown parameter 'since'");
    }
  }

  @Test
  @Timeout(60)
  void close_whileStreamsAreRead_endsThemInOrder() throws Exception {
    TestServer server = new TestServer();
    try (Reader reader = new Reader(server)) {
      reader.awaitLine("event: status");
      server.server.close();
      // Requests that go on after the grace period are cut off, which readers see as a failure.
      await().until(reader.ended::isDone);
      assertThat(reader.ended).isCompleted();
    } finally {
      server.close();
    }
  }

  @Test
  void guarded_withoutToken_isRefusedAndSendersAreNoted() throws Exception {
    Path token = Files.writeString(folder.resolve("token"), TOKEN + "\n");
    try (TestServer server =
        new TestServer(new ServerSettings().set(Setting.TOKEN_FILE, token.toString(), "test"))) {
      for (String path : List.of("/api/live", "/api/ingest", "/api/settings", "/api/sample-data")) {
        assertThat(server.get(path).statusCode()).as(path).isEqualTo(401);
      }
      assertThat(server.post("/api/sample-data", new byte[0]).statusCode()).isEqualTo(401);
      assertThat(send(server, SPAN)).isEqualTo(401);
      assertThat(send(server, SPAN, "Authorization", "Bearer " + TOKEN)).isEqualTo(200);

      String ingest = server.get("/api/ingest", "Authorization", "Bearer " + TOKEN).body();
      assertThat(ingest)
          .contains("\"reason\":\"unauthenticated\"", "authorization: missing (expected: Bearer")
          .contains("\"service\":\"shop\",\"name\":\"GET /\"");
      String settings = server.get("/api/settings", "Authorization", "Bearer " + TOKEN).body();
      assertThat(settings).contains("\"server.token-file\"").doesNotContain(TOKEN);
    }
  }

  @Test
  void refused_newestFirst_withReasonAndMessage() throws Exception {
    try (TestServer server = new TestServer()) {
      assertThat(send(server, "{")).isEqualTo(400);
      assertThat(send(server, SPAN.replace("00000000000000a1", "0000000000000000"))).isEqualTo(200);
      assertThat(send(server, SPAN.replace("00000000000000a1", "0000000000000000"))).isEqualTo(200);

      String ingest = server.get("/api/ingest").body();
      assertThat(ingest)
          .matches(
              "(?s).*\"refused\":\\[\\{\"transport\":\"otlp_http\",\"reason\":\"invalid_id\".*\"count\":2,"
                  + ".*\"reason\":\"parse_error\".*");
    }
  }

  @Test
  void sampleData_inAGroup_isCountedAndNotAfterwards() throws Exception {
    try (RoentgenServer server =
        RoentgenServer.start(
            TestServer.onFreePorts(
                    new ServerSettings().set(Setting.STORE_PATH, folder.toString(), "test"))
                .toConfig())) {
      String base = "http://127.0.0.1:" + server.address(ListenerName.HTTP).getPort();
      try (var client = HttpClient.newHttpClient()) {
        String filter = "/api/graph?filter=service(%22checkout%22)";
        assertThat(
                call(
                    client,
                    "POST",
                    base + "/CreateGroup",
                    """
            {"GroupName":"buys","FilterExpression":"service(\\\"checkout\\\")"}"""))
            .contains("buys");
        assertThat(call(client, "POST", base + "/api/sample-data", "")).contains("\"loaded\":true");
        assertThat(call(client, "GET", base + filter, "")).contains("\"name\":\"payment\"");
        assertThat(call(client, "DELETE", base + "/api/sample-data", "")).contains("false");
        assertThat(call(client, "GET", base + filter, "")).doesNotContain("payment");
      }
    }
  }

  private static String call(HttpClient client, String method, String uri, String body)
      throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(URI.create(uri))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString())
        .body();
  }
}
