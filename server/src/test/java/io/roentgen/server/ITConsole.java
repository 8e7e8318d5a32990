// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The console over HTTP: its files, and the session that stands for the token. */
class ITConsole {
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";
  private static final Pattern FILE = Pattern.compile("(?:src|href)=\"(/[^\"]+)\"");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the first page may cost, packed, in bytes: scripts and styles that index.html names. */
  private static final int FIRST_LOAD_BYTES = 250_000;

  @TempDir private static Path folder;
  private static TestServer open;
  private static TestServer guarded;

  @BeforeAll
  static void start() throws Exception {
    open = new TestServer();
    Path file = Files.writeString(folder.resolve("token"), TOKEN + "\n");
    guarded = new TestServer(new ServerSettings().set(Setting.TOKEN_FILE, file.toString(), "test"));
  }

  @AfterAll
  static void stop() {
    open.close();
    guarded.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/map",
        "/traces",
        "/traces?q=fault&from=now-1h",
        "/trace/1-6553f0e2-bd86",
        "/login"
      })
  void page_ofTheConsole_isTheOnePage(String path) throws Exception {
    TestServer server = open;
    HttpResponse<String> page = server.get(path);

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("<title>Roentgen</title>");
    assertThat(page.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
    assertThat(page.headers().firstValue("cache-control")).hasValue("no-cache");
    assertThat(page.headers().firstValue("x-content-type-options")).hasValue("nosniff");
    assertThat(page.headers().firstValue("referrer-policy")).hasValue("same-origin");
    assertThat(page.headers().firstValue("content-security-policy"))
        .hasValue(
            "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
                + " frame-ancestors 'none'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/nope",
        "/trace",
        "/trace/",
        "/trace/a/b",
        "/assets/none.js",
        "/index.html",
        "/console.index",
        "/theme.js.gz",
        "/api/nope"
      })
  void otherPath_isNotFound(String path) throws Exception {
    TestServer server = open;
    assertThat(server.get(path).statusCode()).isEqualTo(404);
  }

  @Test
  void otherRoutes_goOnToAnswer() throws Exception {
    TestServer server = open;
    assertThat(server.get("/healthz").body()).isEqualTo("ok\n");
    assertThat(server.get("/metrics").statusCode()).isEqualTo(200);
    assertThat(server.get("/api/traces").statusCode()).isEqualTo(200);
    assertThat(server.post("/GetSamplingRules", new byte[0]).statusCode()).isEqualTo(200);
    assertThat(server.post("/traces", new byte[0]).statusCode()).isEqualTo(404);
  }

  @Test
  void files_ofThePage_areServedOnceForEver() throws Exception {
    TestServer server = open;
    List<String> files = files(server.get("/").body());
    assertThat(files).hasSizeGreaterThanOrEqualTo(4).contains("/theme.js", "/favicon.svg");
    for (String file : files) {
      HttpResponse<String> plain = server.get(file);
      assertThat(plain.statusCode()).as(file).isEqualTo(200);
      assertThat(plain.headers().firstValue("cache-control"))
          .as(file)
          .hasValue(
              file.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
      String tag = plain.headers().firstValue("etag").orElseThrow();
      HttpResponse<String> same = server.get(file, "If-None-Match", "\"x\", W/" + tag);
      assertThat(same.statusCode()).as(file).isEqualTo(304);
      assertThat(same.body()).isEmpty();
      assertThat(server.get(file, "If-None-Match", "\"x\"").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void file_acceptedPacked_isTheSameAndSmaller() throws Exception {
    TestServer server = open;
    int sum = 0;
    for (String file : files(server.get("/").body())) {
      HttpResponse<byte[]> packed = packed(server, file, "gzip");
      if (packed.headers().firstValue("content-encoding").isEmpty()) {
        continue;
      }
      sum += packed.body().length;
      try (var in = new GZIPInputStream(new ByteArrayInputStream(packed.body()))) {
        assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
            .isEqualTo(server.get(file).body());
      }
      assertThat(packed.headers().firstValue("vary")).hasValue("accept-encoding");
      assertThat(packed.headers().firstValue("etag"))
          .isNotEqualTo(server.get(file).headers().firstValue("etag"));
      assertThat(packed(server, file, "br, gzip;q=0").headers().firstValue("content-encoding"))
          .isEmpty();
    }
    assertThat(sum).isPositive().isLessThan(FIRST_LOAD_BYTES);
  }

  private static HttpResponse<byte[]> packed(TestServer server, String path, String accepted)
      throws Exception {
    return server.client.send(
        HttpRequest.newBuilder(server.uri(ListenerName.HTTP, path))
            .header("Accept-Encoding", accepted)
            .build(),
        BodyHandlers.ofByteArray());
  }

  private static List<String> files(String page) {
    List<String> files = new ArrayList<>();
    Matcher matcher = FILE.matcher(page);
    while (matcher.find()) {
      files.add(matcher.group(1));
    }
    return files;
  }

  @Test
  void head_saysWhatGetWould() throws Exception {
    TestServer server = open;
    HttpResponse<String> head = send(server, "HEAD", "/traces", "");

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValueAsLong("content-length"))
        .hasValue(server.get("/traces").body().length());
  }

  @Test
  void session_withoutAToken_isNotNeeded() throws Exception {
    TestServer server = open;
    assertThat(JSON.readTree(server.get("/api/session").body()))
        .isEqualTo(JSON.readTree("{\"tokenRequired\":false,\"signedIn\":false}"));
  }

  @Test
  void session_begun_readsTheApiAndNothingElse() throws Exception {
    TestServer server = guarded;
    assertThat(server.get("/traces").statusCode()).isEqualTo(200);
    HttpResponse<String> refused = server.get("/api/status");
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("www-authenticate")).hasValue("Bearer");
    assertThat(JSON.readTree(refused.body()).at("/error/code").asText())
        .isEqualTo("unauthenticated");

    for (String path :
        List.of("/trace/..%2Fapi%2Fstatus", "/traces/../api/status", "//api/status")) {
      assertThat(server.get(path).body()).as(path).doesNotContain("spansPerSecond");
    }

    String setCookie = begin(server);
    assertThat(setCookie)
        .matches(
            "roentgen-session=\\d+\\.[\\w-]{43}; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict")
        .doesNotContain(TOKEN);
    String cookie = setCookie.substring(0, setCookie.indexOf(';'));
    assertThat(server.get("/api/status", "Cookie", "a=b; " + cookie).statusCode()).isEqualTo(200);
    JsonNode state = JSON.readTree(server.get("/api/session", "Cookie", cookie).body());
    assertThat(state.get("signedIn").asBoolean()).isTrue();
    assertThat(server.get("/metrics", "Cookie", cookie).statusCode()).isEqualTo(401);
    assertThat(
            server
                .post(
                    "/v1/traces",
                    new byte[0],
                    "Content-Type",
                    "application/x-protobuf",
                    "Sec-Fetch-Site",
                    "same-origin",
                    "Cookie",
                    cookie)
                .statusCode())
        .isEqualTo(401);

    HttpResponse<String> end =
        send(server, "DELETE", "/api/session", "", "Sec-Fetch-Site", "same-origin");
    assertThat(end.headers().firstValue("set-cookie"))
        .hasValue("roentgen-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
  }

  @Test
  void session_changedCookie_isRefused() throws Exception {
    TestServer server = guarded;
    String setCookie = begin(server);
    String value = setCookie.substring(setCookie.indexOf('=') + 1, setCookie.indexOf(';'));
    String signature = value.substring(value.indexOf('.'));
    for (String wrong :
        List.of("", ".", "1" + signature, "9999999999" + signature, value + "x", signature)) {
      assertThat(server.get("/api/status", "Cookie", "roentgen-session=" + wrong).statusCode())
          .as(wrong)
          .isEqualTo(401);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Sec-Fetch-Site, same-origin, 200",
    "Sec-Fetch-Site, same-site, 401",
    "Sec-Fetch-Site, cross-site, 401",
    "Sec-Fetch-Site, none, 401",
    "Origin, http://evil.example, 401",
    "Origin, null, 401",
    "Origin, SELF, 200",
    "X-Nothing, x, 401"
  })
  void session_requestThatChanges_mustComeFromAPageOfThisServer(
      String header, String value, int status) throws Exception {
    TestServer server = guarded;
    String setCookie = begin(server);
    String origin = server.uri(ListenerName.HTTP, "").toString();

    assertThat(
            server
                .post(
                    "/api/sampling/simulation",
                    new byte[0],
                    header,
                    value.equals("SELF") ? origin : value,
                    "Cookie",
                    setCookie.substring(0, setCookie.indexOf(';')))
                .statusCode())
        .isEqualTo(status);
  }

  @Test
  void session_wrongTokenOrOtherSite_doesNotBegin() throws Exception {
    TestServer server = guarded;
    for (String body : List.of("{\"token\":\"" + TOKEN + "0\"}", "{\"token\":\"\"}")) {
      HttpResponse<String> wrong =
          send(server, "POST", "/api/session", body, "Sec-Fetch-Site", "same-origin");
      assertThat(wrong.statusCode()).isEqualTo(403);
      assertThat(JSON.readTree(wrong.body()).at("/error/code").asText()).isEqualTo("invalid_token");
      assertThat(wrong.headers().firstValue("set-cookie")).isEmpty();
    }
    for (String body : List.of("", "[]", "{\"token\":1}", "{\"token\"")) {
      assertThat(
              send(server, "POST", "/api/session", body, "Sec-Fetch-Site", "same-origin")
                  .statusCode())
          .as(body)
          .isEqualTo(400);
    }
    String right = "{\"token\":\"" + TOKEN + "\"}";
    assertThat(send(server, "POST", "/api/session", right).statusCode()).isEqualTo(403);
    assertThat(
            send(server, "POST", "/api/session", right, "Sec-Fetch-Site", "cross-site")
                .statusCode())
        .isEqualTo(403);
  }

  private static String begin(TestServer server) throws Exception {
    HttpResponse<String> begun =
        send(
            server,
            "POST",
            "/api/session",
            "{\"token\":\"" + TOKEN + "\"}",
            "Sec-Fetch-Site",
            "same-origin");
    assertThat(begun.statusCode()).isEqualTo(200);
    return begun.headers().firstValue("set-cookie").orElseThrow();
  }

  private static HttpResponse<String> send(
      TestServer server, String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.uri(ListenerName.HTTP, path))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return server.client.send(request.build(), BodyHandlers.ofString());
  }
}
