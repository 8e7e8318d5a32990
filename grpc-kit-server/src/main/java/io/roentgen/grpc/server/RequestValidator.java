// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import java.util.List;

/** Says what is wrong with requests. Called by many threads at a time; must not block. */
@FunctionalInterface
public interface RequestValidator {
  /**
   * Returns what is wrong with a request; empty if nothing is, or if requests of its kind are not
   * this validator's.
   *
   * @param request a message of the call, of any of the server's methods
   */
  List<FieldViolation> validate(Object request);
}
