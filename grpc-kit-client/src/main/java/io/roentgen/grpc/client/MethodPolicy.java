// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What holds for the calls of one method, one service or all: an entry of a service config. */
public final class MethodPolicy {
  private final Map<String, Object> map;

  private MethodPolicy(Map<String, Object> map) {
    this.map = map;
  }

  /** Returns a builder of a policy that says nothing yet. */
  public static Builder builder() {
    return new Builder();
  }

  Map<String, Object> toMap() {
    return map;
  }

  /** Not for use by several threads. */
  public static final class Builder {
    private @Nullable Duration timeout;
    private boolean waitForReady;
    private @Nullable RetryPolicy retry;
    private @Nullable HedgingPolicy hedging;
    private int maxRequestBytes = -1;
    private int maxResponseBytes = -1;

    private Builder() {}

    /** The longest that a call may take, attempts included; the caller's own if that is shorter. */
    public Builder timeout(Duration timeout) {
      this.timeout = Arguments.positive("timeout", timeout);
      return this;
    }

    /** Calls wait for a connection until their deadline instead of failing with UNAVAILABLE. */
    public Builder waitForReady() {
      this.waitForReady = true;
      return this;
    }

    /** Tries again after a failure. */
    public Builder retry(RetryPolicy retry) {
      this.retry = retry;
      return this;
    }

    /** Sends several attempts side by side. */
    public Builder hedging(HedgingPolicy hedging) {
      this.hedging = hedging;
      return this;
    }

    /** Larger requests fail with RESOURCE_EXHAUSTED before they are sent. */
    public Builder maxRequestBytes(int bytes) {
      Arguments.check(bytes >= 0, "maxRequestBytes", bytes, "0 or more");
      this.maxRequestBytes = bytes;
      return this;
    }

    /** Larger responses fail with RESOURCE_EXHAUSTED. */
    public Builder maxResponseBytes(int bytes) {
      Arguments.check(bytes >= 0, "maxResponseBytes", bytes, "0 or more");
      this.maxResponseBytes = bytes;
      return this;
    }

    /**
     * Returns the policy.
     *
     * @throws IllegalArgumentException if it has both retries and hedging, of which gRPC takes one
     */
    public MethodPolicy build() {
      Arguments.check(
          retry == null || hedging == null, "hedging", hedging, "no retry on the same method");
      Map<String, Object> map = new LinkedHashMap<>();
      if (timeout != null) {
        map.put("timeout", ServiceConfig.seconds(timeout));
      }
      if (waitForReady) {
        map.put("waitForReady", true);
      }
      if (retry != null) {
        map.put("retryPolicy", retry.toMap());
      }
      if (hedging != null) {
        map.put("hedgingPolicy", hedging.toMap());
      }
      if (maxRequestBytes >= 0) {
        map.put("maxRequestMessageBytes", (double) maxRequestBytes);
      }
      if (maxResponseBytes >= 0) {
        map.put("maxResponseMessageBytes", (double) maxResponseBytes);
      }
      return new MethodPolicy(map);
    }
  }
}
