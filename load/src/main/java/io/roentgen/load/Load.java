// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.io.InterruptedIOException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A run of load: {@link #run} makes the requests and returns when the last one has ended.
 *
 * <p>In an open loop a request is meant to start at a fixed time. When it cannot, because too many
 * wait for their answers, it starts late, and its latency is counted from the time at which it was
 * meant to: what a stalled server does to those that come later is seen. What is due and could not
 * be sent until the end is a failed request.
 *
 * <p>{@link #stop} and the counters may be called by other threads.
 */
public final class Load {
  private static final Duration LAST_WAIT = Duration.ofSeconds(5);

  private final Scenario scenario;
  private final Shape shape;
  private final Limits limits;
  private final long seed;
  private final Pace pace;
  private final ExecutorService executor;
  private final List<Tally> tallies = new ArrayList<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile boolean stopped;

  /** A run of the scenario, in virtual threads. */
  public Load(Scenario scenario, Shape shape, Limits limits) {
    this(scenario, shape, limits, 1, Pace.real(), Executors.newVirtualThreadPerTaskExecutor());
  }

  Load(
      Scenario scenario,
      Shape shape,
      Limits limits,
      long seed,
      Pace pace,
      ExecutorService executor) {
    this.scenario = scenario;
    this.shape = shape;
    this.limits = limits;
    this.seed = seed;
    this.pace = pace;
    this.executor = executor;
    for (int i = 0; i < scenario.operations().size(); i++) {
      tallies.add(new Tally());
    }
  }

  /**
   * Makes the requests and waits for their answers, for the time-out at most. May be called once.
   */
  public Report run() {
    long start = pace.now();
    long end = start + limits.time().toNanos();
    switch (shape) {
      case Shape.Open open -> runOpen(open, start, end);
      case Shape.Closed closed -> runClosed(closed, end);
    }
    long nanos = Math.min(pace.now(), end) - start;
    finish();
    List<Report.Row> rows = new ArrayList<>();
    for (int i = 0; i < tallies.size(); i++) {
      if (tallies.get(i).requests() > 0) {
        rows.add(tallies.get(i).row(scenario.operations().get(i).name()));
      }
    }
    return new Report(shape, nanos, rows);
  }

  /** Starts no more requests; {@link #run} then returns soon. */
  public void stop() {
    stopped = true;
  }

  /** Returns how many requests have ended. */
  public long requests() {
    return tallies.stream().mapToLong(Tally::requests).sum();
  }

  /** Returns how many of them failed. */
  public long failed() {
    return tallies.stream().mapToLong(Tally::failed).sum();
  }

  /** Returns how many wait for their answers. */
  public int inFlight() {
    return inFlight.get();
  }

  private void runOpen(Shape.Open open, long start, long end) {
    Semaphore slots = new Semaphore(limits.inFlight());
    for (long i = 0; i < limits.count() && !stopped; i++) {
      long intended = start + (long) (i * 1e9 / open.perSecond());
      if (intended - end >= 0) {
        // The schedule is over, the run not quite.
        pace.until(end, () -> stopped);
        return;
      }
      pace.until(intended, () -> stopped);
      if (stopped) {
        return;
      }
      if (!acquire(slots, end)) {
        if (!stopped) {
          unsent(i, open, start, end);
        }
        return;
      }
      Turn turn = turn(i, (int) (i % Shape.MAX_USERS), end);
      executor.execute(
          () -> {
            try {
              make(turn, intended);
            } finally {
              slots.release();
            }
          });
    }
  }

  /** Waits for a slot until the end, or the run is stopped. */
  private boolean acquire(Semaphore slots, long end) {
    try {
      while (!stopped) {
        long left = end - pace.now();
        if (left <= 0) {
          return false;
        }
        if (slots.tryAcquire(Math.min(left, 100_000_000), TimeUnit.NANOSECONDS)) {
          return true;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopped = true;
    }
    return false;
  }

  /** Counts those that were due before the end and never had a slot. */
  private void unsent(long from, Shape.Open open, long start, long end) {
    for (long i = from; i < limits.count(); i++) {
      long intended = start + (long) (i * 1e9 / open.perSecond());
      if (intended - end >= 0) {
        return;
      }
      tallies.get(scenario.choose(turn(i, 0, end).random())).addUnsent(end - intended);
    }
  }

  private void runClosed(Shape.Closed closed, long end) {
    AtomicLong number = new AtomicLong();
    AtomicInteger running = new AtomicInteger(closed.users());
    Semaphore done = new Semaphore(0);
    for (int i = 0; i < closed.users(); i++) {
      int user = i;
      executor.execute(
          () -> {
            try {
              user(closed, user, number, end);
            } finally {
              if (running.decrementAndGet() == 0) {
                done.release();
              }
            }
          });
    }
    try {
      // Users look at the clock between requests; the last of those are waited for in finish().
      while (!stopped && end - pace.now() > 0) {
        if (done.tryAcquire(100, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopped = true;
    }
  }

  private void user(Shape.Closed closed, int user, AtomicLong number, long end) {
    long intended = pace.now();
    while (!stopped && end - intended > 0) {
      long i = number.getAndIncrement();
      if (i >= limits.count()) {
        return;
      }
      Turn turn = turn(i, user, end);
      long shortest = closed.shortestWait().toNanos();
      long longest = closed.longestWait().toNanos();
      intended += shortest == longest ? shortest : turn.random().nextLong(shortest, longest + 1);
      pace.until(Math.min(intended, end), () -> stopped);
      if (stopped || end - intended <= 0 || Thread.currentThread().isInterrupted()) {
        return;
      }
      make(turn, intended);
      intended = pace.now();
    }
  }

  private Turn turn(long number, int user, long end) {
    // Turns are given to threads in any order, and must come out the same for one seed.
    return new Turn(number, user, new SplittableRandom(seed * 0x9E3779B97F4A7C15L + number), end);
  }

  private void make(Turn turn, long intended) {
    int chosen = scenario.choose(turn.random());
    long actual = pace.now();
    inFlight.incrementAndGet();
    Answer answer;
    try {
      answer = scenario.operations().get(chosen).call().make(turn);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      // Who stops a run knows that some have no answer yet; at its end they had their time.
      answer = new Answer("cut off", !stopped, Answer.NOW);
    } catch (Exception e) {
      answer = Answer.failed(name(e));
    } finally {
      inFlight.decrementAndGet();
    }
    long ended = answer.atNanos() == Answer.NOW ? pace.now() : answer.atNanos();
    tallies.get(chosen).add(answer, intended, actual, ended);
  }

  private static String name(Exception e) {
    return e instanceof HttpTimeoutException || e instanceof InterruptedIOException
        ? "timeout"
        : e.getClass().getSimpleName();
  }

  /** Waits for requests that are under way, no longer than a time-out, then cuts them off. */
  private void finish() {
    executor.shutdown();
    try {
      Duration wait = stopped ? Duration.ZERO : limits.timeout().plusSeconds(1);
      if (!executor.awaitTermination(wait.toNanos(), TimeUnit.NANOSECONDS)) {
        var _ = executor.shutdownNow();
        var _ = executor.awaitTermination(LAST_WAIT.toNanos(), TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      var _ = executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
