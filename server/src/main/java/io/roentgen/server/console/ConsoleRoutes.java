// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.console;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.server.console.ConsoleFiles.ConsoleFile;
import io.roentgen.server.intake.Encoding;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Serves the console's files to GET and HEAD: each at its own path, and its one page at the path of
 * each page. Files below {@code assets/} have a hash in their names and may be kept for ever; the
 * others are asked for again with their ETag.
 */
public final class ConsoleRoutes {
  /**
   * Everything comes from this server, no script or style stands in a page, no other site may frame
   * it.
   */
  static final String CONTENT_SECURITY_POLICY =
      "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
          + " frame-ancestors 'none'";

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml",
          "woff2", "font/woff2",
          "png", "image/png");
  private static final String ASSETS = "assets/";

  private final ConsoleFiles files;
  private final Set<String> paths = new HashSet<>();

  private ConsoleRoutes(ConsoleFiles files) {
    this.files = files;
  }

  /** Returns the routes to the files that are on the class path. */
  public static ConsoleRoutes load() {
    return new ConsoleRoutes(ConsoleFiles.load());
  }

  /** Adds the routes to a server. Any other method, and any other path, is left to others. */
  public void addTo(ServerBuilder server) {
    for (String page : files.pages()) {
      route(server, page.replace("/*", "/{segment}"), files.indexPage());
      paths.add(page);
    }
    for (ConsoleFile file : files.all()) {
      if (!file.name().equals(ConsoleFiles.INDEX_PAGE)) {
        route(server, "/" + file.name(), file);
        paths.add("/" + file.name());
      }
    }
  }

  /**
   * Returns whether a request is for a file or a page of the console, which hold nothing of what is
   * stored.
   */
  public boolean covers(ServiceRequestContext context) {
    if (context.method() != HttpMethod.GET && context.method() != HttpMethod.HEAD) {
      return false;
    }
    // As it is routed by, not as it was sent.
    String path = context.path();
    return paths.contains(path)
        || (path.lastIndexOf('/') > 0
            && !path.endsWith("/")
            && paths.contains(path.substring(0, path.lastIndexOf('/')) + "/*"));
  }

  private static void route(ServerBuilder server, String path, ConsoleFile file) {
    server
        .route()
        .path(path)
        .methods(HttpMethod.GET, HttpMethod.HEAD)
        .build((_, request) -> answer(request, file));
  }

  private static HttpResponse answer(HttpRequest request, ConsoleFile file) {
    ConsoleFiles.Content gzip = file.gzip();
    ConsoleFiles.Content packed = Encoding.acceptsGzip(request.headers()) ? gzip : null;
    String tag = "\"" + file.hash() + (packed == null ? "\"" : "-gzip\"");
    ResponseHeadersBuilder headers =
        ResponseHeaders.builder(HttpStatus.OK)
            .set(HttpHeaderNames.ETAG, tag)
            .set(
                HttpHeaderNames.CACHE_CONTROL,
                file.name().startsWith(ASSETS) ? "public, max-age=31536000, immutable" : "no-cache")
            .set(HttpHeaderNames.CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY)
            .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
            .set(HttpHeaderNames.REFERRER_POLICY, "same-origin")
            .set(HttpHeaderNames.X_FRAME_OPTIONS, "DENY");
    if (gzip != null) {
      headers.set(HttpHeaderNames.VARY, "accept-encoding");
    }
    if (matches(request.headers().get(HttpHeaderNames.IF_NONE_MATCH), tag)) {
      return HttpResponse.of(headers.status(HttpStatus.NOT_MODIFIED).build());
    }
    headers.set(HttpHeaderNames.CONTENT_TYPE, type(file.name()));
    if (packed != null) {
      headers.set(HttpHeaderNames.CONTENT_ENCODING, "gzip");
    }
    byte[] bytes = (packed == null ? file.plain() : packed).bytes();
    headers.setLong(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
    return request.method() == HttpMethod.HEAD
        ? HttpResponse.of(headers.build())
        : HttpResponse.of(headers.build(), HttpData.wrap(bytes));
  }

  private static String type(String name) {
    String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
    if (type == null) {
      throw new IllegalStateException(name + ": no media type (expected: one of " + TYPES + ")");
    }
    return type;
  }

  private static boolean matches(@Nullable String header, String tag) {
    if (header == null) {
      return false;
    }
    for (String each : header.split(",")) {
      String candidate = each.strip();
      if (candidate.equals("*")
          || candidate.equals(tag)
          || (candidate.startsWith("W/") && candidate.substring(2).equals(tag))) {
        return true;
      }
    }
    return false;
  }
}
