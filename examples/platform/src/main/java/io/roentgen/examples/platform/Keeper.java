// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import io.roentgen.examples.greeting.v3.Greeting;

/** Keeps a greeting somewhere: in a database, in a queue. */
interface Keeper extends AutoCloseable {
  /**
   * Keeps it.
   *
   * @throws Exception if that is away; then it is not kept
   */
  void keep(Greeting greeting) throws Exception;

  @Override
  default void close() {}
}
