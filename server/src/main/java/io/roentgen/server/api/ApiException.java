// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.linecorp.armeria.common.HttpStatus;
import io.roentgen.model.Hex;
import org.jspecify.annotations.Nullable;

/** A request that the API refuses; the message is for the caller. */
final class ApiException extends RuntimeException {
  private final HttpStatus status;
  private final String code;
  private final @Nullable String parameter;
  private final @Nullable Position position;

  /**
   * Where in the parameter's text.
   *
   * @param line from 1
   * @param column in characters, from 1
   * @param hint what was probably meant, or null
   */
  record Position(int line, int column, @Nullable String hint) {}

  ApiException(HttpStatus status, String code, @Nullable String parameter, String message) {
    this(status, code, parameter, message, null);
  }

  ApiException(
      HttpStatus status,
      String code,
      @Nullable String parameter,
      String message,
      @Nullable Position position) {
    super(message);
    this.status = status;
    this.code = code;
    this.parameter = parameter;
    this.position = position;
  }

  /** Returns one for a parameter whose value is not as expected. */
  static ApiException invalid(String parameter, String value, String expected) {
    return new ApiException(
        HttpStatus.BAD_REQUEST,
        "invalid_parameter",
        parameter,
        parameter + ": '" + Hex.quote(value) + "' (expected: " + expected + ")");
  }

  HttpStatus status() {
    return status;
  }

  String code() {
    return code;
  }

  @Nullable String parameter() {
    return parameter;
  }

  @Nullable Position position() {
    return position;
  }
}
