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
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Keeps pages: {@code POST /archive/}, {@code GET /archive/{id}}, {@code GET /health}. */
public final class Archiver implements Application {
  static final String MEDIA_TYPE = "application/vnd.goa.archive";

  /** A body of 5 MB in Base64, and what is around it. */
  private static final int MAX_REQUEST = 8 << 20;

  @Override
  public String name() {
    return "archiver";
  }

  /** Runs it. */
  public static void main(String[] arguments) throws InterruptedException {
    Launcher.run(new Archiver(), Flags.longNames(arguments));
  }

  @Override
  public Running start(Settings settings) throws Exception {
    var address = settings.listen("LISTEN", "127.0.0.1:8080");
    Tracing tracing = Tracing.start(settings, settings.text("SERVICE_NAME", name()));
    Archive archive = new Archive();
    return Launcher.start(
        settings,
        tracing,
        (ports, parts) -> {
          Http.Served served =
              new Http.Served(address, name())
                  .on(
                      "/archive/",
                      Filters.around(tracing, "/archive/", exchange -> serve(archive, exchange)))
                  .on("/health", Filters::health)
                  .start();
          parts.add(served);
          ports.put("http", served.port());
        });
  }

  private static void serve(Archive archive, HttpExchange exchange)
      throws RefusedException, IOException {
    String id = exchange.getRequestURI().getPath().substring("/archive/".length());
    if (id.isEmpty()) {
      Filters.require(exchange, "POST");
      Archive.Document document = document(exchange.getRequestBody().readNBytes(MAX_REQUEST + 1));
      long stored = archive.store(document);
      ActiveSpan.current().annotate("archive_id", stored);
      answer(exchange, stored, document);
      return;
    }
    Filters.require(exchange, "GET");
    if (!id.matches("[0-9]{1,18}")) {
      throw new RefusedException(400, "invalid_id", "id: must be an integer of 0 or more");
    }
    Archive.Document found = archive.find(Long.parseLong(id));
    if (found == null) {
      throw new RefusedException(404, "not_found", "there is no /archive/" + id);
    }
    answer(exchange, Long.parseLong(id), found);
  }

  private static Archive.Document document(byte[] request) throws RefusedException, IOException {
    if (request.length > MAX_REQUEST) {
      throw new RefusedException(413, "too_large", "request: over 8 MB");
    }
    JsonNode json;
    try {
      json = Filters.JSON.readTree(request);
    } catch (JsonProcessingException e) {
      throw new RefusedException(400, "invalid_json", "request: no JSON");
    }
    JsonNode status = json.path("status");
    if (!status.isInt() || status.intValue() < 0 || !json.path("body").isTextual()) {
      throw new RefusedException(
          400, "invalid_request", "request: needs status, an integer of 0 or more, and body");
    }
    return new Archive.Document(
        status.intValue(), json.get("body").textValue(), json.path("base64").asBoolean());
  }

  private static void answer(HttpExchange exchange, long id, Archive.Document document)
      throws IOException {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("href", "/archive/" + id);
    body.put("status", document.status());
    body.put("body", document.body());
    if (document.base64()) {
      body.put("base64", true);
    }
    Filters.answer(exchange, 200, MEDIA_TYPE, body);
  }
}
