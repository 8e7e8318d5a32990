// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** A client's use of one rule: its share of the reservoir, its rate and its counts. */
final class RuleUse {
  private final InstantSource clock;
  private final DoubleSupplier random;
  private final Reservoir reservoir;
  private SamplingRule rule;
  private double rate;
  private SamplingTarget.@Nullable Boost boost;
  private long requestCount;
  private long sampledCount;
  private long borrowCount;

  RuleUse(SamplingRule rule, InstantSource clock, DoubleSupplier random) {
    this.rule = rule;
    this.clock = clock;
    this.random = random;
    rate = rule.fixedRate();
    reservoir = new Reservoir(rule.reservoirSize(), clock);
  }

  /** Has the whole reservoir for its own, for good. */
  RuleUse alone() {
    reservoir.grant(rule.reservoirSize(), Instant.MAX);
    return this;
  }

  /** Takes note of how the rule is now; counts and share are kept. */
  synchronized void change(SamplingRule now) {
    if (now.equals(rule)) {
      // What a target has said since is newer than the rule.
      return;
    }
    rule = now;
    rate = now.fixedRate();
    reservoir.resize(now.reservoirSize());
  }

  synchronized void take(SamplingTarget target) {
    rate = target.fixedRate();
    boost = target.boost();
    reservoir.grant(target.quota(), target.quotaExpiry());
  }

  /** Counts a request and returns whether it is traced. */
  synchronized boolean decide() {
    requestCount++;
    Reservoir.Take take = reservoir.take();
    boolean sampled = take != Reservoir.Take.NONE || random.getAsDouble() < rateNow();
    sampledCount += sampled ? 1 : 0;
    borrowCount += take == Reservoir.Take.BORROWED ? 1 : 0;
    return sampled;
  }

  private double rateNow() {
    return boost != null && clock.instant().isBefore(boost.expiry()) ? boost.rate() : rate;
  }

  /** Returns the counts since the last call and starts over; empty if there was no request. */
  synchronized Optional<ClientReport> report(String clientId) {
    if (requestCount == 0) {
      return Optional.empty();
    }
    ClientReport report =
        new ClientReport(rule.name(), clientId, requestCount, sampledCount, borrowCount);
    requestCount = 0;
    sampledCount = 0;
    borrowCount = 0;
    return Optional.of(report);
  }
}
