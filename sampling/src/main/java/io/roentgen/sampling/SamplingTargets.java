// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of sampling: takes what clients report of rules and gives each its share. Keeps
 * all in memory, for {@link #KEPT} at the most. Safe for use by several threads.
 */
public final class SamplingTargets {
  /** How often a client is to report. */
  public static final Duration INTERVAL = Duration.ofSeconds(10);

  /** For how long a share is a client's own. */
  public static final Duration QUOTA_TTL = Duration.ofMinutes(5);

  /** The length of a window of statistics. */
  public static final Duration WINDOW = Duration.ofSeconds(10);

  /** For how long statistics are kept. */
  public static final Duration KEPT = Duration.ofHours(1);

  /** For how long a rate is boosted. */
  public static final Duration BOOST = Duration.ofMinutes(1);

  private static final Duration FORGET_AFTER = INTERVAL.multipliedBy(3);

  /** How many anomalies of a report a boost aims to have sampled. */
  private static final double WANTED_ANOMALIES = INTERVAL.toSeconds();

  private final InstantSource clock;
  private final Map<String, SharedReservoir> reservoirs = new HashMap<>();
  private final Map<String, SamplingTarget.Boost> boosts = new HashMap<>();
  private final TreeMap<Long, TreeMap<String, StatisticsWindow>> windows = new TreeMap<>();

  /** Makes one that has heard of nobody. */
  public SamplingTargets(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Takes a report of {@code rule} and returns what the client is to do.
   *
   * @throws IllegalArgumentException if the report is of another rule
   */
  public synchronized SamplingTarget report(SamplingRule rule, ClientReport report) {
    requireSameName(rule, report.ruleName());
    Instant now = clock.instant();
    count(report, now);
    int quota =
        reservoirs
            .computeIfAbsent(rule.name(), name -> new SharedReservoir(FORGET_AFTER))
            .share(report.clientId(), rule.reservoirSize(), now);
    return new SamplingTarget(
        rule.name(), rule.fixedRate(), quota, now.plus(QUOTA_TTL), boost(rule, now));
  }

  private static void requireSameName(SamplingRule rule, String name) {
    SamplingRule.require(rule.name().equals(name), "ruleName", name, rule.name());
  }

  private void count(ClientReport report, Instant now) {
    long start = Math.floorDiv(now.getEpochSecond(), WINDOW.toSeconds()) * WINDOW.toSeconds();
    windows.headMap(now.minus(KEPT).getEpochSecond()).clear();
    windows
        .computeIfAbsent(start, second -> new TreeMap<>())
        .merge(
            report.ruleName(),
            new StatisticsWindow(
                report.ruleName(),
                Instant.ofEpochSecond(start),
                report.requestCount(),
                report.sampledCount(),
                report.borrowCount()),
            SamplingTargets::sum);
  }

  private static StatisticsWindow sum(StatisticsWindow a, StatisticsWindow b) {
    return new StatisticsWindow(
        a.ruleName(),
        a.start(),
        a.requestCount() + b.requestCount(),
        a.sampledCount() + b.sampledCount(),
        a.borrowCount() + b.borrowCount());
  }

  private SamplingTarget.@Nullable Boost boost(SamplingRule rule, Instant now) {
    SamplingTarget.Boost boost = boosts.get(rule.name());
    return boost == null || rule.rateBoost() == null || !now.isBefore(boost.expiry())
        ? null
        : boost;
  }

  /**
   * Takes a report of anomalies. If some were not sampled, the rule has a {@link RateBoost} and is
   * not cooling down, its rate is boosted for {@link #BOOST}: as far as it takes to sample about
   * one anomaly a second, and not above {@link RateBoost#maxRate}. Does nothing for other rules.
   */
  public synchronized void report(SamplingRule rule, AnomalyReport report) {
    requireSameName(rule, report.ruleName());
    RateBoost allowed = rule.rateBoost();
    if (allowed == null || report.anomalyCount() <= report.sampledAnomalyCount()) {
      return;
    }
    Instant now = clock.instant();
    SamplingTarget.Boost last = boosts.get(rule.name());
    if (last != null) {
      Instant coolUntil =
          last.expiry().minus(BOOST).plus(Duration.ofMinutes(allowed.cooldownWindowMinutes()));
      if (now.isBefore(last.expiry()) || now.isBefore(coolUntil)) {
        return;
      }
    }
    double rate = Math.min(allowed.maxRate(), WANTED_ANOMALIES / report.anomalyCount());
    if (rate > rule.fixedRate()) {
      boosts.put(rule.name(), new SamplingTarget.Boost(rate, now.plus(BOOST)));
    }
  }

  /** Returns what was reported within {@link #KEPT}, sorted by time and then rule. */
  public synchronized List<StatisticsWindow> statistics() {
    List<StatisticsWindow> all = new ArrayList<>();
    windows
        .tailMap(clock.instant().minus(KEPT).getEpochSecond())
        .values()
        .forEach(rules -> all.addAll(rules.values()));
    return all;
  }

  /** Forgets the clients and boosts of a rule that was deleted; its statistics are kept. */
  public synchronized void forget(String ruleName) {
    reservoirs.remove(ruleName);
    boosts.remove(ruleName);
  }
}
