// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import com.sun.net.httpserver.HttpExchange;
import io.roentgen.examples.common.Application;
import io.roentgen.examples.common.Http;
import io.roentgen.examples.common.JsonText;
import io.roentgen.examples.common.Launcher;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * One page that asks the gateway at {@code API_URL} and links to the trace in Roentgen's console at
 * {@code CONSOLE_URL}. Its files make no spans.
 */
final class Ui implements Application {
  @Override
  public String name() {
    return "ui";
  }

  @Override
  public Running start(Settings settings) throws Exception {
    StringBuilder api = new StringBuilder();
    JsonText.append(api, settings.text("API_URL", "http://localhost:8080"));
    StringBuilder console = new StringBuilder();
    JsonText.append(console, settings.text("CONSOLE_URL", "http://127.0.0.1:8600"));
    String script = "const API = " + api + ";\nconst CONSOLE = " + console + ";\n";
    String page = Resources.text("ui.html");
    Http.Served server = new Http.Served(settings.listen("PORT", ":8088"), name());
    server
        .on("/", exchange -> page(exchange, page))
        .on("/config.js", exchange -> answer(exchange, 200, "text/javascript", script))
        .on("/healthz", exchange -> answer(exchange, 200, "text/plain", "ok\n"))
        .start();
    return Launcher.together(Map.of("http", server.port()), List.of(server));
  }

  private static void page(HttpExchange exchange, String page) throws IOException {
    boolean known = exchange.getRequestURI().getPath().equals("/");
    answer(
        exchange,
        known ? 200 : 404,
        known ? "text/html" : "text/plain",
        known ? page : "no such page\n");
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    Http.answer(exchange, status, type + "; charset=utf-8", text);
    exchange.close();
  }
}
