// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.Server;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Ends a server without losing calls:
 *
 * <ol>
 *   <li>health says NOT_SERVING, while calls are still taken
 *   <li>wait until balancers and clients have heard of it, 5 seconds
 *   <li>{@link Server#shutdown}: no new connections; streams are told to end ({@link
 *       ShutdownSignal})
 *   <li>wait for calls to end, at most 30 seconds
 *   <li>{@link Server#shutdownNow}: what is still open is cancelled
 * </ol>
 *
 * <p>It adds no shutdown hook of its own; a process calls {@link #run} from the one that it has:
 *
 * <pre>{@code
 * Runtime.getRuntime().addShutdownHook(new Thread(shutdown::run));
 * }</pre>
 *
 * <p>Kubernetes kills a pod after {@code terminationGracePeriodSeconds}, 30 by default: it must be
 * more than both waits together. Safe for use by several threads.
 */
public final class GracefulShutdown {
  private static final System.Logger LOG = System.getLogger(GracefulShutdown.class.getName());

  /** How long the server may take to let go after it cancelled everything. */
  private static final long FORCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** How a shutdown ended. */
  public enum Outcome {
    /** Every call came to its end. */
    DRAINED,
    /** Calls were cancelled as the time was over, or the thread was interrupted. */
    FORCED
  }

  private final Server server;
  private final @Nullable ServerHealth health;
  private final @Nullable ShutdownGuard guard;
  private final long propagationNanos;
  private final long drainNanos;
  private final AtomicBoolean begun = new AtomicBoolean();
  private final CountDownLatch done = new CountDownLatch(1);
  // Written before the latch opens.
  private Outcome outcome = Outcome.FORCED;

  private GracefulShutdown(Builder builder) {
    this.server = builder.server;
    this.health = builder.health;
    this.guard = builder.guard;
    this.propagationNanos = builder.propagation.toNanos();
    this.drainNanos = builder.drain.toNanos();
  }

  /** Returns a builder with the times said above. */
  public static Builder of(Server server) {
    return new Builder(Objects.requireNonNull(server, "server"));
  }

  /**
   * Shuts down, and returns when the server has ended. Called again, or by several threads, it
   * waits for the first and returns the same. If the first thread is interrupted, calls are
   * cancelled at once, and it stays interrupted.
   */
  public Outcome run() {
    if (begun.compareAndSet(false, true)) {
      try {
        outcome = shutDown();
      } finally {
        done.countDown();
      }
    } else {
      awaitDone();
    }
    return outcome;
  }

  private Outcome shutDown() {
    if (health != null) {
      health.stop();
    }
    LOG.log(
        System.Logger.Level.INFO,
        "gRPC server shutdown begins propagation_ms="
            + TimeUnit.NANOSECONDS.toMillis(propagationNanos)
            + " drain_ms="
            + TimeUnit.NANOSECONDS.toMillis(drainNanos));
    boolean drained = false;
    boolean interrupted = false;
    try {
      // Returns early only if somebody else has ended the server.
      server.awaitTermination(propagationNanos, TimeUnit.NANOSECONDS);
      server.shutdown();
      if (guard != null) {
        guard.drain();
      }
      drained = server.awaitTermination(drainNanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (!drained) {
      LOG.log(
          System.Logger.Level.WARNING,
          "gRPC server shutdown cancels calls open="
              + (guard == null ? "unknown" : Integer.toString(guard.openCalls()))
              + " reason="
              + (interrupted ? "interrupted" : "drain_timeout"));
      server.shutdownNow();
      if (guard != null) {
        guard.drain();
      }
      interrupted |= awaitForced(interrupted);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    Outcome reached = drained ? Outcome.DRAINED : Outcome.FORCED;
    LOG.log(System.Logger.Level.INFO, "gRPC server shutdown ended outcome=" + reached);
    return reached;
  }

  /** Returns whether the thread was interrupted. */
  private boolean awaitForced(boolean interrupted) {
    if (interrupted) {
      return true;
    }
    try {
      if (!server.awaitTermination(FORCE_NANOS, TimeUnit.NANOSECONDS)) {
        LOG.log(
            System.Logger.Level.WARNING, "gRPC server does not end although calls are cancelled");
      }
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  private void awaitDone() {
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Collects what takes part, and the times. Not safe for use by several threads. */
  public static final class Builder {
    private final Server server;
    private @Nullable ServerHealth health;
    private @Nullable ShutdownGuard guard;
    private Duration propagation = Duration.ofSeconds(5);
    private Duration drain = Duration.ofSeconds(30);

    private Builder(Server server) {
      this.server = server;
    }

    /** Sets the health that says NOT_SERVING. */
    public Builder health(ServerHealth health) {
      this.health = Objects.requireNonNull(health, "health");
      return this;
    }

    /** Sets the guard of the server, for streams to be told. */
    public Builder guard(ShutdownGuard guard) {
      this.guard = Objects.requireNonNull(guard, "guard");
      return this;
    }

    /** Sets how long to take calls after saying NOT_SERVING: 5 s unless set; may be zero. */
    public Builder propagation(Duration propagation) {
      this.propagation = notNegative("propagation", propagation);
      return this;
    }

    /** Sets how long to wait for open calls: 30 s unless set; may be zero. */
    public Builder drain(Duration drain) {
      this.drain = notNegative("drain", drain);
      return this;
    }

    /** Returns the shutdown; nothing happens before {@link GracefulShutdown#run}. */
    public GracefulShutdown build() {
      return new GracefulShutdown(this);
    }

    private static Duration notNegative(String name, Duration duration) {
      if (duration.isNegative()) {
        throw new IllegalArgumentException(name + ": " + duration + " (expected: >= 0)");
      }
      return duration;
    }
  }
}
