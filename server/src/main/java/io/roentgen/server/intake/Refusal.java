// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.intake;

import io.roentgen.ingest.RequestResult;

/** Why a request is refused as a whole; each protocol has its own form for it. */
public sealed interface Refusal {
  /** Returns what happened and what was expected, for the sender. */
  String message();

  /** Returns how the request is counted. */
  default RequestResult result() {
    return RequestResult.REJECTED;
  }

  /** Not what the protocol allows. */
  record Malformed(String message) implements Refusal {}

  /** Larger than allowed, compressed or not. */
  record TooLarge(String message) implements Refusal {}

  /** A content type or encoding that is not known. */
  record UnsupportedType(String message) implements Refusal {}

  /** Another method than POST. */
  record WrongMethod(String message) implements Refusal {}

  /** Nothing answers at that path. */
  record UnknownPath(String message) implements Refusal {}

  /** Without the token, or with another one. */
  record Unauthenticated(String message) implements Refusal {
    @Override
    public RequestResult result() {
      return RequestResult.UNAUTHENTICATED;
    }
  }

  /**
   * Not signed, or not as it has to be.
   *
   * @param code what AWS calls it
   */
  record Unsigned(String code, String message) implements Refusal {
    @Override
    public RequestResult result() {
      return RequestResult.UNAUTHENTICATED;
    }
  }

  /** Too much to do; the same request may come again. */
  record Overloaded(String message, long retryAfterMillis) implements Refusal {
    @Override
    public RequestResult result() {
      return RequestResult.OVERLOADED;
    }
  }

  /** The store cannot write now; the same request may come again. */
  record Unavailable(String message, long retryAfterMillis) implements Refusal {
    @Override
    public RequestResult result() {
      return RequestResult.UNAVAILABLE;
    }
  }

  /** A defect of the server; its log has more. */
  record Failed(String message) implements Refusal {
    @Override
    public RequestResult result() {
      return RequestResult.FAILED;
    }
  }

  /** Returns the seconds for a {@code Retry-After} header: rounded up, at least one. */
  static long retryAfterSeconds(long retryAfterMillis) {
    return Math.max(1, Math.ceilDiv(retryAfterMillis, 1_000L));
  }
}
