// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import picocli.CommandLine.ExitCode;

/** What the user is told in one line instead of the output. */
final class CliException extends RuntimeException {
  private final int exitCode;

  private CliException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  private CliException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** Returns one for what went wrong while doing what was asked. */
  static CliException failure(String message) {
    return new CliException(ExitCode.SOFTWARE, message);
  }

  /** Returns one for what went wrong while doing what was asked. */
  static CliException failure(String message, Throwable cause) {
    return new CliException(ExitCode.SOFTWARE, message, cause);
  }

  /** Returns one for what cannot be asked that way. */
  static CliException usage(String message) {
    return new CliException(ExitCode.USAGE, message);
  }

  int exitCode() {
    return exitCode;
  }
}
