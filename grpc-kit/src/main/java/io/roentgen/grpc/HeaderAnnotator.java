// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Metadata;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Says which headers the gRPC calls get that are made for a request of another protocol, such as
 * HTTP at a gateway. Several can be joined.
 *
 * <pre>{@code
 * HeaderAnnotator edge =
 *     HeaderAnnotator.passing(Propagation.MESH_HEADERS).and(HeaderAnnotator.gateway());
 * ActiveSpan span = kit.start("GET /orders", Kind.SERVER, request::header, edge);
 * }</pre>
 *
 * <p>Each service further on relays only what its own {@link Propagation} names.
 */
@FunctionalInterface
public interface HeaderAnnotator {
  /** What {@link #gateway} passes on. */
  List<String> GATEWAY_HEADERS =
      List.of(
          "accept", "accept-language", "content-type", "host", "origin", "referer", "user-agent");

  /** What {@link #gateway} puts before the names. Source: grpc-gateway, DefaultHeaderMatcher. */
  String GATEWAY_PREFIX = "grpcgateway-";

  /** The header by which log lines of one request are found. */
  String REQUEST_ID = "x-request-id";

  /**
   * Gives headers for calls.
   *
   * @param request returns the value of the request's header with a name in lower case, or null
   * @param headers takes a name and a value, in place of what it was given under that name before;
   *     an empty value is not passed on, nor one that is not printable ASCII
   */
  void annotate(Function<String, @Nullable String> request, BiConsumer<String, String> headers);

  /** Returns one that does this, and then the other, whose headers win. */
  default HeaderAnnotator and(HeaderAnnotator next) {
    Objects.requireNonNull(next, "next");
    return (Function<String, @Nullable String> request, BiConsumer<String, String> headers) -> {
      annotate(request, headers);
      next.annotate(request, headers);
    };
  }

  /**
   * Returns one that passes on headers as they came.
   *
   * @param names of text headers, in any case
   * @throws IllegalArgumentException if one is none of a text header
   */
  static HeaderAnnotator passing(Collection<String> names) {
    return passing("", names);
  }

  /**
   * Returns one that passes on, with {@link #GATEWAY_PREFIX}, what a browser or its like said of
   * itself: {@link #GATEWAY_HEADERS}.
   */
  static HeaderAnnotator gateway() {
    return passing(GATEWAY_PREFIX, GATEWAY_HEADERS);
  }

  /** Returns one that makes up an {@value #REQUEST_ID} if the request has none. */
  static HeaderAnnotator requestId() {
    return (Function<String, @Nullable String> request, BiConsumer<String, String> headers) -> {
      String known = request.apply(REQUEST_ID);
      boolean none = known == null || known.isEmpty() || !TraceFormat.isPrintable(known);
      headers.accept(REQUEST_ID, none ? UUID.randomUUID().toString() : known);
    };
  }

  private static HeaderAnnotator passing(String prefix, Collection<String> names) {
    List<String> lower = new ArrayList<>();
    for (String name : names) {
      if (name.toLowerCase(Locale.ROOT).endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
        throw new IllegalArgumentException("names: " + name + " (expected: text headers)");
      }
      lower.add(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER).name());
    }
    return (Function<String, @Nullable String> request, BiConsumer<String, String> headers) -> {
      for (String name : lower) {
        String value = request.apply(name);
        if (value != null && !value.isEmpty()) {
          headers.accept(prefix + name, value);
        }
      }
    };
  }
}
