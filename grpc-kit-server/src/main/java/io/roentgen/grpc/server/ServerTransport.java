// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.ServerBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Limits and times of a server's connections. Immutable.
 *
 * <pre>{@code
 * ServerTransport.builder().build().applyTo(serverBuilder);
 * }</pre>
 */
public final class ServerTransport {
  /** How many bytes a message may have unless said otherwise: 10 MiB. */
  public static final int DEFAULT_MAX_MESSAGE_BYTES = 10 * 1024 * 1024;

  /** How many bytes the headers of a call may have unless said otherwise: 8 KiB, as in gRPC. */
  public static final int DEFAULT_MAX_METADATA_BYTES = 8 * 1024;

  private static final System.Logger LOG = System.getLogger(ServerTransport.class.getName());

  /** grpc-java's clients do not ping more often ({@code KeepAliveManager}). */
  private static final Duration CLIENT_MINIMUM = Duration.ofSeconds(10);

  private final int maxMessageBytes;
  private final int maxMetadataBytes;
  private final Duration handshakeTimeout;
  private final Duration keepAliveTime;
  private final Duration keepAliveTimeout;
  private final Duration permitKeepAliveTime;
  private final boolean permitWithoutCalls;
  private final Duration maxConnectionAge;
  private final double ageJitter;
  private final @Nullable Duration ageGrace;
  private final @Nullable Duration maxConnectionIdle;
  private final RandomGenerator random;

  private ServerTransport(Builder builder) {
    this.maxMessageBytes = builder.maxMessageBytes;
    this.maxMetadataBytes = builder.maxMetadataBytes;
    this.handshakeTimeout = builder.handshakeTimeout;
    this.keepAliveTime = builder.keepAliveTime;
    this.keepAliveTimeout = builder.keepAliveTimeout;
    this.permitKeepAliveTime = builder.permitKeepAliveTime;
    this.permitWithoutCalls = builder.permitWithoutCalls;
    this.maxConnectionAge = builder.maxConnectionAge;
    this.ageJitter = builder.ageJitter;
    this.ageGrace = builder.ageGrace;
    this.maxConnectionIdle = builder.maxConnectionIdle;
    this.random = builder.random;
  }

  /** Returns a builder with the values that its methods name. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Sets all of it on a server. What the server's transport does not have, such as connections in
   * process, is left out and logged at DEBUG.
   */
  public <T extends ServerBuilder<?>> T applyTo(T server) {
    set("maxInboundMessageSize", () -> server.maxInboundMessageSize(maxMessageBytes));
    set("maxInboundMetadataSize", () -> server.maxInboundMetadataSize(maxMetadataBytes));
    set("handshakeTimeout", () -> server.handshakeTimeout(nanos(handshakeTimeout), NANOS));
    set("keepAliveTime", () -> server.keepAliveTime(nanos(keepAliveTime), NANOS));
    set("keepAliveTimeout", () -> server.keepAliveTimeout(nanos(keepAliveTimeout), NANOS));
    set("permitKeepAliveTime", () -> server.permitKeepAliveTime(nanos(permitKeepAliveTime), NANOS));
    set(
        "permitKeepAliveWithoutCalls",
        () -> server.permitKeepAliveWithoutCalls(permitWithoutCalls));
    set("maxConnectionAge", () -> server.maxConnectionAge(jitteredAgeNanos(), NANOS));
    Duration grace = ageGrace;
    if (grace != null) {
      set("maxConnectionAgeGrace", () -> server.maxConnectionAgeGrace(nanos(grace), NANOS));
    }
    Duration idle = maxConnectionIdle;
    if (idle != null) {
      set("maxConnectionIdle", () -> server.maxConnectionIdle(nanos(idle), NANOS));
    }
    return server;
  }

  /**
   * Returns why such clients would be cut off with ENHANCE_YOUR_CALM ("too_many_pings"), or would
   * not do what they were told; empty if client and server agree.
   */
  public List<String> keepAliveProblems(ClientKeepAlive client) {
    List<String> problems = new ArrayList<>();
    Duration time = client.time();
    if (time.compareTo(CLIENT_MINIMUM) < 0) {
      problems.add(
          "client keepAliveTime: "
              + seconds(time)
              + " (expected: at least 10 s, which grpc-java takes instead)");
      time = CLIENT_MINIMUM;
    }
    int compared = permitKeepAliveTime.compareTo(time);
    if (compared > 0) {
      problems.add(
          "permitKeepAliveTime: "
              + seconds(permitKeepAliveTime)
              + " (expected: less than the client's keepAliveTime of "
              + seconds(time)
              + "; the server cuts off clients that ping more often)");
    } else if (compared == 0) {
      problems.add(
          "permitKeepAliveTime: "
              + seconds(permitKeepAliveTime)
              + " (expected: less than the client's keepAliveTime, which is the same; a ping that"
              + " comes a moment early counts against the client)");
    }
    if (client.pingsWithoutCalls() && !permitWithoutCalls) {
      problems.add(
          "permitKeepAliveWithoutCalls: false (expected: true, as the client pings without"
              + " calls)");
    }
    return problems;
  }

  /**
   * Refuses settings that do not agree with the clients'.
   *
   * @throws IllegalArgumentException with all of {@link #keepAliveProblems}, if there are any
   */
  public ServerTransport requireAgreementWith(ClientKeepAlive client) {
    List<String> problems = keepAliveProblems(client);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
    return this;
  }

  long jitteredAgeNanos() {
    double factor = 1 + ageJitter * (2 * random.nextDouble() - 1);
    return Math.max(1, (long) (nanos(maxConnectionAge) * factor));
  }

  private static final TimeUnit NANOS = TimeUnit.NANOSECONDS;

  private static void set(String name, Runnable setting) {
    try {
      setting.run();
    } catch (UnsupportedOperationException e) {
      LOG.log(System.Logger.Level.DEBUG, "transport does not have setting name={0}", name);
    }
  }

  private static long nanos(Duration duration) {
    return duration.toNanos();
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }

  /** Collects settings. Not safe for use by several threads. */
  public static final class Builder {
    private int maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES;
    private int maxMetadataBytes = DEFAULT_MAX_METADATA_BYTES;
    private Duration handshakeTimeout = Duration.ofMinutes(2);
    private Duration keepAliveTime = Duration.ofMinutes(1);
    private Duration keepAliveTimeout = Duration.ofSeconds(20);
    private Duration permitKeepAliveTime = Duration.ofSeconds(5);
    private boolean permitWithoutCalls = true;
    private Duration maxConnectionAge = Duration.ofMinutes(5);
    private double ageJitter = 0.1;
    private @Nullable Duration ageGrace;
    private @Nullable Duration maxConnectionIdle;
    private RandomGenerator random = RandomGenerator.getDefault();

    private Builder() {}

    /**
     * Sets how many bytes a request message may have: 10 MiB unless set. A larger one ends the call
     * with RESOURCE_EXHAUSTED. For responses there is {@link ResponseLimit}.
     */
    public Builder maxMessageBytes(int bytes) {
      maxMessageBytes = positive("maxMessageBytes", bytes);
      return this;
    }

    /** Sets how many bytes the headers of a call may have: 8 KiB unless set. */
    public Builder maxMetadataBytes(int bytes) {
      maxMetadataBytes = positive("maxMetadataBytes", bytes);
      return this;
    }

    /** Sets how long a connection may take to be set up, TLS included: 120 s unless set. */
    public Builder handshakeTimeout(Duration timeout) {
      handshakeTimeout = positive("handshakeTimeout", timeout);
      return this;
    }

    /** Sets after how much silence the server pings the client: 1 minute unless set. */
    public Builder keepAliveTime(Duration time) {
      keepAliveTime = positive("keepAliveTime", time);
      return this;
    }

    /** Sets how long it waits for the answer: 20 s unless set. */
    public Builder keepAliveTimeout(Duration timeout) {
      keepAliveTimeout = positive("keepAliveTimeout", timeout);
      return this;
    }

    /**
     * Sets how often clients may ping: every 5 s unless set, with calls or without. Should be less
     * than what clients do; see {@link ServerTransport#keepAliveProblems}.
     */
    public Builder permitKeepAlive(Duration time) {
      permitKeepAliveTime = positive("permitKeepAlive", time);
      return this;
    }

    /** Lets clients ping only while they have calls. */
    public Builder permitKeepAliveWithCallsOnly() {
      permitWithoutCalls = false;
      return this;
    }

    /**
     * Sets after how long a connection is closed, without harm to its calls, so that clients find
     * servers that are new: 5 minutes unless set.
     *
     * @param jitter up to which fraction of it the age differs, from 0 to 0.5; drawn once a server,
     *     for servers that were started together. Netty adds 10 % for each connection.
     */
    public Builder maxConnectionAge(Duration age, double jitter) {
      maxConnectionAge = positive("maxConnectionAge", age);
      if (!(jitter >= 0 && jitter <= 0.5)) {
        throw new IllegalArgumentException("jitter: " + jitter + " (expected: 0 to 0.5)");
      }
      ageJitter = jitter;
      return this;
    }

    /**
     * Sets how long calls may go on after that; then they are cancelled. Unless set they may go on
     * for ever.
     */
    public Builder maxConnectionAgeGrace(Duration grace) {
      ageGrace = positive("maxConnectionAgeGrace", grace);
      return this;
    }

    /** Sets after how long without a call a connection is closed; never unless set. */
    public Builder maxConnectionIdle(Duration idle) {
      maxConnectionIdle = positive("maxConnectionIdle", idle);
      return this;
    }

    Builder random(RandomGenerator random) {
      this.random = Objects.requireNonNull(random, "random");
      return this;
    }

    /** Returns the settings. */
    public ServerTransport build() {
      return new ServerTransport(this);
    }

    private static int positive(String name, int value) {
      if (value <= 0) {
        throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
      }
      return value;
    }

    private static Duration positive(String name, Duration value) {
      if (value.isNegative() || value.isZero()) {
        throw new IllegalArgumentException(name + ": " + value + " (expected: more than 0)");
      }
      return value;
    }
  }
}
