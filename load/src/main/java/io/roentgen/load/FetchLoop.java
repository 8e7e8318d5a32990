// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Has the fetcher fetch pages of a site of our own: some are missing, some broken. */
final class FetchLoop {
  private static final int PAGES = 20;

  private FetchLoop() {}

  static Scenario scenario(HttpCalls calls, Shape shape, URI fetcher) throws IOException {
    HttpServer site =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    site.setExecutor(executor);
    site.createContext("/", FetchLoop::serve);
    site.start();
    String base = "http://127.0.0.1:" + site.getAddress().getPort();
    return new Scenario(
        "fetch-loop",
        shape,
        List.of(
            new Operation(
                "page",
                93,
                turn ->
                    fetch(
                        calls,
                        turn,
                        fetcher,
                        base + "/page/" + (1 + turn.random().nextInt(PAGES)),
                        200)),
            new Operation(
                "missing page", 5, turn -> fetch(calls, turn, fetcher, base + "/missing", 404)),
            new Operation(
                "broken page", 2, turn -> fetch(calls, turn, fetcher, base + "/broken", 500))),
        () -> {
          calls.close();
          site.stop(0);
          executor.close();
        });
  }

  /** Expected is that the fetcher tells of the page's status, with 200 of its own. */
  private static Answer fetch(HttpCalls calls, Turn turn, URI fetcher, String url, int status)
      throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        calls.send(turn, HttpRequest.newBuilder(fetcher.resolve("/fetch/" + url)));
    if (response.statusCode() != 200) {
      return HttpCalls.answer(response.statusCode());
    }
    boolean told = HttpCalls.text(response).replaceAll("\\s", "").contains("\"status\":" + status);
    return told
        ? Answer.expected("page " + status)
        : Answer.failed("another status than the page's");
  }

  private static void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      int status = path.startsWith("/page/") ? 200 : path.equals("/broken") ? 500 : 404;
      byte[] body = ("This is " + path + ".\n").getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("content-type", "text/plain; charset=utf-8");
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
