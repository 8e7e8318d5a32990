// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.roentgen.examples.common.Http;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both services on free ports, and a site to fetch. */
class ITArchive {
  private static final Settings SETTINGS =
      Settings.of(Map.of("LISTEN", "127.0.0.1:0", "TRACE_MODE", "none", "ALLOW_PRIVATE", "true"));
  private static final byte[] BINARY = {(byte) 0xff, 0, (byte) 0xfe};

  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer site;
  private Running archiver;
  private Running fetcher;

  @BeforeEach
  void start() throws Exception {
    site = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    site.createContext("/", exchange -> Http.answer(exchange, 200, "text/plain", "hello"));
    site.createContext("/missing", exchange -> Http.answer(exchange, 404, "text/plain", "no"));
    site.createContext(
        "/binary",
        exchange -> {
          exchange.sendResponseHeaders(200, BINARY.length);
          exchange.getResponseBody().write(BINARY);
          exchange.close();
        });
    site.start();
    archiver = new Archiver().start(SETTINGS);
    fetcher = new Fetcher().start(fetcherSettings());
  }

  private Settings fetcherSettings() {
    return SETTINGS.with("ARCHIVER", "127.0.0.1:" + archiver.ports().get("http"));
  }

  @AfterEach
  void stop() {
    fetcher.close();
    archiver.close();
    site.stop(0);
  }

  @Test
  void fetch_page_isKeptAndReadAgain() throws Exception {
    HttpResponse<String> fetched = fetch(page("/a?b=c"));
    assertThat(fetched.statusCode()).as(fetched.body()).isEqualTo(200);
    assertThat(fetched.headers().firstValue("content-type")).hasValue("application/vnd.goa.fetch");
    assertThat(fetched.body()).isEqualTo("{\"status\":200,\"archive_href\":\"/archive/1\"}");
    HttpResponse<String> read = read("/archive/1");
    assertThat(read.headers().firstValue("content-type")).hasValue("application/vnd.goa.archive");
    assertThat(read.body())
        .isEqualTo("{\"href\":\"/archive/1\",\"status\":200,\"body\":\"hello\"}");
    assertThat(fetch(page("/missing")).body())
        .isEqualTo("{\"status\":404,\"archive_href\":\"/archive/2\"}");
  }

  @Test
  void fetch_binaryPage_isKeptInBase64() throws Exception {
    assertThat(fetch(page("/binary")).statusCode()).isEqualTo(200);
    assertThat(read("/archive/1").body())
        .contains("\"body\":\"" + Base64.getEncoder().encodeToString(BINARY) + "\"")
        .contains("\"base64\":true");
  }

  @ParameterizedTest
  @CsvSource({
    "nonsense, invalid_url",
    "ftp://127.0.0.1/x, invalid_url",
    "http://user:secret@127.0.0.1/, invalid_url",
  })
  void fetch_badUrl_isRefused(String url, String code) throws Exception {
    HttpResponse<String> refused = fetch(url);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("\"code\":\"" + code + "\"", "\"status\":400", "\"id\":");
  }

  @Test
  void fetch_privateAddress_isRefusedUnlessAllowed() throws Exception {
    fetcher.close();
    fetcher = new Fetcher().start(fetcherSettings().with("ALLOW_PRIVATE", false));
    for (String host : new String[] {"127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1"}) {
      HttpResponse<String> refused = fetch("http://" + host + "/");
      assertThat(refused.statusCode()).as(host).isEqualTo(400);
      assertThat(refused.body()).as(host).contains("private_address");
    }
  }

  @Test
  void fetch_nothingThere_saysSo() throws Exception {
    int port = site.getAddress().getPort();
    site.stop(0);
    HttpResponse<String> failed = fetch("http://127.0.0.1:" + port + "/");
    assertThat(failed.statusCode()).isEqualTo(502);
    assertThat(failed.body()).contains("fetch_failed");
  }

  @Test
  void fetch_archiverGone_isAFailure() throws Exception {
    archiver.close();
    HttpResponse<String> failed = fetch(page("/a"));
    assertThat(failed.statusCode()).isEqualTo(500);
    assertThat(failed.body()).contains("archive_failed");
  }

  @ParameterizedTest
  @CsvSource({
    "/archive/77, 404, not_found",
    "/archive/-1, 400, invalid_id",
    "/archive/x, 400, invalid_id",
  })
  void read_unknownOrBadId_isRefused(String path, int status, String code) throws Exception {
    HttpResponse<String> refused = read(path);
    assertThat(refused.statusCode()).isEqualTo(status);
    assertThat(refused.body()).contains("\"code\":\"" + code + "\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"{|invalid_json", "{\"status\":-1,\"body\":\"x\"}|invalid_request", "[]|invalid"})
  void store_badRequest_isRefused(String body, String code) throws Exception {
    HttpResponse<String> refused =
        client.send(
            HttpRequest.newBuilder(at(archiver, "/archive/"))
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains(code);
  }

  @Test
  void fetcher_startedFirst_waitsForItsArchiver() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Settings late = SETTINGS.with("ARCHIVER", "127.0.0.1:" + port);
    CompletableFuture<Running> starting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return new Fetcher().start(late);
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    assertThat(starting).isNotDone();
    try (Running started = new Archiver().start(SETTINGS.with("LISTEN", "127.0.0.1:" + port));
        Running waited = starting.get(30, TimeUnit.SECONDS)) {
      assertThat(waited.ports()).containsKey("http");
      assertThat(started.ports()).containsEntry("http", port);
    }
    assertThatThrownBy(() -> new Fetcher().start(late.with("ARCHIVER_WAIT_MS", 1)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("no archiver at 127.0.0.1:" + port);
  }

  @Test
  void commandLine_fetchReadHealth_printsBodies() throws Exception {
    assertThat(cli(fetcher, "fetch", "/fetch/" + page("/a"))).contains("/archive/1");
    assertThat(cli(archiver, "read", "/archive/1")).contains("hello");
    assertThat(cli(fetcher, "health", "show")).isEqualTo("OK\n");
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    assertThat(ArchiveCli.run(print(new ByteArrayOutputStream()), print(err), "fetch"))
        .isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("usage:");
  }

  private static String cli(Running service, String... arguments) throws InterruptedException {
    String[] all = new String[arguments.length + 2];
    all[0] = "--host";
    all[1] = "127.0.0.1:" + service.ports().get("http");
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    assertThat(ArchiveCli.run(print(out), print(err), all)).isZero();
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("started id=", "status=200 time=");
    return out.toString(StandardCharsets.UTF_8);
  }

  private static PrintStream print(ByteArrayOutputStream to) {
    return new PrintStream(to, true, StandardCharsets.UTF_8);
  }

  private String page(String path) {
    return "http://127.0.0.1:" + site.getAddress().getPort() + path;
  }

  private HttpResponse<String> fetch(String url) throws Exception {
    return get(at(fetcher, "/fetch/" + url));
  }

  private HttpResponse<String> read(String path) throws Exception {
    return get(at(archiver, path));
  }

  private static URI at(Running service, String path) {
    return URI.create("http://127.0.0.1:" + service.ports().get("http") + path);
  }

  private HttpResponse<String> get(URI uri) throws Exception {
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }
}
