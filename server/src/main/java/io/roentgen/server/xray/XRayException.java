// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray;

import com.linecorp.armeria.common.HttpStatus;

/**
 * A request that the X-Ray API refuses, with the code that AWS clients turn into a typed exception.
 */
final class XRayException extends RuntimeException {
  private final HttpStatus status;
  private final String code;

  XRayException(HttpStatus status, String code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** Returns one for a parameter that is missing or not as expected. */
  static XRayException invalid(String message) {
    return new XRayException(HttpStatus.BAD_REQUEST, "InvalidRequestException", message);
  }

  /** Returns one for too much to do. */
  static XRayException throttled(String message) {
    return new XRayException(HttpStatus.TOO_MANY_REQUESTS, "ThrottledException", message);
  }

  HttpStatus status() {
    return status;
  }

  String code() {
    return code;
  }
}
