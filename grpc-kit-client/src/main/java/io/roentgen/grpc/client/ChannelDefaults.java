// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.ManagedChannelBuilder;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a channel is set up for production, in one object for any {@link ManagedChannelBuilder}.
 *
 * <pre>{@code
 * ManagedChannel channel =
 *     ChannelDefaults.create()
 *         .applyTo(ManagedChannelBuilder.forTarget("dns:///orders:50051"))
 *         .build();
 * Connections.awaitReady(channel);
 * }</pre>
 *
 * <p>The defaults: pings after 10 s with an answer within 5 s, also without calls ({@link
 * Keepalive#DEFAULT}); round robin over backends that are SERVING ({@link
 * #DEFAULT_SERVICE_CONFIG}); 5 s for calls with one answer ({@link DefaultDeadlines}). Retries are
 * left out, since only the caller knows which methods bear them.
 */
public final class ChannelDefaults {
  /** Round robin over the backends whose health service answers SERVING or is absent. */
  public static final ServiceConfig DEFAULT_SERVICE_CONFIG =
      ServiceConfig.builder().loadBalancing(LoadBalancing.roundRobin()).healthCheck("").build();

  private static final Logger LOG = System.getLogger(ChannelDefaults.class.getName());
  private static final String HEALTH_CLASS =
      "io.grpc.protobuf.services.HealthCheckingLoadBalancerUtil";

  private final @Nullable Keepalive keepalive;
  private final ServiceConfig serviceConfig;
  private final @Nullable DefaultDeadlines deadlines;
  private final int maxInboundMessageBytes;
  private final int maxInboundMetadataBytes;
  private final List<String> warnings;

  private ChannelDefaults(Builder builder, List<String> warnings) {
    this.keepalive = builder.keepalive;
    this.serviceConfig = builder.serviceConfig;
    this.deadlines = builder.deadlines;
    this.maxInboundMessageBytes = builder.maxInboundMessageBytes;
    this.maxInboundMetadataBytes = builder.maxInboundMetadataBytes;
    this.warnings = warnings;
  }

  /** Returns the defaults. */
  public static ChannelDefaults create() {
    return builder().build();
  }

  /** Returns a builder that starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Sets the channel up and returns its builder. Interceptors added to it later run before the
   * deadline is set.
   */
  public <B extends ManagedChannelBuilder<?>> B applyTo(B channel) {
    if (keepalive != null) {
      keepalive.applyTo(channel);
    }
    channel.defaultServiceConfig(serviceConfig.toMap());
    // gRPC's own default today, and without it the retries of the service config do nothing.
    channel.enableRetry();
    if (deadlines != null) {
      channel.intercept(deadlines);
    }
    if (maxInboundMessageBytes >= 0) {
      channel.maxInboundMessageSize(maxInboundMessageBytes);
    }
    if (maxInboundMetadataBytes > 0) {
      channel.maxInboundMetadataSize(maxInboundMetadataBytes);
    }
    return channel;
  }

  /** What will not work as set up, one sentence each, as logged when this was built. */
  public List<String> warnings() {
    return warnings;
  }

  /** Not for use by several threads. */
  public static final class Builder {
    private @Nullable Keepalive keepalive = Keepalive.DEFAULT;
    private ServiceConfig serviceConfig = DEFAULT_SERVICE_CONFIG;
    private @Nullable DefaultDeadlines deadlines = DefaultDeadlines.create();
    private int maxInboundMessageBytes = -1;
    private int maxInboundMetadataBytes = -1;
    private @Nullable Duration serverPermitTime;
    private boolean serverPermitsWithoutCalls;

    private Builder() {}

    /** How dead connections are found; {@link Keepalive#DEFAULT} if never said. */
    public Builder keepalive(Keepalive keepalive) {
      this.keepalive = keepalive;
      return this;
    }

    /** Sends no pings. */
    public Builder withoutKeepalive() {
      this.keepalive = null;
      return this;
    }

    /**
     * What the servers permit, to be warned if they would hang up on this client. They are told by
     * {@code permitKeepAliveTime} and {@code permitKeepAliveWithoutCalls} of their builder.
     */
    public Builder serverPermits(Duration keepAliveTime, boolean withoutCalls) {
      this.serverPermitTime = Arguments.positive("keepAliveTime", keepAliveTime);
      this.serverPermitsWithoutCalls = withoutCalls;
      return this;
    }

    /** Balancing, health, retries and timeouts; round robin and health checks if never said. */
    public Builder serviceConfig(ServiceConfig serviceConfig) {
      this.serviceConfig = serviceConfig;
      return this;
    }

    /** The deadlines of calls that have none; 5 s for calls with one answer if never said. */
    public Builder deadlines(DefaultDeadlines deadlines) {
      this.deadlines = deadlines;
      return this;
    }

    /** Leaves calls without a deadline as they are. */
    public Builder withoutDeadlines() {
      this.deadlines = null;
      return this;
    }

    /** The largest answer in bytes, 0 or more; gRPC's 4 MiB if never said. */
    public Builder maxInboundMessageBytes(int bytes) {
      Arguments.check(bytes >= 0, "maxInboundMessageBytes", bytes, "0 or more");
      this.maxInboundMessageBytes = bytes;
      return this;
    }

    /** The most headers or trailers in bytes, more than 0; gRPC's 8 KiB if never said. */
    public Builder maxInboundMetadataBytes(int bytes) {
      Arguments.check(bytes > 0, "maxInboundMetadataBytes", bytes, "more than 0");
      this.maxInboundMetadataBytes = bytes;
      return this;
    }

    /** Returns the defaults, after a warning in the log for each thing that will not work. */
    public ChannelDefaults build() {
      return build(HashLoadBalancerProvider.isPresent(HEALTH_CLASS));
    }

    ChannelDefaults build(boolean healthChecksPresent) {
      List<String> warnings = new ArrayList<>();
      if (keepalive != null && serverPermitTime != null) {
        warnings.addAll(keepalive.disagreements(serverPermitTime, serverPermitsWithoutCalls));
      }
      if (serviceConfig.checksHealth() && !healthChecksPresent) {
        warnings.add(
            "healthCheckConfig: set (expected: io.grpc:grpc-services on the class path); backends"
                + " that are NOT_SERVING get calls");
      }
      warnings.forEach(w -> LOG.log(Level.WARNING, w));
      return new ChannelDefaults(this, List.copyOf(warnings));
    }
  }
}
