// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.roentgen.examples.shop.Service.Killable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Runs services, kills them when it is told to, and starts them again after a while. */
final class Supervisor implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Supervisor.class.getName());
  private static final long RETRY_MILLIS = 500;

  /** Starts a service, where it was before. */
  interface Starter {
    /** Returns the service once it serves. */
    Killable start() throws Exception;
  }

  private final Duration restart;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "supervisor");
            thread.setDaemon(true);
            return thread;
          });

  @GuardedBy("this")
  private final Map<String, Starter> starters = new LinkedHashMap<>();

  @GuardedBy("this")
  private final Map<String, Killable> live = new LinkedHashMap<>();

  @GuardedBy("this")
  private boolean closed;

  Supervisor(Duration restart) {
    this.restart = restart;
  }

  /** Takes over a service that has started. */
  synchronized void add(String name, Killable running, Starter starter) {
    starters.put(name, starter);
    live.put(name, running);
  }

  /** Returns the names of those that live, in the order in which they were added. */
  synchronized List<String> live() {
    List<String> names = new ArrayList<>(starters.keySet());
    names.retainAll(live.keySet());
    return names;
  }

  /** Kills a service, if it lives; it comes back after the time that this was made with. */
  void kill(String name) {
    Killable victim;
    synchronized (this) {
      victim = live.remove(name);
      if (victim == null || closed) {
        return;
      }
      later(name, restart.toMillis());
    }
    victim.kill();
  }

  @GuardedBy("this")
  private void later(String name, long millis) {
    var unused = timer.schedule(() -> startAgain(name), millis, TimeUnit.MILLISECONDS);
  }

  private synchronized void startAgain(String name) {
    Starter starter = starters.get(name);
    if (closed || starter == null) {
      return;
    }
    try {
      live.put(name, starter.start());
      LOG.log(System.Logger.Level.INFO, "{0} is back", name);
    } catch (Exception e) {
      // Its port may not be free yet.
      LOG.log(System.Logger.Level.WARNING, "cannot start " + name + " again; trying on", e);
      later(name, RETRY_MILLIS);
    }
  }

  @Override
  public void close() {
    List<Killable> ending;
    synchronized (this) {
      closed = true;
      ending = new ArrayList<>(live.values());
      live.clear();
    }
    timer.shutdownNow();
    // Who asks ends before who answers: they were added the other way round.
    for (int i = ending.size() - 1; i >= 0; i--) {
      ending.get(i).close();
    }
  }
}
