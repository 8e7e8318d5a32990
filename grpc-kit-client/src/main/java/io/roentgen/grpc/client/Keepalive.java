// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.ManagedChannelBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * HTTP/2 pings by which a client finds out that a connection is dead.
 *
 * @param interval between the last byte read and a ping, 10 s or more: grpc-java raises shorter
 *     ones and does not say so
 * @param timeout the wait for the answer, after which the connection counts as dead
 * @param withoutCalls whether idle connections are pinged too
 */
public record Keepalive(Duration interval, Duration timeout, boolean withoutCalls) {
  private static final Duration SHORTEST = Duration.ofSeconds(10);

  /** A ping after 10 s, an answer within 5 s, idle connections too. */
  public static final Keepalive DEFAULT =
      new Keepalive(Duration.ofSeconds(10), Duration.ofSeconds(5), true);

  public Keepalive {
    Arguments.check(interval.compareTo(SHORTEST) >= 0, "interval", interval, "10 s or more");
    Arguments.positive("timeout", timeout);
  }

  /**
   * Returns why a server would hang up on this client with {@code ENHANCE_YOUR_CALM}, one sentence
   * each; empty if it would not. A grpc-java server that was told nothing permits a ping each 5
   * minutes and none without calls.
   *
   * @param serverPermitTime what the server was given as {@code permitKeepAliveTime}
   * @param serverPermitsWithoutCalls what it was given as {@code permitKeepAliveWithoutCalls}
   */
  public List<String> disagreements(Duration serverPermitTime, boolean serverPermitsWithoutCalls) {
    List<String> found = new ArrayList<>();
    if (serverPermitTime.compareTo(interval) >= 0) {
      // Equal is too long: pings that arrive early by network jitter count as strikes.
      found.add(
          "permitKeepAliveTime: "
              + serverPermitTime
              + " (expected: less than the client's interval, "
              + interval
              + ")");
    }
    if (withoutCalls && !serverPermitsWithoutCalls) {
      found.add(
          "permitKeepAliveWithoutCalls: false (expected: true, for the client pings idle"
              + " connections)");
    }
    return found;
  }

  void applyTo(ManagedChannelBuilder<?> builder) {
    builder
        .keepAliveTime(interval.toNanos(), TimeUnit.NANOSECONDS)
        .keepAliveTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
        .keepAliveWithoutCalls(withoutCalls);
  }
}
