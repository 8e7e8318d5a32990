// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.otlp;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.RetryInfo;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpHeadersBuilder;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import io.grpc.Status;
import io.roentgen.server.intake.Encoding;
import io.roentgen.server.intake.Refusal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/** Answers of a unary gRPC method, as "gRPC over HTTP2" has them. */
final class GrpcAnswers {
  private static final String STATUS = "grpc-status";
  private static final String MESSAGE = "grpc-message";
  private static final String DETAILS = "grpc-status-details-bin";
  private static final String CONTENT_TYPE = "application/grpc+proto";
  private static final int FRAME_HEADER_BYTES = 5;
  private static final HttpHeaders OK = HttpHeaders.of(STATUS, "0");

  private GrpcAnswers() {}

  /** Returns a message followed by the status OK. */
  static HttpResponse message(byte[] message) {
    byte[] frame =
        ByteBuffer.allocate(FRAME_HEADER_BYTES + message.length)
            .put((byte) 0)
            .putInt(message.length)
            .put(message)
            .array();
    return HttpResponse.of(headers().build(), HttpData.wrap(frame), OK);
  }

  /** Returns a status without a message. */
  static HttpResponse refuse(Refusal refusal) {
    Status.Code code = code(refusal);
    // In trailers and not in the headers: for those alone an empty DATA frame is sent, which
    // grpc-java takes for a
    // broken answer.
    HttpHeadersBuilder trailers =
        HttpHeaders.builder()
            .add(STATUS, Integer.toString(code.value()))
            .add(MESSAGE, percent(refusal.message()));
    long retryAfterMillis =
        switch (refusal) {
          case Refusal.Overloaded overloaded -> overloaded.retryAfterMillis();
          case Refusal.Unavailable unavailable -> unavailable.retryAfterMillis();
          default -> 0;
        };
    if (retryAfterMillis > 0) {
      com.google.rpc.Status details =
          com.google.rpc.Status.newBuilder()
              .setCode(code.value())
              .setMessage(refusal.message())
              .addDetails(Any.pack(retryInfo(retryAfterMillis)))
              .build();
      trailers.add(
          DETAILS, Base64.getEncoder().withoutPadding().encodeToString(details.toByteArray()));
    }
    return HttpResponse.of(headers().build(), HttpData.empty(), trailers.build());
  }

  static RetryInfo retryInfo(long retryAfterMillis) {
    return RetryInfo.newBuilder()
        .setRetryDelay(
            Duration.newBuilder()
                .setSeconds(retryAfterMillis / 1_000)
                .setNanos((int) (retryAfterMillis % 1_000) * 1_000_000))
        .build();
  }

  /**
   * Returns the code for a refusal. OTLP: a request that is too large gets RESOURCE_EXHAUSTED
   * without RetryInfo, which is final; with RetryInfo it may come again.
   */
  static Status.Code code(Refusal refusal) {
    return switch (refusal) {
      case Refusal.Malformed _ -> Status.Code.INVALID_ARGUMENT;
      case Refusal.TooLarge _, Refusal.Overloaded _ -> Status.Code.RESOURCE_EXHAUSTED;
      case Refusal.UnsupportedType _, Refusal.WrongMethod _, Refusal.UnknownPath _ ->
          Status.Code.UNIMPLEMENTED;
      case Refusal.Unauthenticated _, Refusal.Unsigned _ -> Status.Code.UNAUTHENTICATED;
      case Refusal.Unavailable _ -> Status.Code.UNAVAILABLE;
      case Refusal.Failed _ -> Status.Code.INTERNAL;
    };
  }

  private static ResponseHeadersBuilder headers() {
    return ResponseHeaders.builder(HttpStatus.OK)
        .set(HttpHeaderNames.CONTENT_TYPE, CONTENT_TYPE)
        .set("grpc-accept-encoding", Encoding.ACCEPTED);
  }

  /**
   * Encodes all but printable ASCII, and the percent sign, as the protocol wants {@code
   * grpc-message}.
   */
  static String percent(String text) {
    StringBuilder encoded = new StringBuilder(text.length());
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b >= 0x20 && b <= 0x7E && b != '%') {
        encoded.append((char) b);
      } else {
        encoded.append(String.format(Locale.ROOT, "%%%02X", b & 0xFF));
      }
    }
    return encoded.toString();
  }
}
