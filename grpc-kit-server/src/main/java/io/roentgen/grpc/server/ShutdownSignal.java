// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.Context;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells a streaming call that the server shuts down, so that it ends its stream in good order and
 * its client goes elsewhere. Safe for use by several threads.
 *
 * <pre>{@code
 * ShutdownSignal.current().onShutdown(() -> subscription.finish());
 * }</pre>
 */
public final class ShutdownSignal {
  static final Context.Key<ShutdownSignal> KEY = Context.key("roentgen-shutdown-signal");

  // The lock of this object guards both.
  private List<Runnable> actions = List.of();
  private boolean given;

  ShutdownSignal() {}

  /**
   * Returns the signal of the current call; one that is never given if the call is unary or the
   * server has no {@link ShutdownGuard}.
   */
  public static ShutdownSignal current() {
    ShutdownSignal signal = KEY.get();
    return signal == null ? new ShutdownSignal() : signal;
  }

  /** Returns whether the server shuts down. */
  public boolean isGiven() {
    synchronized (this) {
      return given;
    }
  }

  /**
   * Runs an action when the server begins to wait for calls to end; at once if it does so already.
   * It runs on the thread that shuts down, must not block, and must keep in mind that the call's
   * {@code StreamObserver} is for one thread at a time.
   */
  public void onShutdown(Runnable action) {
    synchronized (this) {
      if (!given) {
        List<Runnable> more = new ArrayList<>(actions);
        more.add(action);
        actions = more;
        return;
      }
    }
    action.run();
  }

  /** Takes back what {@link #onShutdown} asked for; does nothing if it was not asked for. */
  public void remove(Runnable action) {
    synchronized (this) {
      List<Runnable> fewer = new ArrayList<>(actions);
      fewer.remove(action);
      actions = fewer;
    }
  }

  void give(System.Logger logger) {
    List<Runnable> due;
    synchronized (this) {
      given = true;
      due = actions;
      actions = List.of();
    }
    for (Runnable action : due) {
      try {
        action.run();
      } catch (RuntimeException e) {
        // The other streams are to be told all the same.
        logger.log(System.Logger.Level.WARNING, "stream's shutdown action failed", e);
      }
    }
  }
}
