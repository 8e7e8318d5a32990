// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import io.roentgen.examples.common.Application;
import io.roentgen.examples.common.Http;
import io.roentgen.examples.common.Launcher;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.common.Tracing;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.ActiveSpan.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Gets any page and has the archiver keep it: {@code GET /fetch/{url}}, {@code GET /health}. Pages
 * of private addresses only if {@code ALLOW_PRIVATE} is true.
 */
public final class Fetcher implements Application {
  private static final String MEDIA_TYPE = "application/vnd.goa.fetch";
  private static final int MAX_BODY = 5 << 20;
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration HEALTH_EVERY = Duration.ofMillis(100);

  @Override
  public String name() {
    return "fetcher";
  }

  /** Runs it. */
  public static void main(String[] arguments) throws InterruptedException {
    Launcher.run(new Fetcher(), Flags.longNames(arguments));
  }

  @Override
  public Running start(Settings settings) throws Exception {
    var address = settings.listen("LISTEN", "127.0.0.1:8081");
    URI archiver = URI.create("http://" + settings.target("ARCHIVER", "127.0.0.1:8080"));
    boolean allowPrivate = settings.flag("ALLOW_PRIVATE", false);
    awaitHealth(archiver, settings.millis("ARCHIVER_WAIT_MS", 60_000));
    Tracing tracing = Tracing.start(settings, settings.text("SERVICE_NAME", name()));
    Fetching fetching = new Fetching(tracing, archiver, allowPrivate);
    return Launcher.start(
        settings,
        tracing,
        (ports, parts) -> {
          Http.Served served =
              new Http.Served(address, name())
                  .on("/fetch/", Filters.around(tracing, "/fetch/{url}", fetching::serve))
                  .on("/health", Filters::health)
                  .start();
          parts.add(served);
          ports.put("http", served.port());
        });
  }

  /** Waits for the archiver; one that does not listen yet is waited for too. */
  private static void awaitHealth(URI archiver, Duration wait)
      throws IOException, InterruptedException {
    HttpClient client = client();
    HttpRequest request =
        HttpRequest.newBuilder(archiver.resolve("/health")).timeout(Duration.ofSeconds(2)).build();
    long begin = System.nanoTime();
    while (true) {
      try {
        if (client.send(request, BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        if (System.nanoTime() - begin > wait.toNanos()) {
          throw new IOException(
              "no archiver at " + archiver.getAuthority() + " after " + wait.toSeconds() + " s", e);
        }
      }
      if (System.nanoTime() - begin > wait.toNanos()) {
        throw new IOException("the archiver at " + archiver.getAuthority() + " is not healthy");
      }
      TimeUnit.MILLISECONDS.sleep(HEALTH_EVERY.toMillis());
    }
  }

  /** Redirects are not followed: they are a status like others, and would lead past the checks. */
  private static HttpClient client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(5))
        .build();
  }

  private static final class Fetching {
    private final Tracing tracing;
    private final URI archiver;
    private final boolean allowPrivate;
    private final Http.Client archiverClient;
    private final HttpClient client = client();

    Fetching(Tracing tracing, URI archiver, boolean allowPrivate) {
      this.tracing = tracing;
      this.archiver = archiver;
      this.allowPrivate = allowPrivate;
      archiverClient = new Http.Client(tracing);
    }

    void serve(HttpExchange exchange) throws RefusedException, IOException, InterruptedException {
      Filters.require(exchange, "GET");
      URI url = url(exchange.getRequestURI());
      ActiveSpan.current().annotate("remote-url", url.toString());
      Archive.Document page = fetch(url);
      ActiveSpan.current().annotate("remote-status", page.status());
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("status", page.status());
      body.put("archive_href", archive(page));
      Filters.answer(exchange, 200, MEDIA_TYPE, body);
    }

    private URI url(URI request) throws RefusedException {
      String text = request.getRawPath().substring("/fetch/".length());
      if (request.getRawQuery() != null) {
        text += '?' + request.getRawQuery();
      }
      URI url;
      try {
        url = new URI(text);
      } catch (URISyntaxException e) {
        throw new RefusedException(400, "invalid_url", "url: " + e.getReason());
      }
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (!http || url.getHost() == null || url.getRawUserInfo() != null) {
        throw new RefusedException(400, "invalid_url", "url: must be http://host or https://host");
      }
      if (!allowPrivate) {
        requirePublic(url.getHost());
      }
      return url;
    }

    private static void requirePublic(String host) throws RefusedException {
      try {
        for (InetAddress address : InetAddress.getAllByName(host)) {
          if (isPrivate(address)) {
            throw new RefusedException(
                400, "private_address", "url: its host is of a private network (ALLOW_PRIVATE)");
          }
        }
      } catch (UnknownHostException e) {
        throw new RefusedException(400, "unknown_host", "url: its host is not known");
      }
    }

    private static boolean isPrivate(InetAddress address) {
      byte[] bytes = address.getAddress();
      boolean unique = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
      boolean shared = bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xc0) == 64;
      return address.isLoopbackAddress()
          || address.isAnyLocalAddress()
          || address.isLinkLocalAddress()
          || address.isSiteLocalAddress()
          || address.isMulticastAddress()
          || unique
          || shared;
    }

    /** Gets the page as a span of its own. Strangers are not told of the trace. */
    private Archive.Document fetch(URI url) throws RefusedException, InterruptedException {
      ActiveSpan span =
          ActiveSpan.current()
              .startChild(tracing.spanName(url.getHost(), "GET"), Kind.CLIENT)
              .annotate("http.request.method", "GET")
              .annotate("url.full", url.toString())
              .annotate("server.address", url.getHost());
      try {
        HttpResponse<InputStream> response =
            client.send(
                HttpRequest.newBuilder(url).timeout(TIMEOUT).build(), BodyHandlers.ofInputStream());
        span.annotate("http.response.status_code", (long) response.statusCode());
        byte[] body;
        try (InputStream in = response.body()) {
          body = in.readNBytes(MAX_BODY + 1);
        }
        if (body.length > MAX_BODY) {
          throw new RefusedException(502, "too_large", "the page is over 5 MB");
        }
        return document(response.statusCode(), body);
      } catch (IOException e) {
        span.recordException(e);
        throw new RefusedException(502, "fetch_failed", "the page cannot be got: " + e);
      } finally {
        span.end();
      }
    }

    private static Archive.Document document(int status, byte[] body) {
      try {
        ByteBuffer bytes = ByteBuffer.wrap(body);
        return new Archive.Document(
            status, StandardCharsets.UTF_8.newDecoder().decode(bytes).toString(), false);
      } catch (CharacterCodingException e) {
        // No text: kept as it is.
        return new Archive.Document(status, Base64.getEncoder().encodeToString(body), true);
      }
    }

    private String archive(Archive.Document page) throws RefusedException, InterruptedException {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("status", page.status());
      document.put("body", page.body());
      if (page.base64()) {
        document.put("base64", true);
      }
      try {
        HttpResponse<String> response =
            archiverClient.send(
                "archiver",
                HttpRequest.newBuilder(archiver.resolve("/archive/"))
                    .timeout(TIMEOUT)
                    .header("content-type", "application/json")
                    .POST(BodyPublishers.ofString(Filters.JSON.writeValueAsString(document))),
                BodyHandlers.ofString());
        String href = href(response.body());
        if (response.statusCode() == 200 && href.matches("/archive/[0-9]+")) {
          return href;
        }
        throw new RefusedException(
            500, "archive_failed", "the archiver answered " + response.statusCode());
      } catch (IOException e) {
        throw new RefusedException(500, "archive_failed", "the archiver cannot be reached: " + e);
      }
    }

    private static String href(String body) {
      try {
        JsonNode json = Filters.JSON.readTree(body);
        return json.path("href").asText();
      } catch (JsonProcessingException e) {
        return ""; // Not what an archiver answers; the status says why.
      }
    }
  }
}
