// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import io.grpc.Status;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.StatusCode;
import io.roentgen.grpc.CallAttempt;
import io.roentgen.grpc.CallOutcomes;
import io.roentgen.grpc.GrpcCall;
import io.roentgen.grpc.RpcNames;
import io.roentgen.model.Outcome;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * The facts of a gRPC call as attributes, events and statuses. Names are those of OpenTelemetry's
 * conventions where it has any; the others begin with {@code grpc.}.
 */
final class CallAttributes {
  static final AttributeKey<String> SERVER_ADDRESS = AttributeKey.stringKey("server.address");
  static final AttributeKey<Long> SERVER_PORT = AttributeKey.longKey("server.port");
  static final AttributeKey<String> PEER_ADDRESS = AttributeKey.stringKey("network.peer.address");
  static final AttributeKey<Long> PEER_PORT = AttributeKey.longKey("network.peer.port");
  static final AttributeKey<Long> MESSAGES_SENT = AttributeKey.longKey("grpc.messages_sent");
  static final AttributeKey<Long> MESSAGES_RECEIVED =
      AttributeKey.longKey("grpc.messages_received");
  static final AttributeKey<Long> BYTES_SENT = AttributeKey.longKey("grpc.bytes_sent");
  static final AttributeKey<Long> BYTES_RECEIVED = AttributeKey.longKey("grpc.bytes_received");
  static final AttributeKey<Long> HEADERS_MICROS = AttributeKey.longKey("grpc.headers_us");
  static final AttributeKey<Long> FIRST_MESSAGE_MICROS =
      AttributeKey.longKey("grpc.first_message_us");
  static final AttributeKey<Long> PREVIOUS_ATTEMPTS =
      AttributeKey.longKey("grpc.previous_attempts");
  static final AttributeKey<Boolean> TRANSPARENT_RETRY =
      AttributeKey.booleanKey("grpc.transparent_retry");
  static final AttributeKey<Boolean> HEDGE = AttributeKey.booleanKey("grpc.hedge");
  static final AttributeKey<String> ATTEMPT_STATUS = AttributeKey.stringKey("grpc.status");

  private static final String MESSAGE = "message";
  private static final AttributeKey<String> MESSAGE_TYPE =
      AttributeKey.stringKey("rpc.message.type");
  private static final Attributes SENT = Attributes.of(MESSAGE_TYPE, "SENT");
  private static final Attributes RECEIVED = Attributes.of(MESSAGE_TYPE, "RECEIVED");

  private CallAttributes() {}

  /** Says what is known of a call that begins. */
  static void started(GrpcCall call, RpcNames names, SpanBuilder builder) {
    names.describe(
        call,
        null,
        new RpcNames.Target() {
          @Override
          public void put(String name, String value) {
            builder.setAttribute(name, value);
          }

          @Override
          public void put(String name, long value) {
            builder.setAttribute(name, value);
          }
        });
    String authority = call.authority();
    if (!authority.isEmpty()) {
      int end = hostEnd(authority);
      builder.setAttribute(SERVER_ADDRESS, host(authority.substring(0, end)));
      long port = port(authority, end);
      if (port >= 0) {
        builder.setAttribute(SERVER_PORT, port);
      }
    }
  }

  /** Says what is known of a call that is over. */
  static void ended(
      GrpcCall call, Status status, RpcNames names, CallOutcomes outcomes, Span span) {
    names.describe(
        call,
        status,
        new RpcNames.Target() {
          @Override
          public void put(String name, String value) {
            span.setAttribute(name, value);
          }

          @Override
          public void put(String name, long value) {
            span.setAttribute(name, value);
          }
        });
    span.setAttribute(MESSAGES_SENT, call.messagesSent());
    span.setAttribute(MESSAGES_RECEIVED, call.messagesReceived());
    known(span, BYTES_SENT, call.bytesSent());
    known(span, BYTES_RECEIVED, call.bytesReceived());
    micros(span, HEADERS_MICROS, call.headersNanos());
    micros(span, FIRST_MESSAGE_MICROS, call.firstMessageNanos());
    if (call.peer() instanceof InetSocketAddress peer) {
      span.setAttribute(PEER_ADDRESS, address(peer));
      span.setAttribute(PEER_PORT, (long) peer.getPort());
    }
    if (isError(call, status, outcomes)) {
      String description = status.getDescription();
      span.setStatus(StatusCode.ERROR, description == null ? "" : description);
    }
  }

  /**
   * Returns whether a status is an error of this side. Source: OpenTelemetry semantic conventions
   * for gRPC; on a server those that X-Ray's table has as faults.
   */
  private static boolean isError(GrpcCall call, Status status, CallOutcomes outcomes) {
    Outcome outcome = outcomes.of(call.method(), status.getCode());
    return call.side() == GrpcCall.Side.CLIENT ? !outcome.isOk() : outcome.fault();
  }

  /** Tells of the first messages of a call, if that is asked for. */
  static void messages(GrpcCall call, long startEpochNanos, Span span) {
    for (long tick : call.messageTicks()) {
      // The sign tells the direction.
      span.addEvent(
          MESSAGE,
          tick < 0 ? RECEIVED : SENT,
          startEpochNanos + Math.abs(tick),
          TimeUnit.NANOSECONDS);
    }
  }

  /**
   * Makes a span of an attempt that was one of several. One that a hedge left behind may go on
   * after its call, and ends with it here.
   */
  static void attempt(CallAttempt attempt, SpanBuilder builder) {
    long epochOffset = epochNanos() - System.nanoTime();
    Status status = attempt.status();
    long endNanos = status == null ? System.nanoTime() : attempt.endNanos();
    builder.setStartTimestamp(epochOffset + attempt.startNanos(), TimeUnit.NANOSECONDS);
    builder.setAttribute(PREVIOUS_ATTEMPTS, (long) attempt.previousAttempts());
    if (attempt.isTransparentRetry()) {
      builder.setAttribute(TRANSPARENT_RETRY, true);
    }
    if (attempt.isHedge()) {
      builder.setAttribute(HEDGE, true);
    }
    SocketAddress peer = attempt.peer();
    if (peer instanceof InetSocketAddress inet) {
      builder.setAttribute(PEER_ADDRESS, address(inet));
      builder.setAttribute(PEER_PORT, (long) inet.getPort());
    }
    Span span = builder.startSpan();
    if (status != null) {
      span.setAttribute(ATTEMPT_STATUS, status.getCode().name());
      if (!status.isOk()) {
        String description = status.getDescription();
        span.setStatus(StatusCode.ERROR, description == null ? "" : description);
      }
    }
    span.end(epochOffset + endNanos, TimeUnit.NANOSECONDS);
  }

  static long epochNanos() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }

  private static void known(Span span, AttributeKey<Long> key, long value) {
    if (value != GrpcCall.UNKNOWN) {
      span.setAttribute(key, value);
    }
  }

  private static void micros(Span span, AttributeKey<Long> key, long nanos) {
    if (nanos != GrpcCall.UNKNOWN) {
      span.setAttribute(key, TimeUnit.NANOSECONDS.toMicros(nanos));
    }
  }

  /** Returns the address without asking a name service for its name. */
  private static String address(InetSocketAddress peer) {
    return peer.getAddress() == null ? peer.getHostString() : peer.getAddress().getHostAddress();
  }

  /** Returns where the host of {@code host:port} ends; colons of an address are in brackets. */
  private static int hostEnd(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon > authority.lastIndexOf(']') ? colon : authority.length();
  }

  private static String host(String text) {
    return text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
  }

  private static long port(String authority, int hostEnd) {
    long port = 0;
    for (int i = hostEnd + 1; i < authority.length(); i++) {
      char c = authority.charAt(i);
      if (c < '0' || c > '9' || port > 65535) {
        return -1;
      }
      port = 10 * port + (c - '0');
    }
    return hostEnd + 1 < authority.length() ? port : -1;
  }
}
