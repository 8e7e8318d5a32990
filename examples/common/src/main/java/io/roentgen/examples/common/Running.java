// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.common;

import java.util.Map;

/** An application that has started. */
public interface Running extends AutoCloseable {
  /**
   * Returns the ports it listens on, by what is served there, such as {@code grpc} or {@code http}.
   */
  Map<String, Integer> ports();

  /**
   * Stops it gracefully: waits for its calls, then sends what is left to be sent. May be called
   * twice.
   */
  @Override
  void close();
}
