// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Status;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How the facts of a gRPC call are called, by OpenTelemetry's conventions for RPC: those up to
 * 1.36, the stable ones after, or both while everything that reads them changes over. Where both
 * use a name in two senses ({@code rpc.method}), the newer sense is written.
 *
 * <p>Source: OpenTelemetry semantic conventions, "RPC", and its switch {@code
 * OTEL_SEMCONV_STABILITY_OPT_IN} with the values {@code rpc} and {@code rpc/dup}.
 */
public enum RpcNames {
  /** {@code rpc.system}, {@code rpc.service}, {@code rpc.method}, {@code rpc.grpc.status_code}. */
  OLD,
  /**
   * {@code rpc.system.name}, {@code rpc.method} with its service, {@code rpc.response.status_code}.
   */
  NEW,
  /** Both. */
  BOTH;

  /** How long the call had from its start, or was left by its caller, in milliseconds. */
  public static final String DEADLINE = "grpc.deadline_ms";

  /** How much of that was left when it ended, in milliseconds; less than 0 when it was exceeded. */
  public static final String DEADLINE_LEFT = "grpc.deadline_left_ms";

  /** How many attempts were made, when it was more than one. */
  public static final String ATTEMPTS = "grpc.attempts";

  static final String VARIABLE = "OTEL_SEMCONV_STABILITY_OPT_IN";

  private static final String SYSTEM = "grpc";

  /**
   * Methods without their service, by their full name: gRPC makes a new string at each question.
   */
  private static final Map<String, String> BARE = new ConcurrentHashMap<>();

  private static final int MAX_BARE = 4096;

  /** Returns what the environment of this process asks for by OpenTelemetry's switch. */
  public static RpcNames ofEnvironment() {
    return ofOptIn(System.getenv(VARIABLE));
  }

  /** Returns what the value of the switch asks for; null and what is not about RPC is the old. */
  public static RpcNames ofOptIn(@Nullable String value) {
    RpcNames names = OLD;
    if (value != null) {
      for (String item : value.split(",")) {
        if (item.strip().equals("rpc/dup")) {
          return BOTH;
        }
        if (item.strip().equals("rpc")) {
          names = NEW;
        }
      }
    }
    return names;
  }

  /** Takes the facts of a call, by name. */
  public interface Target {
    void put(String name, String value);

    void put(String name, long value);
  }

  /**
   * Gives what is known of a call.
   *
   * @param status how it ended, or null while it goes on
   */
  public void describe(GrpcCall call, @Nullable Status status, Target target) {
    if (this != NEW) {
      target.put("rpc.system", SYSTEM);
      String service = call.method().getServiceName();
      if (service != null) {
        target.put("rpc.service", service);
      }
    }
    if (this == OLD) {
      String full = call.method().getFullMethodName();
      String method = BARE.get(full);
      if (method == null) {
        method = full.substring(full.lastIndexOf('/') + 1);
        if (BARE.size() < MAX_BARE) {
          BARE.put(full, method);
        }
      }
      target.put("rpc.method", method);
    } else {
      target.put("rpc.system.name", SYSTEM);
      target.put("rpc.method", call.method().getFullMethodName());
    }
    if (status != null) {
      if (this != NEW) {
        target.put("rpc.grpc.status_code", status.getCode().value());
      }
      if (this != OLD) {
        target.put("rpc.response.status_code", status.getCode().name());
      }
    }
    long deadline = call.deadlineNanos();
    if (deadline != GrpcCall.UNKNOWN) {
      target.put(DEADLINE, TimeUnit.NANOSECONDS.toMillis(deadline));
      if (status != null) {
        target.put(DEADLINE_LEFT, TimeUnit.NANOSECONDS.toMillis(deadline - call.durationNanos()));
      }
    }
    if (call.attempts() > 1) {
      target.put(ATTEMPTS, call.attempts());
    }
  }

  /** Returns the HTTP status that a gRPC status corresponds to. Source: google/rpc/code.proto. */
  public static int httpStatus(Status.Code code) {
    return switch (code) {
      case OK -> 200;
      case CANCELLED -> 499;
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> 400;
      case DEADLINE_EXCEEDED -> 504;
      case NOT_FOUND -> 404;
      case ALREADY_EXISTS, ABORTED -> 409;
      case PERMISSION_DENIED -> 403;
      case UNAUTHENTICATED -> 401;
      case RESOURCE_EXHAUSTED -> 429;
      case UNIMPLEMENTED -> 501;
      case UNAVAILABLE -> 503;
      case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
    };
  }
}
