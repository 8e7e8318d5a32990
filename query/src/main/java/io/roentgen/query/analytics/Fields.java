// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query.analytics;

import io.roentgen.model.GrpcStatus;
import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.Value;
import io.roentgen.query.analytics.SetComparison.Attribute;
import java.math.BigDecimal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Fields that are worked out of spans, and filter expressions that find what has a value. */
final class Fields {
  /** The service and operation of the span that stands for the request. */
  static final Attribute ENTRY = new Attribute("entry", false);

  /** How the request went. */
  static final Attribute STATUS = new Attribute("status", false);

  static final Attribute SERVICE = new Attribute("service", false);
  static final Attribute OPERATION = new Attribute("operation", false);
  static final Attribute GRPC_STATUS = new Attribute("grpc.status", false);
  static final Attribute EXCEPTION_TYPE = new Attribute("exception.type", false);

  /** Attributes that {@link #GRPC_STATUS} has by name. */
  static final Set<String> SAID_OTHERWISE =
      Set.of("rpc.response.status_code", "rpc.grpc.status_code");

  private Fields() {}

  static String status(Outcome outcome) {
    return outcome.fault()
        ? "fault"
        : outcome.throttle() ? "throttle" : outcome.error() ? "error" : "ok";
  }

  /** Returns the name of the gRPC status, the text if that is none, or null. */
  static @Nullable String grpcStatusOrNull(Span span) {
    for (String key : SAID_OTHERWISE) {
      String text =
          switch (span.attributes().get(key)) {
            case Value.LongValue(long number) -> Long.toString(number);
            case Value.StringValue(String string) -> string;
            case null, default -> null;
          };
      if (text != null) {
        int code = GrpcStatus.ofText(text);
        return code >= 0 && code < GrpcStatus.names().size() ? GrpcStatus.names().get(code) : text;
      }
    }
    return null;
  }

  /** Returns an expression that matches traces with the value, or null if there is none. */
  static @Nullable String filterOrNull(Attribute field, Value value) {
    if (field.ofSender()) {
      String key = quotedOrNull(field.name());
      String text = key == null ? null : literalOrNull(value);
      return text == null ? null : "attribute[" + key + "] = " + text;
    }
    if (!(value instanceof Value.StringValue(String text))) {
      return null;
    }
    if (field.equals(STATUS)) {
      return text;
    }
    if (field.equals(GRPC_STATUS)) {
      return GrpcStatus.names().contains(text) ? "grpc.status = " + text : null;
    }
    String quoted = quotedOrNull(text);
    return field.equals(SERVICE) && quoted != null ? "service(" + quoted + ")" : null;
  }

  /** Returns an expression that matches traces with a number from one to another. */
  static @Nullable String filterOrNull(Attribute field, double from, double to) {
    String key = field.ofSender() ? quotedOrNull(field.name()) : null;
    return key == null
        ? null
        : "attribute[%s] >= %s AND attribute[%s] <= %s".formatted(key, plain(from), key, plain(to));
  }

  private static @Nullable String literalOrNull(Value value) {
    return switch (value) {
      case Value.StringValue(String text) -> quotedOrNull(text);
      case Value.LongValue(long number) -> Long.toString(number);
      case Value.DoubleValue(double number) -> plain(number);
      case Value.BooleanValue(boolean flag) -> Boolean.toString(flag);
      default -> null;
    };
  }

  /** Returns a number as expressions have it, which is without an exponent where that is short. */
  static String plain(double number) {
    if (number == Math.rint(number) && Math.abs(number) < 1e15) {
      return Long.toString((long) number);
    }
    BigDecimal exact = new BigDecimal(Double.toString(number));
    return Math.abs(exact.scale()) <= 15 ? exact.toPlainString() : exact.toString();
  }

  /** Returns a string as expressions have it; null if it has half of a pair of surrogates. */
  static @Nullable String quotedOrNull(String text) {
    boolean whole = text.codePoints().noneMatch(c -> c >= 0xD800 && c <= 0xDFFF);
    return whole ? '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"' : null;
  }
}
