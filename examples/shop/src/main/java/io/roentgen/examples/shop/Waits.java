// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.grpc.stub.AbstractStub;
import java.util.concurrent.TimeUnit;

/** How long services wait for each other. */
final class Waits {
  private Waits() {}

  /**
   * Returns a stub whose next call waits for a second, or for what is left of the caller's wait.
   */
  static <S extends AbstractStub<S>> S shortly(S stub) {
    return stub.withDeadlineAfter(1, TimeUnit.SECONDS);
  }
}
