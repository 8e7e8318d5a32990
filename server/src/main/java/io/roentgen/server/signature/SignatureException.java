// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.signature;

/**
 * A request that is not signed as it has to be. Cheap: it has no stack trace, as it is no defect.
 */
public final class SignatureException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Reason reason;

  /** What is wrong, by the code that AWS gives it. */
  public enum Reason {
    /** Not signed at all. */
    MISSING("MissingAuthenticationTokenException"),
    /** Parts of the signature are not there or not understood. */
    INCOMPLETE("IncompleteSignatureException"),
    /** An access key that is not known. */
    UNKNOWN_KEY("UnrecognizedClientException"),
    /** Another signature than that of the request, or one of another time. */
    INVALID("InvalidSignatureException");

    private final String code;

    Reason(String code) {
      this.code = code;
    }

    /** Returns the code as answers have it. */
    public String code() {
      return code;
    }
  }

  SignatureException(Reason reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
  }

  /** Returns what is wrong. */
  public Reason reason() {
    return reason;
  }
}
