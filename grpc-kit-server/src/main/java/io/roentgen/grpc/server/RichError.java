// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * An error with details that a program can read: {@code google.rpc.Status} in the trailer {@code
 * grpc-status-details-bin}. Clients read it with {@code StatusProto.fromThrowable}. Immutable.
 *
 * <pre>{@code
 * throw RichError.of(Status.NOT_FOUND.withDescription("no such order"))
 *     .with(errorInfo)
 *     .toException();
 * }</pre>
 *
 * <p>Metadata is limited (8 KiB by default, of all headers and trailers of a call together), and
 * trailers over it turn any error into an unreadable one: {@link ErrorMapping} cuts what is too
 * long.
 */
public final class RichError {
  private final Status status;
  private final List<Any> details;

  private RichError(Status status, List<Any> details) {
    this.status = status;
    this.details = details;
  }

  /** Returns an error without details. */
  public static RichError of(Status status) {
    if (status.isOk()) {
      throw new IllegalArgumentException("status: OK (expected: an error)");
    }
    return new RichError(status, List.of());
  }

  /**
   * Returns {@link Status#INVALID_ARGUMENT} with the violations as {@code google.rpc.BadRequest},
   * and in the description for people.
   */
  public static RichError badRequest(List<FieldViolation> violations) {
    BadRequest.Builder badRequest = BadRequest.newBuilder();
    for (FieldViolation violation : violations) {
      badRequest
          .addFieldViolationsBuilder()
          .setField(violation.field())
          .setDescription(violation.description());
    }
    String description =
        violations.stream().map(FieldViolation::toString).collect(Collectors.joining("; "));
    return of(Status.INVALID_ARGUMENT.withDescription(description)).with(badRequest.build());
  }

  /** Returns this error with a detail more, of any type that the callers know. */
  public RichError with(Message detail) {
    List<Any> more = new ArrayList<>(details);
    more.add(Any.pack(detail));
    return new RichError(status, List.copyOf(more));
  }

  /**
   * Returns this error with {@code google.rpc.ErrorInfo}.
   *
   * @param reason what happened, for programs: {@code ORDER_CLOSED}
   * @param domain whose reason that is: {@code orders.example.com}
   */
  public RichError withInfo(String reason, String domain, Map<String, String> metadata) {
    return with(
        ErrorInfo.newBuilder()
            .setReason(reason)
            .setDomain(domain)
            .putAllMetadata(metadata)
            .build());
  }

  /** Returns this error with {@code google.rpc.RetryInfo}: after how long to try again. */
  public RichError withRetryAfter(java.time.Duration delay) {
    Objects.requireNonNull(delay, "delay");
    return with(
        RetryInfo.newBuilder()
            .setRetryDelay(
                Duration.newBuilder().setSeconds(delay.getSeconds()).setNanos(delay.getNano()))
            .build());
  }

  /** Returns the exception to throw, or to hand to {@code StreamObserver.onError}. */
  public StatusRuntimeException toException() {
    return status.asRuntimeException(trailers());
  }

  Status status() {
    return status;
  }

  Metadata trailers() {
    Metadata trailers = new Metadata();
    if (!details.isEmpty()) {
      String description = status.getDescription();
      trailers.put(
          ErrorCap.DETAILS,
          com.google.rpc.Status.newBuilder()
              .setCode(status.getCode().value())
              .setMessage(description == null ? "" : description)
              .addAllDetails(details)
              .build());
    }
    return trailers;
  }
}
