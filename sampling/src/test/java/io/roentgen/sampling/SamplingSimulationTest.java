// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.sampling.SamplingSimulation.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SamplingSimulationTest {
  private static final SamplingRule ORDERS =
      new SamplingRule(
          "orders",
          10,
          2,
          0.25,
          new RequestMatch("*", "*", "*", "POST", "/order*", "*", Map.of()),
          null);

  private Instant now = Instant.EPOCH;

  private static SampledRequest request(String method, String path) {
    return new SampledRequest("shop", "", "localhost", method, path, "", Map.of());
  }

  @Test
  void outcomes_fillTheReservoirOfEachSecondFirst() {
    SamplingSimulation simulation =
        new SamplingSimulation(new RuleSet(List.of(SamplingRule.ofDefault(), ORDERS)));
    for (int i = 0; i < 6; i++) {
      simulation.add(request("POST", "/orders"), 100);
    }
    simulation.add(request("POST", "/order/7"), 101);
    simulation.add(request("GET", "/order/7"), 100);
    assertThat(simulation.requestCount()).isEqualTo(8);
    assertThat(simulation.outcomes())
        .containsExactly(
            new Outcome(ORDERS, 7, 3, 4), new Outcome(SamplingRule.ofDefault(), 1, 1, 1));
  }

  @Test
  void outcomes_noRuleMatches_countsTheRequestOnly() {
    SamplingSimulation simulation = new SamplingSimulation(new RuleSet(List.of(ORDERS)));
    simulation.add(request("GET", "/"), 1);
    assertThat(simulation.requestCount()).isOne();
    assertThat(simulation.outcomes()).containsExactly(new Outcome(ORDERS, 0, 0, 0));
  }

  /** One client that has the whole reservoir decides as often as the simulation expects. */
  @Property(tries = 50)
  void outcomes_anyTraffic_areWhatAClientSamples(
      @ForAll @IntRange(max = 8) int reservoirSize,
      @ForAll @IntRange(max = 10) int rateTenths,
      @ForAll long seed) {
    Random random = new Random(seed);
    SamplingRule rule =
        new SamplingRule(
            SamplingRule.DEFAULT_NAME,
            SamplingRule.DEFAULT_PRIORITY,
            reservoirSize,
            rateTenths / 10.0,
            RequestMatch.ANY,
            null);
    RuleSet rules = new RuleSet(List.of(rule));
    SamplingSimulation simulation = new SamplingSimulation(rules);
    ClientSampler client = new ClientSampler("0".repeat(24), rules, () -> now, random::nextDouble);
    long sampled = 0;
    for (int second = 0; second < 200; second++) {
      now = Instant.ofEpochSecond(second);
      for (int i = random.nextInt(20); i > 0; i--) {
        SampledRequest request = request("GET", "/");
        simulation.add(request, second);
        sampled += client.decide(request).sampled() ? 1 : 0;
      }
    }
    Outcome outcome = simulation.outcomes().get(0);
    long rest = outcome.matchedCount() - outcome.reservoirCount();
    double deviation = Math.sqrt(rest * rule.fixedRate() * (1 - rule.fixedRate()));
    // Six standard deviations: less than one in a hundred million runs is beyond.
    assertThat(Math.abs(sampled - outcome.expectedCount()))
        .isLessThanOrEqualTo(6 * deviation + 1e-6);
  }
}
