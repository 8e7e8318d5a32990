// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.archive;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The clients of both services: {@code fetch /fetch/URL}, {@code read /archive/ID}, {@code health
 * show}; {@code --host} before them says where the service is.
 */
public final class ArchiveCli {
  private static final String USAGE =
      "usage: [--host HOST:PORT] fetch /fetch/URL | read /archive/ID | health show [fetcher|archiver]";
  private static final String FETCHER = "127.0.0.1:8081";
  private static final String ARCHIVER = "127.0.0.1:8080";

  private ArchiveCli() {}

  /** Runs a command; exit code 0 if it was answered by 200, 1 if not, 2 for wrong use. */
  public static void main(String[] arguments) throws InterruptedException {
    System.exit(run(System.out, System.err, arguments));
  }

  static int run(PrintStream out, PrintStream err, String... arguments)
      throws InterruptedException {
    String host = "";
    int i = 0;
    if (arguments.length > 1 && arguments[0].equals("--host")) {
      host = arguments[1];
      i = 2;
    }
    String command = i + 1 < arguments.length ? arguments[i] + ' ' + arguments[i + 1] : "";
    String otherwise;
    String path;
    if (command.startsWith("fetch /fetch/")) {
      otherwise = FETCHER;
      path = arguments[i + 1];
    } else if (command.startsWith("read /archive/")) {
      otherwise = ARCHIVER;
      path = arguments[i + 1];
    } else if (command.equals("health show")) {
      boolean archiver = i + 2 < arguments.length && arguments[i + 2].equals("archiver");
      otherwise = archiver ? ARCHIVER : FETCHER;
      path = "/health";
    } else {
      err.println(USAGE);
      return 2;
    }
    String url = "http://" + (host.isEmpty() ? otherwise : host) + path;
    HttpRequest request;
    String id = UUID.randomUUID().toString();
    try {
      request =
          HttpRequest.newBuilder(URI.create(url))
              .timeout(Duration.ofSeconds(60))
              .header("x-request-id", id)
              .build();
    } catch (IllegalArgumentException e) {
      err.println("not a URL: " + url + " (expected: http://host:port/path)");
      return 2;
    }
    err.println("started id=" + id + " GET=" + url);
    long start = System.nanoTime();
    try {
      HttpResponse<String> response =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .build()
              .send(request, BodyHandlers.ofString());
      err.println(
          "completed id="
              + id
              + " status="
              + response.statusCode()
              + " time="
              + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)
              + "ms");
      out.println(response.body());
      return response.statusCode() == 200 ? 0 : 1;
    } catch (IOException e) {
      err.println("cannot ask " + url + ": " + e + "; is it running?");
      return 1;
    }
  }
}
