// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query.insight;

import java.util.ArrayDeque;

/**
 * What share of the requests of one entity is hit as a rule, and whether a minute is out of the
 * rule.
 *
 * <p>The rule is the share over the {@value #HISTORY_MINUTES} minutes with traffic before, taken
 * two standard errors too high, as little history tells little. A stretch of time with {@code n}
 * requests, {@code k} of them hit, is unusual if under the rule {@code p} the Chernoff bound of the
 * chance of so many, {@code exp(-n KL(k/n || p))}, is less than {@value #CHANCE}. This bound is
 * exact enough far out, where a normal distribution is not, and holds for few requests. (H.
 * Chernoff, "A measure of asymptotic efficiency for tests of a hypothesis based on the sum of
 * observations", 1952.) As hits come in bunches where requests share a cause, the exponent is
 * divided by {@code 1 + (n - 1) rho}, as the variance of a beta-binomial distribution is larger,
 * with {@code rho} from the moments of the history's minutes (J. G. Skellam, "A probability
 * distribution derived from the binomial distribution by regarding the probability of success as
 * variable between the sets of trials", 1948).
 *
 * <p>Two stretches are looked at: single minutes, two out of the last three of which must be
 * unusual, and the last {@value #WINDOW_MINUTES} minutes together, which find what is too thin for
 * a minute.
 */
final class Baseline {
  /** How much of the past makes the rule. */
  static final int HISTORY_MINUTES = 120;

  private static final int WINDOW_MINUTES = 5;
  private static final double CHANCE = 1e-6;
  private static final double EXPONENT = -Math.log(CHANCE);
  private static final int MIN_HISTORY_MINUTES = 10;
  private static final int MIN_HISTORY_REQUESTS = 30;
  private static final int MIN_HITS = 3;

  /** Shares wander a little even where the last two hours did not show it. */
  private static final double MIN_RHO = 0.001;

  /**
   * What happened in a minute.
   *
   * @param unusual whether it was out of the rule by itself
   * @param excluded whether it is kept out of the rule
   */
  private record Minute(long total, long hits, boolean unusual, boolean excluded) {}

  /** How much larger the share of hits must be to be worth a person's while. */
  private final double minRise;

  private final ArrayDeque<Minute> history = new ArrayDeque<>();
  private final ArrayDeque<Minute> recent = new ArrayDeque<>();
  private long historyTotal;
  private long historyHits;

  Baseline(double minRise) {
    this.minRise = minRise;
  }

  /** Takes the next minute and returns whether the entity is out of its rule by now. */
  boolean observe(long total, long hits) {
    boolean unusual = known() && isUnusual(total, hits);
    recent.addLast(new Minute(total, hits, unusual, unusual));
    while (recent.size() > WINDOW_MINUTES) {
      learn(recent.removeFirst());
    }
    boolean out = known() && (unusualMinutes(3) >= 2 || unusualWindow());
    if (out && !unusual) {
      recent.removeLast();
      recent.addLast(new Minute(total, hits, false, true));
    }
    return out;
  }

  /** Returns how many minutes ago, the last one being 0, the present trouble began. */
  int minutesSinceOnset() {
    int minutes = recent.size() - 1;
    for (Minute minute : recent) {
      if (minute.excluded) {
        return minutes;
      }
      minutes--;
    }
    return 0;
  }

  /** Forgets the rule, so that what is the case now becomes it. */
  void relearn() {
    history.clear();
    historyTotal = 0;
    historyHits = 0;
    recent.clear();
  }

  /** Returns the share of requests that is hit as a rule. */
  double share() {
    return historyTotal == 0 ? 0 : (double) historyHits / historyTotal;
  }

  /**
   * Returns how much more the number of hits among {@code total} requests varies than it would for
   * independent requests, at least 1.
   */
  private double dispersion(long total) {
    double share = (historyHits + 0.5) / (historyTotal + 1.0);
    double surplus = 0;
    double pairs = 0;
    for (Minute minute : history) {
      double deviation = minute.hits - minute.total * share;
      surplus += deviation * deviation - minute.total * share * (1 - share);
      pairs += (double) minute.total * (minute.total - 1) * share * (1 - share);
    }
    return 1 + (total - 1) * (pairs <= 0 ? MIN_RHO : Math.max(MIN_RHO, surplus / pairs));
  }

  private boolean known() {
    return history.size() >= MIN_HISTORY_MINUTES && historyTotal >= MIN_HISTORY_REQUESTS;
  }

  private boolean isUnusual(long total, long hits) {
    if (hits < MIN_HITS) {
      return false;
    }
    double share = share();
    double rule = (historyHits + 1.0) / (historyTotal + 1.0);
    rule += 2 * Math.sqrt(rule * Math.max(0, 1 - rule) / historyTotal);
    rule = Math.min(rule, 1);
    double now = (double) hits / total;
    return now > rule
        && now >= share + minRise
        && total * divergence(now, rule) / dispersion(total) > EXPONENT;
  }

  /** Returns the Kullback-Leibler divergence of two coins, in nats. */
  private static double divergence(double a, double b) {
    if (b >= 1) {
      return 0;
    }
    double heads = a * Math.log(a / b);
    return a >= 1 ? heads : heads + (1 - a) * Math.log((1 - a) / (1 - b));
  }

  private int unusualMinutes(int ofLast) {
    int skip = recent.size() - ofLast;
    int count = 0;
    for (Minute minute : recent) {
      if (skip-- <= 0 && minute.unusual) {
        count++;
      }
    }
    return count;
  }

  /** Returns whether the last minutes are unusual even without their worst, which may be a blip. */
  private boolean unusualWindow() {
    long total = 0;
    long hits = 0;
    Minute worst = recent.getFirst();
    for (Minute minute : recent) {
      total += minute.total;
      hits += minute.hits;
      worst = minute.hits > worst.hits ? minute : worst;
    }
    return recent.getLast().hits > 0 && isUnusual(total - worst.total, hits - worst.hits);
  }

  /** Adds a minute to the rule, unless it is what the rule must be kept from. */
  private void learn(Minute minute) {
    if (minute.total == 0 || minute.excluded) {
      return;
    }
    history.addLast(minute);
    historyTotal += minute.total;
    historyHits += minute.hits;
    while (history.size() > HISTORY_MINUTES) {
      Minute old = history.removeFirst();
      historyTotal -= old.total;
      historyHits -= old.hits;
    }
  }
}
