// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks a name up again and again. A look-up that fails after a good one is logged and leaves the
 * backends as they are: told of it, pick_first would hang up on backends that work.
 *
 * <p>All fields are of the channel's synchronization context; look-ups run on its offload executor.
 */
final class PollingNameResolver extends NameResolver {
  private static final Logger LOG = System.getLogger(PollingNameResolver.class.getName());

  /** Finds the backends of one name. */
  interface Lookup {
    /** Returns the backends, at least one; blocks. Throws whatever went wrong. */
    List<EquivalentAddressGroup> backends() throws Exception;

    /** Returns whether backends found now are those found before, so that nobody is told again. */
    default boolean isSame(
        List<EquivalentAddressGroup> before, List<EquivalentAddressGroup> backends) {
      return before.equals(backends);
    }
  }

  /**
   * How often to look: each {@code interval}, and on demand not before {@code least} has passed.
   */
  record Pace(Duration interval, Duration least) {}

  private final String name;
  private final String authority;
  private final Lookup lookup;
  private final Pace pace;
  private final LongSupplier nanoClock;
  private final SynchronizationContext syncContext;
  private final ScheduledExecutorService scheduler;
  private final Executor offload;
  private @Nullable Listener2 listener;
  private SynchronizationContext.@Nullable ScheduledHandle next;
  private boolean running;
  private boolean found;
  private List<EquivalentAddressGroup> accepted = List.of();
  private int failures;
  private boolean shutdown;
  private long lastNanos;

  PollingNameResolver(
      String name, String authority, Args args, Lookup lookup, Pace pace, LongSupplier nanoClock) {
    this.name = name;
    this.authority = authority;
    this.lookup = lookup;
    this.pace = pace;
    this.nanoClock = nanoClock;
    this.syncContext = args.getSynchronizationContext();
    this.scheduler = args.getScheduledExecutorService();
    Executor executor = args.getOffloadExecutor();
    // A channel always has one.
    this.offload = executor == null ? scheduler : executor;
  }

  @Override
  public String getServiceAuthority() {
    return authority;
  }

  @Override
  public void start(Listener2 listener) {
    this.listener = listener;
    look();
  }

  /** The channel asks when a connection broke. */
  @Override
  public void refresh() {
    if (running || shutdown || listener == null) {
      return;
    }
    long waitNanos = lastNanos + pace.least().toNanos() - nanoClock.getAsLong();
    if (waitNanos <= 0) {
      look();
    } else {
      schedule(waitNanos);
    }
  }

  @Override
  public void shutdown() {
    shutdown = true;
    cancelNext();
  }

  private void look() {
    if (shutdown || running) {
      return;
    }
    running = true;
    cancelNext();
    try {
      offload.execute(this::lookAndReport);
    } catch (RejectedExecutionException e) {
      report(null, e);
    }
  }

  private void lookAndReport() {
    List<EquivalentAddressGroup> backends = null;
    Exception failure = null;
    try {
      backends = lookup.backends();
      if (backends.isEmpty()) {
        failure = new IllegalStateException("no backends (expected: at least one)");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure = e;
    } catch (Exception e) {
      failure = e;
    }
    List<EquivalentAddressGroup> result = backends;
    Exception error = failure;
    syncContext.execute(() -> report(result, error));
  }

  private void report(@Nullable List<EquivalentAddressGroup> backends, @Nullable Exception error) {
    running = false;
    lastNanos = nanoClock.getAsLong();
    Listener2 to = listener;
    if (shutdown || to == null) {
      return;
    }
    if (backends != null && error == null) {
      if (failures > 0) {
        LOG.log(Level.INFO, "name resolved again name={0} failures={1}", name, failures);
      }
      failures = 0;
      found = true;
      // Outlier detection counts from the beginning whenever it is told of backends.
      boolean known = lookup.isSame(accepted, backends) || tell(to, backends);
      schedule(known ? pace.interval().toNanos() : pace.least().toNanos());
      return;
    }
    failures++;
    if (!found) {
      to.onResult2(
          ResolutionResult.newBuilder()
              .setAddressesOrError(
                  StatusOr.fromStatus(
                      Status.UNAVAILABLE
                          .withDescription("cannot resolve " + name + ": " + reason(error))
                          .withCause(error)))
              .build());
    } else if (failures == 1) {
      LOG.log(
          Level.WARNING, "cannot resolve name again, its known backends stay name=" + name, error);
    }
    schedule(pace.least().toNanos());
  }

  /** Returns whether the balancer takes them; if not, it is told again. */
  private boolean tell(Listener2 to, List<EquivalentAddressGroup> backends) {
    Status taken =
        to.onResult2(
            ResolutionResult.newBuilder()
                .setAddressesOrError(StatusOr.fromValue(backends))
                .build());
    accepted = taken.isOk() ? backends : List.of();
    return taken.isOk();
  }

  private static String reason(@Nullable Exception error) {
    if (error == null) {
      return "no answer";
    }
    String message = error.getMessage();
    return error instanceof IllegalArgumentException || error instanceof IllegalStateException
        ? String.valueOf(message)
        : error.getClass().getSimpleName() + (message == null ? "" : ": " + message);
  }

  private void schedule(long delayNanos) {
    cancelNext();
    next = syncContext.schedule(this::look, delayNanos, TimeUnit.NANOSECONDS, scheduler);
  }

  private void cancelNext() {
    if (next != null) {
      next.cancel();
      next = null;
    }
  }
}
