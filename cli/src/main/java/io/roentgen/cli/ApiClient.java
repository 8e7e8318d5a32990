// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which server to ask, and the asking. */
final class ApiClient {
  static final String DEFAULT_SERVER = "http://127.0.0.1:8600";

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
  private static final int HTTP_OK = 200;
  private static final int HTTP_BAD_REQUEST = 400;
  private static final int HTTP_UNAUTHORIZED = 401;
  private static final int HTTP_FORBIDDEN = 403;

  @Option(
      names = "--server",
      paramLabel = "URL",
      defaultValue = "${env:ROENTGEN_SERVER:-" + DEFAULT_SERVER + "}",
      description = "The server to ask. Default: $$ROENTGEN_SERVER, or " + DEFAULT_SERVER + ".")
  private String server = DEFAULT_SERVER;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "File with the token that the server wants.")
  private @Nullable Path tokenFile;

  /** An answer: the text as it came and the object that it is. */
  record Answer(String json, JsonObject object) {}

  /**
   * Returns the server's answer to {@code GET path}.
   *
   * @param parameters names and values, one name perhaps several times
   * @throws CliException if there is none, or it is an error
   */
  Answer get(String path, Iterable<Map.Entry<String, String>> parameters) {
    return ask(HttpRequest.newBuilder(uri(path, parameters)));
  }

  /** Returns the server's answer to {@code POST path} with JSON, as {@link #get} does. */
  Answer post(String path, Iterable<Map.Entry<String, String>> parameters, String json) {
    return ask(
        HttpRequest.newBuilder(uri(path, parameters))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  private Answer ask(HttpRequest.Builder request) {
    request.timeout(ANSWER_TIMEOUT);
    String token = token();
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    HttpResponse<byte[]> response = send(request.build());
    JsonObject object = JsonObject.parseOrNull(response.body());
    if (response.statusCode() != HTTP_OK) {
      throw refused(response.statusCode(), object);
    }
    if (object == null) {
      throw CliException.failure(server + " does not answer as a Roentgen server; see --server");
    }
    return new Answer(new String(response.body(), StandardCharsets.UTF_8), object);
  }

  private HttpResponse<byte[]> send(HttpRequest request) {
    // One request does not pay for the negotiation of HTTP/2.
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build()) {
      return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (ConnectException e) {
      throw CliException.failure(
          "no server at " + server + "; start one with ./roentgen up, or see --server", e);
    } catch (HttpTimeoutException e) {
      throw CliException.failure(server + " does not answer in time", e);
    } catch (IOException e) {
      throw CliException.failure("cannot read from " + server + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.failure("interrupted", e);
    }
  }

  private CliException refused(int status, @Nullable JsonObject object) {
    if (status == HTTP_UNAUTHORIZED || status == HTTP_FORBIDDEN) {
      return CliException.failure(
          server
              + (tokenFile == null
                  ? " wants a token; give its file with --token-file"
                  : " refuses the token in " + tokenFile));
    }
    if (object == null || !object.has("error")) {
      return CliException.failure(
          server + " answers HTTP " + status + "; is it a Roentgen server? see --server");
    }
    JsonObject error = object.object("error");
    String message = error.text("message");
    if (status != HTTP_BAD_REQUEST) {
      return CliException.failure(message);
    }
    // The parameter minDuration was the option --min-duration here.
    String parameter = error.textOrNull("parameter");
    if (parameter != null && !parameter.equals("id") && message.startsWith(parameter + ':')) {
      message = option(parameter) + message.substring(parameter.length());
    }
    return CliException.usage(message);
  }

  static String option(String parameter) {
    return "--" + parameter.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  private URI uri(String path, Iterable<Map.Entry<String, String>> parameters) {
    StringBuilder text = new StringBuilder(server.replaceAll("/+$", "")).append(path);
    char separator = '?';
    for (Map.Entry<String, String> parameter : parameters) {
      text.append(separator)
          .append(parameter.getKey())
          .append('=')
          .append(encode(parameter.getValue()));
      separator = '&';
    }
    try {
      URI uri = new URI(text.toString());
      if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException notOne) {
      throw badServer();
    }
    throw badServer();
  }

  private CliException badServer() {
    return CliException.usage(
        "--server: '" + server + "' (expected: a URL such as " + DEFAULT_SERVER + ")");
  }

  /** Returns text as a path segment or parameter value may have it. */
  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private @Nullable String token() {
    if (tokenFile == null) {
      return null;
    }
    try {
      return Files.readString(tokenFile).strip();
    } catch (IOException e) {
      throw CliException.failure(
          "cannot read --token-file " + tokenFile + ": " + e.getMessage(), e);
    }
  }
}
