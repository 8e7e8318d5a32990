// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.Any;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import io.roentgen.server.intake.Refusal;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The two encodings of OTLP over HTTP, each with its content type and its answers. */
enum OtlpHttpAnswers {
  PROTOBUF("application/x-protobuf"),
  JSON("application/json");

  private static final JsonFactory JSON_FACTORY = new JsonFactory();

  private final String contentType;

  OtlpHttpAnswers(String contentType) {
    this.contentType = contentType;
  }

  /** Returns the encoding of a request, or null if its content type names none. */
  static @Nullable OtlpHttpAnswers find(HttpRequest request) {
    MediaType type = request.contentType();
    if (type == null || !type.type().equals("application")) {
      return null;
    }
    return switch (type.subtype()) {
      case "x-protobuf", "protobuf" -> PROTOBUF;
      case "json" -> JSON;
      default -> null;
    };
  }

  /** Returns the encoding for an answer; JSON, which people can read, if the request names none. */
  static OtlpHttpAnswers of(HttpRequest request) {
    OtlpHttpAnswers found = find(request);
    return found == null ? JSON : found;
  }

  HttpResponse ok(byte[] body) {
    return HttpResponse.of(headers(HttpStatus.OK).build(), HttpData.wrap(body));
  }

  /**
   * Returns a {@code google.rpc.Status}, with {@code Retry-After} where the request may come again.
   */
  HttpResponse refuse(Refusal refusal) {
    ResponseHeadersBuilder headers = headers(status(refusal));
    long retryAfterMillis =
        switch (refusal) {
          case Refusal.Overloaded overloaded -> overloaded.retryAfterMillis();
          case Refusal.Unavailable unavailable -> unavailable.retryAfterMillis();
          default -> 0;
        };
    if (retryAfterMillis > 0) {
      headers.set(
          HttpHeaderNames.RETRY_AFTER, Long.toString(Refusal.retryAfterSeconds(retryAfterMillis)));
    }
    if (refusal instanceof Refusal.WrongMethod) {
      headers.set(HttpHeaderNames.ALLOW, "POST");
    }
    if (refusal instanceof Refusal.Unauthenticated) {
      headers.set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
    }
    int code = GrpcAnswers.code(refusal).value();
    byte[] body =
        this == JSON
            ? json(code, refusal.message(), retryAfterMillis)
            : protobuf(code, refusal.message(), retryAfterMillis);
    return HttpResponse.of(headers.build(), HttpData.wrap(body));
  }

  private static HttpStatus status(Refusal refusal) {
    return switch (refusal) {
      case Refusal.Malformed _ -> HttpStatus.BAD_REQUEST;
      case Refusal.TooLarge _ -> HttpStatus.REQUEST_ENTITY_TOO_LARGE;
      case Refusal.UnsupportedType _ -> HttpStatus.UNSUPPORTED_MEDIA_TYPE;
      case Refusal.WrongMethod _ -> HttpStatus.METHOD_NOT_ALLOWED;
      case Refusal.UnknownPath _ -> HttpStatus.NOT_FOUND;
      case Refusal.Unauthenticated _, Refusal.Unsigned _ -> HttpStatus.UNAUTHORIZED;
      case Refusal.Overloaded _ -> HttpStatus.TOO_MANY_REQUESTS;
      case Refusal.Unavailable _ -> HttpStatus.SERVICE_UNAVAILABLE;
      case Refusal.Failed _ -> HttpStatus.INTERNAL_SERVER_ERROR;
    };
  }

  private ResponseHeadersBuilder headers(HttpStatus status) {
    return ResponseHeaders.builder(status).set(HttpHeaderNames.CONTENT_TYPE, contentType);
  }

  private static byte[] protobuf(int code, String message, long retryAfterMillis) {
    var status = com.google.rpc.Status.newBuilder().setCode(code).setMessage(message);
    if (retryAfterMillis > 0) {
      status.addDetails(Any.pack(GrpcAnswers.retryInfo(retryAfterMillis)));
    }
    return status.build().toByteArray();
  }

  private static byte[] json(int code, String message, long retryAfterMillis) {
    var text = new StringWriter();
    try (JsonGenerator json = JSON_FACTORY.createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("code", code);
      json.writeStringField("message", message);
      if (retryAfterMillis > 0) {
        json.writeArrayFieldStart("details");
        json.writeStartObject();
        json.writeStringField("@type", "type.googleapis.com/google.rpc.RetryInfo");
        json.writeStringField("retryDelay", retryAfterMillis / 1e3 + "s");
        json.writeEndObject();
        json.writeEndArray();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write JSON to memory", e);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
