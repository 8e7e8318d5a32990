// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import io.roentgen.server.intake.Refusal;
import io.roentgen.store.StoreClosedException;
import io.roentgen.store.StoreCorruptedException;
import io.roentgen.store.StoreException;
import io.roentgen.store.StoreOverloadedException;
import io.roentgen.store.StoreUnavailableException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers as the X-Ray API gives them: each with a request id; errors named in a header, which
 * clients look at first, and in the body, under both spellings of the message that clients look
 * for.
 */
public final class XRayAnswers {
  private static final Logger logger = LoggerFactory.getLogger(XRayAnswers.class);
  private static final long RETRY_MILLIS = 1_000;
  private static final JsonFactory JSON = new JsonFactory();
  private static final String REQUEST_ID = "x-amzn-RequestId";
  private static final String ERROR_TYPE = "x-amzn-ErrorType";

  private XRayAnswers() {}

  /** Returns the answer of an operation. */
  static HttpResponse ok(byte[] body) {
    return HttpResponse.of(headers(HttpStatus.OK).build(), HttpData.wrap(body));
  }

  /** Returns the answer to a request that is refused before its operation ran. */
  public static HttpResponse refuse(Refusal refusal) {
    return switch (refusal) {
      case Refusal.Malformed _, Refusal.UnsupportedType _ ->
          error(HttpStatus.BAD_REQUEST, "InvalidRequestException", refusal.message(), null, 0);
      case Refusal.TooLarge _ ->
          error(
              HttpStatus.REQUEST_ENTITY_TOO_LARGE,
              "RequestEntityTooLargeException",
              refusal.message(),
              null,
              0);
      case Refusal.WrongMethod _ ->
          error(
              HttpStatus.METHOD_NOT_ALLOWED, "InvalidRequestException", refusal.message(), null, 0);
      case Refusal.UnknownPath _ ->
          error(HttpStatus.NOT_FOUND, "UnknownOperationException", refusal.message(), null, 0);
      case Refusal.Unauthenticated _ ->
          error(
              HttpStatus.FORBIDDEN,
              "MissingAuthenticationTokenException",
              refusal.message(),
              null,
              0);
      case Refusal.Unsigned unsigned ->
          error(HttpStatus.FORBIDDEN, unsigned.code(), refusal.message(), null, 0);
      case Refusal.Overloaded overloaded ->
          error(
              HttpStatus.TOO_MANY_REQUESTS,
              "ThrottledException",
              refusal.message(),
              null,
              overloaded.retryAfterMillis());
      case Refusal.Unavailable unavailable ->
          error(
              HttpStatus.SERVICE_UNAVAILABLE,
              "ServiceUnavailableException",
              refusal.message(),
              null,
              unavailable.retryAfterMillis());
      case Refusal.Failed _ ->
          error(HttpStatus.INTERNAL_SERVER_ERROR, "InternalFailure", refusal.message(), null, 0);
    };
  }

  /** Returns the answer of an operation that refuses. */
  static HttpResponse refuse(XRayException e) {
    return error(e.status(), e.code(), String.valueOf(e.getMessage()), e.resourceName(), 0);
  }

  /** Returns the answer of an operation whose store failed. */
  static HttpResponse refuse(StoreException e) {
    String message = String.valueOf(e.getMessage());
    return switch (e) {
      case StoreClosedException _ -> unavailable("the server is stopping");
      case StoreUnavailableException _ -> unavailable(message);
      case StoreOverloadedException overloaded ->
          refuse(new Refusal.Overloaded(message, overloaded.retryAfterMillis()));
      case StoreCorruptedException _ -> {
        logger.error("x-ray request met a corrupted store", e);
        yield refuse(new Refusal.Failed(message));
      }
    };
  }

  private static HttpResponse unavailable(String message) {
    return refuse(new Refusal.Unavailable(message, RETRY_MILLIS));
  }

  private static HttpResponse error(
      HttpStatus status,
      String type,
      String message,
      @Nullable String resourceName,
      long retryAfterMillis) {
    ResponseHeadersBuilder headers = headers(status).set(ERROR_TYPE, type);
    if (retryAfterMillis > 0) {
      headers.set(
          HttpHeaderNames.RETRY_AFTER, Long.toString(Refusal.retryAfterSeconds(retryAfterMillis)));
    }
    if (status.equals(HttpStatus.METHOD_NOT_ALLOWED)) {
      headers.set(HttpHeaderNames.ALLOW, "POST");
    }
    var text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("__type", type);
      json.writeStringField("Message", message);
      json.writeStringField("message", message);
      if (resourceName != null) {
        json.writeStringField("ResourceName", resourceName);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write JSON to memory", e);
    }
    return HttpResponse.of(
        headers.build(), HttpData.wrap(text.toString().getBytes(StandardCharsets.UTF_8)));
  }

  private static ResponseHeadersBuilder headers(HttpStatus status) {
    return ResponseHeaders.builder(status)
        .contentType(MediaType.JSON)
        .set(REQUEST_ID, UUID.randomUUID().toString());
  }
}
