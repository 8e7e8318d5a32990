// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.roentgen.sampling.ClientReport;
import io.roentgen.sampling.ClientSampler;
import io.roentgen.sampling.RuleFileException;
import io.roentgen.sampling.RuleSet;
import io.roentgen.sampling.SamplingMessages;
import io.roentgen.sampling.SamplingRule;
import io.roentgen.sampling.SamplingTarget;
import io.roentgen.sampling.SamplingTargets;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides by the rules of the X-Ray daemon, which one thread fetches and reports to; calls only
 * read what it has left. While there are no rules, or they are too old, local ones decide.
 *
 * <p>Rules are fetched every {@link ClientSampler#RULES_INTERVAL}, and as soon as an answer to a
 * report says that any was changed since. What was to be reported when the daemon does not answer
 * is given up, as it may have been counted there.
 *
 * <p>Source: aws-xray-sdk-java 2.21.0 for the intervals; unlike it, changed rules are followed.
 */
final class DaemonRules implements CallSampler {
  /** Asks the daemon. */
  interface Daemon extends AutoCloseable {
    /** Returns the body of the answer. */
    String post(String path, String body) throws IOException;

    @Override
    default void close() {}
  }

  /** How long is waited at first when the daemon does not answer; each time twice as long. */
  static final Duration FIRST_RETRY = Duration.ofSeconds(5);

  /** How long is waited at the most when it does not. */
  static final Duration LAST_RETRY = Duration.ofMinutes(1);

  /** The most that is added to the interval of rules, so that not all clients come at once. */
  static final Duration RULES_JITTER = Duration.ofSeconds(5);

  /** The most that is added to the interval of reports. */
  static final Duration REPORT_JITTER = Duration.ofMillis(100);

  private static final System.Logger LOG = System.getLogger(DaemonRules.class.getName());
  private static final int MAX_PAGES = 20;
  private static final Duration LONGEST_INTERVAL = ClientSampler.RULES_INTERVAL;
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

  private final RuleSampler rules;
  private final Daemon daemon;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final DoubleSupplier random;
  private final Thread thread;

  // All that follows is the thread's own.
  private long rulesDue;
  private long reportDue;
  private int fetchesFailed;
  private int reportsFailed;
  private boolean known;
  private boolean saidRefused;

  /** The server's time of the last change that the rules here have in them. */
  private @Nullable Instant followed;

  private volatile boolean closing;

  /**
   * Makes one that decides by local rules until it is started.
   *
   * @param rules what decides; nobody else gives it rules
   * @param random gives numbers of 0 to 1, 1 excluded
   */
  DaemonRules(
      RuleSampler rules,
      Daemon daemon,
      InstantSource clock,
      LongSupplier nanoTime,
      DoubleSupplier random) {
    this.rules = rules;
    this.daemon = daemon;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.random = random;
    rulesDue = nanoTime.getAsLong();
    reportDue = rulesDue + jittered(SamplingTargets.INTERVAL, REPORT_JITTER);
    thread = new Thread(this::run, "roentgen-sampling");
    thread.setDaemon(true);
  }

  DaemonRules start() {
    thread.start();
    return this;
  }

  @Override
  public Sampled decide(String service, String name, @Nullable String authority) {
    return rules.decide(service, name, authority);
  }

  private void run() {
    while (!closing) {
      long wait;
      try {
        wait = step();
      } catch (RuntimeException e) {
        LOG.log(Level.WARNING, "sampling rules not followed; local rules decide in an hour", e);
        wait = LAST_RETRY.toNanos();
      }
      long until = nanoTime.getAsLong() + wait;
      for (long left = wait; left > 0 && !closing; left = until - nanoTime.getAsLong()) {
        LockSupport.parkNanos(this, left);
      }
    }
  }

  /** Does what is due, and returns for how many nanoseconds nothing is. */
  long step() {
    if (isDue(rulesDue)) {
      fetch();
    }
    if (isDue(reportDue) && !closing) {
      report();
      if (isDue(rulesDue) && !closing) {
        fetch();
      }
    }
    long now = nanoTime.getAsLong();
    return Math.max(0, Math.min(rulesDue - now, reportDue - now));
  }

  private boolean isDue(long nanos) {
    return nanoTime.getAsLong() - nanos >= 0;
  }

  private long jittered(Duration interval, Duration jitter) {
    return interval.toNanos() + (long) (jitter.toNanos() * random.getAsDouble());
  }

  private void fetch() {
    Map<String, SamplingRule> all = new LinkedHashMap<>();
    Instant modified = null;
    int refused = 0;
    try {
      String token = null;
      int page = 0;
      do {
        SamplingMessages.Rules read =
            SamplingMessages.rules(
                daemon.post(SamplingMessages.RULES_PATH, SamplingMessages.rulesRequest(token)));
        read.rules().forEach(rule -> all.putIfAbsent(rule.name(), rule));
        refused += read.refused().size();
        sayRefused(read.refused());
        Instant last = read.lastModification();
        modified = last != null && (modified == null || last.isAfter(modified)) ? last : modified;
        token = read.nextToken();
        page++;
      } while (token != null && page < MAX_PAGES);
    } catch (IOException | RuleFileException e) {
      rulesDue = nanoTime.getAsLong() + failed(fetchesFailed, e);
      fetchesFailed++;
      return;
    }
    rules.sampler.takeRules(new RuleSet(all.values()));
    // A rule that was deleted shows in the answers to reports only; the first may cost a fetch.
    if (followed == null || (modified != null && modified.isAfter(followed))) {
      followed = modified;
    }
    rulesDue = nanoTime.getAsLong() + jittered(ClientSampler.RULES_INTERVAL, RULES_JITTER);
    LOG.log(
        known && fetchesFailed == 0 ? Level.DEBUG : Level.INFO,
        "sampling rules fetched daemon=" + daemon + " rules=" + all.size() + " refused=" + refused);
    known = true;
    fetchesFailed = 0;
  }

  private void report() {
    List<ClientReport> reports = rules.sampler.report();
    long wait = jittered(SamplingTargets.INTERVAL, REPORT_JITTER);
    for (int from = 0; from < reports.size() && !closing; from += SamplingMessages.MAX_REPORTS) {
      int to = Math.min(reports.size(), from + SamplingMessages.MAX_REPORTS);
      try {
        SamplingMessages.Targets targets =
            SamplingMessages.targets(
                daemon.post(
                    SamplingMessages.TARGETS_PATH,
                    SamplingMessages.targetsRequest(reports.subList(from, to), clock.instant())));
        for (SamplingTarget target : targets.targets()) {
          rules.sampler.takeTarget(target);
        }
        sayRefused(targets.refused());
        follow(targets.lastRuleModification());
        Duration interval = targets.interval();
        if (interval != null && from == 0) {
          wait =
              jittered(
                  interval.compareTo(LONGEST_INTERVAL) > 0 ? LONGEST_INTERVAL : interval,
                  REPORT_JITTER);
        }
        reportsFailed = 0;
      } catch (IOException | RuleFileException e) {
        wait = Math.max(wait, failed(reportsFailed, e));
        reportsFailed++;
        break;
      }
    }
    reportDue = nanoTime.getAsLong() + wait;
  }

  /** Has rules fetched if any was changed after those here were. */
  private void follow(@Nullable Instant modified) {
    if (modified != null && (followed == null || modified.isAfter(followed))) {
      followed = modified;
      rulesDue = nanoTime.getAsLong();
    }
  }

  /** Says so, once until it goes well again; returns for how long to wait. */
  private long failed(int before, Exception e) {
    if (!closing) {
      LOG.log(
          before == 0 ? Level.WARNING : Level.DEBUG,
          "sampling rules not followed daemon="
              + daemon
              + (known ? "; the last rules count for an hour" : "; local rules decide")
              + ": start the daemon, set "
              + DaemonAddress.VARIABLE
              + ", or switch polling off with GrpcKit.Builder.pollSamplingRules(false)",
          e);
    }
    long wait = FIRST_RETRY.toNanos() << Math.min(before, 10);
    return (long) (Math.min(wait, LAST_RETRY.toNanos()) * (0.8 + 0.4 * random.getAsDouble()));
  }

  private void sayRefused(List<String> refused) {
    if (!refused.isEmpty()) {
      LOG.log(
          saidRefused ? Level.DEBUG : Level.WARNING,
          "sampling rules or targets not used count="
              + refused.size()
              + " first="
              + refused.get(0));
      saidRefused = true;
    }
  }

  /** Stops the thread; what is not reported is given up. May be called twice. */
  @Override
  public void close() {
    closing = true;
    daemon.close();
    LockSupport.unpark(thread);
    try {
      thread.join(CLOSE_TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
