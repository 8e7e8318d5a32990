// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import java.time.Duration;
import java.util.Objects;

/**
 * How clients keep their connections alive, to be compared with what the server permits: {@link
 * ServerTransport#keepAliveProblems}. Immutable.
 */
public final class ClientKeepAlive {
  private final Duration time;
  private final boolean withoutCalls;

  private ClientKeepAlive(Duration time, boolean withoutCalls) {
    this.time = Objects.requireNonNull(time, "time");
    this.withoutCalls = withoutCalls;
  }

  /** Returns a client that pings this often while it has calls ({@code keepAliveTime}). */
  public static ClientKeepAlive every(Duration time) {
    return new ClientKeepAlive(time, false);
  }

  /** Returns a client that also pings while it has none ({@code keepAliveWithoutCalls}). */
  public ClientKeepAlive withoutCalls() {
    return new ClientKeepAlive(time, true);
  }

  Duration time() {
    return time;
  }

  boolean pingsWithoutCalls() {
    return withoutCalls;
  }
}
