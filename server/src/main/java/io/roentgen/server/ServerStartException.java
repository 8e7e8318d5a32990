// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

/**
 * The server cannot start here and now, for example since a port is in use; the message says what
 * to do.
 */
public final class ServerStartException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ServerStartException(String message) {
    super(message);
  }

  ServerStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
