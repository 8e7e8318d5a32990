// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * A client's part of a rule's reservoir: so many requests each second. While the server has granted
 * none, or the grant has expired, one request a second is borrowed, unless the rule has no
 * reservoir. Safe for use by several threads.
 *
 * <p>As the X-Ray SDKs do it (aws-xray-sdk-java 2.21.0).
 */
public final class Reservoir {
  private final InstantSource clock;
  private int size;
  private @Nullable Instant expiry;
  private int quota;
  private long second = Long.MIN_VALUE;
  private int taken;

  /** What became of a try to take one. */
  public enum Take {
    /** Taken from the grant. */
    GRANTED,
    /** Taken without a grant. */
    BORROWED,
    /** Nothing is left for this second. */
    NONE
  }

  /** Makes one for a rule; {@code reservoirSize} 0 stands for no reservoir. */
  public Reservoir(int reservoirSize, InstantSource clock) {
    SamplingRule.require(reservoirSize >= 0, "reservoirSize", reservoirSize, ">= 0");
    size = reservoirSize;
    this.clock = clock;
  }

  /**
   * Takes note that the rule has another reservoir. What was granted of the old one holds as far as
   * the new one reaches.
   */
  public synchronized void resize(int reservoirSize) {
    SamplingRule.require(reservoirSize >= 0, "reservoirSize", reservoirSize, ">= 0");
    size = reservoirSize;
  }

  /**
   * Takes note of what the server grants: {@code requestsPerSecond} up to and with {@code until}.
   */
  public synchronized void grant(int requestsPerSecond, Instant until) {
    SamplingRule.require(requestsPerSecond >= 0, "requestsPerSecond", requestsPerSecond, ">= 0");
    quota = requestsPerSecond;
    expiry = until;
  }

  /** Takes one request out, if there is one. */
  public synchronized Take take() {
    Instant now = clock.instant();
    if (now.getEpochSecond() != second) {
      second = now.getEpochSecond();
      taken = 0;
    }
    boolean granted = expiry != null && !now.isAfter(expiry);
    int limit = Math.min(size, granted ? quota : 1);
    if (taken >= limit) {
      return Take.NONE;
    }
    taken++;
    return granted ? Take.GRANTED : Take.BORROWED;
  }
}
