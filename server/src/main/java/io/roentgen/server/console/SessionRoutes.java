// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.console;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.ServerBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * {@code /api/session}: whether the server wants a token, and the exchange of the token for a
 * cookie. Open to all.
 */
public final class SessionRoutes {
  public static final String PATH = "/api/session";

  private static final int MAX_BODY_BYTES = 8 * 1024;
  private static final JsonFactory JSON = new JsonFactory();

  private final @Nullable ConsoleSession session;

  /** Answers for a server with that session, or for one that wants no token. */
  public SessionRoutes(@Nullable ConsoleSession session) {
    this.session = session;
  }

  /** Adds the routes to a server. */
  public void addTo(ServerBuilder server) {
    server
        .route()
        .path(PATH)
        .methods(HttpMethod.GET)
        .build((_, request) -> state(session != null && session.covers(request.headers()), null));
    server
        .route()
        .path(PATH)
        .methods(HttpMethod.POST)
        .maxRequestLength(MAX_BODY_BYTES)
        .build(
            (_, request) ->
                HttpResponse.of(
                    request.aggregate().thenApply(whole -> begin(request, whole.contentUtf8()))));
    server.route().path(PATH).methods(HttpMethod.DELETE).build((_, request) -> end(request));
  }

  private HttpResponse begin(HttpRequest request, String body) {
    if (!ConsoleSession.isSameOrigin(request.headers())) {
      return crossSite();
    }
    String token = tokenOrNull(body);
    if (token == null) {
      return error(
          HttpStatus.BAD_REQUEST,
          "invalid_token",
          "body: no token (expected: {\"token\":\"...\"})");
    }
    if (session == null) {
      return state(false, null);
    }
    if (!session.isToken(token)) {
      return error(
          HttpStatus.FORBIDDEN,
          "invalid_token",
          "token: another one (expected: the token of this server)");
    }
    return state(true, session.begin());
  }

  private HttpResponse end(HttpRequest request) {
    if (!ConsoleSession.isSameOrigin(request.headers())) {
      return crossSite();
    }
    return state(false, session == null ? null : session.end());
  }

  private static HttpResponse crossSite() {
    return error(
        HttpStatus.FORBIDDEN,
        "cross_site",
        "request: not from a page of this server (expected: Sec-Fetch-Site same-origin, or its Origin)");
  }

  private static @Nullable String tokenOrNull(String body) {
    try (JsonParser json = JSON.createParser(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      String token = null;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equals("token") && value == JsonToken.VALUE_STRING) {
          token = json.getText();
        } else {
          json.skipChildren();
        }
      }
      return token;
    } catch (IOException notJson) {
      return null;
    }
  }

  private HttpResponse state(boolean signedIn, @Nullable String cookie) {
    ResponseHeadersBuilder headers = headers(HttpStatus.OK);
    if (cookie != null) {
      headers.set(HttpHeaderNames.SET_COOKIE, cookie);
    }
    return answer(
        headers,
        json -> {
          json.writeBooleanField("tokenRequired", session != null);
          json.writeBooleanField("signedIn", signedIn);
        });
  }

  private static HttpResponse error(HttpStatus status, String code, String message) {
    return answer(
        headers(status),
        json -> {
          json.writeObjectFieldStart("error");
          json.writeStringField("code", code);
          json.writeStringField("message", message);
          json.writeEndObject();
        });
  }

  private static ResponseHeadersBuilder headers(HttpStatus status) {
    return ResponseHeaders.builder(status)
        .contentType(MediaType.JSON_UTF_8)
        .set(HttpHeaderNames.CACHE_CONTROL, "no-store");
  }

  private interface Members {
    void write(JsonGenerator json) throws IOException;
  }

  private static HttpResponse answer(ResponseHeadersBuilder headers, Members members) {
    var body = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(body)) {
      json.writeStartObject();
      members.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to memory", e);
    }
    return HttpResponse.of(headers.build(), HttpData.wrap(body.toByteArray()));
  }
}
