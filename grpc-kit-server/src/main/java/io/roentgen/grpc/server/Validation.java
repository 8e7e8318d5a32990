// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;

/**
 * Refuses calls whose requests break a rule with {@link Status#INVALID_ARGUMENT}, for {@link
 * Slot#VALIDATION}. The description has every violation ({@code user_id: must not be empty}), and
 * the details have them as {@code google.rpc.BadRequest}. Every message of a stream is looked at;
 * the first bad one ends the call. Immutable.
 */
public final class Validation implements ServerInterceptor {
  private final List<RequestValidator> validators;

  private Validation(List<RequestValidator> validators) {
    this.validators = validators;
  }

  /** Returns the interceptor that asks each of the validators. */
  public static Validation of(RequestValidator... validators) {
    return new Validation(List.of(validators));
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    RefusableCall<ReqT, RespT> refusable = RefusableCall.of(call);
    return new RefusableCall.Listener<>(refusable, next.startCall(refusable, headers)) {
      @Override
      public void onMessage(ReqT message) {
        List<FieldViolation> violations = violationsOf(message);
        if (violations.isEmpty()) {
          super.onMessage(message);
        } else {
          RichError error = RichError.badRequest(violations);
          refusable.refuse(error.status(), error.trailers());
        }
      }
    };
  }

  private List<FieldViolation> violationsOf(Object message) {
    List<FieldViolation> all = List.of();
    for (RequestValidator validator : validators) {
      List<FieldViolation> some = validator.validate(message);
      if (!some.isEmpty()) {
        all = all.isEmpty() ? new ArrayList<>() : all;
        all.addAll(some);
      }
    }
    return all;
  }
}
