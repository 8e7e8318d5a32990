// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.intake;

import com.linecorp.armeria.server.ServiceRequestContext;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Until when an answer is worth working for. Safe for use by several threads.
 *
 * <p>A search in a store cannot be broken off from outside: whoever has it run in steps asks before
 * each whether to go on.
 */
public final class Deadline {
  /** Room for what remains to be done once the last step is. */
  private static final Duration RESERVE = Duration.ofSeconds(5);

  private final long endNanos;
  private final BooleanSupplier gone;

  private Deadline(Duration time, BooleanSupplier gone) {
    endNanos = System.nanoTime() + time.toNanos();
    this.gone = gone;
  }

  /** Thrown when it is no use to go on. */
  public static final class PassedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    PassedException(String message) {
      super(message, null, false, false);
    }
  }

  /** Returns one that passes after a time, or as soon as nobody wants the answer. */
  public static Deadline in(Duration time, BooleanSupplier gone) {
    return new Deadline(time, gone);
  }

  /** Returns one that passes only when nobody wants the answer. */
  public static Deadline unless(BooleanSupplier gone) {
    return new Deadline(Duration.ofDays(365), gone);
  }

  /**
   * Returns that of a request: shortly before the server gives it up, or when the client has left.
   */
  public static Deadline of(ServiceRequestContext ctx) {
    long millis = ctx.requestTimeoutMillis();
    if (millis <= 0) {
      return unless(() -> isGone(ctx));
    }
    long reserve = Math.min(RESERVE.toMillis(), millis / 4);
    long spentNanos = System.nanoTime() - ctx.log().partial().requestStartTimeNanos();
    return in(Duration.ofMillis(millis - reserve).minusNanos(spentNanos), () -> isGone(ctx));
  }

  /** Returns that of the request that this thread works for; one that does not pass for none. */
  public static Deadline ofRequest() {
    ServiceRequestContext ctx = ServiceRequestContext.currentOrNull();
    return ctx == null ? unless(() -> false) : of(ctx);
  }

  private static boolean isGone(ServiceRequestContext ctx) {
    return ctx.isCancelled() || ctx.isTimedOut() || ctx.log().isComplete();
  }

  /** Returns how much time is left, but no more than {@code most}; zero if none. */
  public Duration left(Duration most) {
    Duration left = left();
    return left.compareTo(most) < 0 ? left : most;
  }

  /** Returns how much time is left; zero if none. */
  public Duration left() {
    return Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
  }

  /**
   * Does nothing if somebody wants the answer, whatever time is left.
   *
   * @throws PassedException if nobody does
   */
  public void checkWanted() {
    if (gone.getAsBoolean()) {
      throw new PassedException("nobody waits for the answer any more");
    }
  }

  /**
   * Does nothing if there is time and somebody wants the answer.
   *
   * @throws PassedException if not
   */
  public void check() {
    checkWanted();
    if (left().isZero()) {
      throw new PassedException(
          "range: too much to look at in the time of one request (expected: a shorter range)");
    }
  }
}
