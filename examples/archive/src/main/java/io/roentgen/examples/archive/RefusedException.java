// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.archive;

/** A request that is answered with an error. */
final class RefusedException extends Exception {
  private final int status;
  private final String code;

  /**
   * @param code of the error, for programs
   */
  RefusedException(int status, String code, String detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }
}
