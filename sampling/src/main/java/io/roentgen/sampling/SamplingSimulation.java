// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Works out how many of some requests rules would have traced, on average: in each second the
 * reservoir of the rule, and its rate of the others. Clients are taken to share the reservoir
 * without loss, rate boosts are left out. Not safe for use by several threads.
 */
public final class SamplingSimulation {
  private final RuleSet rules;
  private final Map<String, Map<Long, Long>> countsBySecond = new HashMap<>();
  private long requestCount;

  /** Makes one without requests. */
  public SamplingSimulation(RuleSet rules) {
    this.rules = rules;
  }

  /**
   * What a rule would have done.
   *
   * @param matchedCount requests that it decides about
   * @param reservoirCount those of them that the reservoir has room for
   * @param expectedCount those that are traced: these and the rate of the others
   */
  public record Outcome(
      SamplingRule rule, long matchedCount, long reservoirCount, double expectedCount) {}

  /** Adds a request that began in a second since 1970. */
  public void add(SampledRequest request, long epochSecond) {
    requestCount++;
    rules
        .find(request)
        .ifPresent(
            rule ->
                countsBySecond
                    .computeIfAbsent(rule.name(), name -> new HashMap<>())
                    .merge(epochSecond, 1L, Long::sum));
  }

  /** Returns how many requests were added, those that no rule matches too. */
  public long requestCount() {
    return requestCount;
  }

  /** Returns what each rule would have done, in the order in which they are tried. */
  public List<Outcome> outcomes() {
    List<Outcome> outcomes = new ArrayList<>();
    for (SamplingRule rule : rules.rules()) {
      long matched = 0;
      long reservoir = 0;
      for (long count : countsBySecond.getOrDefault(rule.name(), Map.of()).values()) {
        matched += count;
        reservoir += Math.min(count, rule.reservoirSize());
      }
      outcomes.add(
          new Outcome(
              rule, matched, reservoir, reservoir + rule.fixedRate() * (matched - reservoir)));
    }
    return outcomes;
  }
}
