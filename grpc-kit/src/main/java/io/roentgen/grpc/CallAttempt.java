// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Status;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One try to get a call answered: gRPC makes more than one when it retries or hedges. Times are of
 * {@link System#nanoTime}.
 */
public interface CallAttempt {
  /** Returns when it began. */
  long startNanos();

  /** Returns when it ended, if {@link #status} is not null. */
  long endNanos();

  /** Returns how many attempts were made before, other than transparent ones. */
  int previousAttempts();

  /** Returns whether it was made because the one before reached no server's handler. */
  boolean isTransparentRetry();

  /** Returns whether it was made beside an earlier one that went on, so that two could answer. */
  boolean isHedge();

  /** Returns how it ended, or null while it goes on: a hedge may outlast its call. */
  @Nullable Status status();

  /** Returns the server it went to, or null if it reached none. */
  @Nullable SocketAddress peer();
}
