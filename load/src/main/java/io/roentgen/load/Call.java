// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

/** Makes a request and waits for its answer. */
@FunctionalInterface
interface Call {
  /**
   * Makes it. What is thrown is a failed request, counted under the name of its class.
   *
   * @throws InterruptedException if the run has ended and does not wait for it any longer
   */
  Answer make(Turn turn) throws Exception;
}
