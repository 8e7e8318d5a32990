// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.sampling.SamplingDecision.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ClientSamplerTest {
  private static final String ID = "0123456789abcdef01234567";
  private static final SamplingRule NOTHING = rule("Default", 0, 0);

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private double random = 0.5;

  private static SamplingRule rule(String name, int reservoirSize, double rate) {
    boolean isDefault = name.equals(SamplingRule.DEFAULT_NAME);
    RequestMatch match =
        isDefault
            ? RequestMatch.ANY
            : new RequestMatch("*", "*", "*", "*", "/" + name + "*", "*", Map.of());
    return new SamplingRule(
        name, isDefault ? SamplingRule.DEFAULT_PRIORITY : 10, reservoirSize, rate, match, null);
  }

  private static SampledRequest request(String path) {
    return new SampledRequest("shop", "", "localhost", "GET", path, "", Map.of());
  }

  private ClientSampler sampler(SamplingRule... local) {
    return new ClientSampler(ID, new RuleSet(List.of(local)), () -> now, () -> random);
  }

  private static boolean decide(ClientSampler sampler, String path) {
    return sampler.decide(request(path)).sampled();
  }

  private SamplingTarget target(String name, double rate, int quota) {
    return new SamplingTarget(name, rate, quota, now.plusSeconds(300), null);
  }

  @Test
  void decide_nothingFetched_isByLocalRulesWithTheirWholeReservoir() {
    ClientSampler sampler = sampler(rule("a", 2, 0.6), NOTHING);
    random = 0.6;
    assertThat(sampler.decide(request("/a")))
        .isEqualTo(new SamplingDecision(true, "a", Source.LOCAL));
    assertThat(decide(sampler, "/a")).isTrue();
    assertThat(decide(sampler, "/a")).isFalse();
    random = 0.59;
    assertThat(decide(sampler, "/a")).isTrue();
    assertThat(sampler.decide(request("/b")))
        .isEqualTo(new SamplingDecision(false, "Default", Source.LOCAL));
    now = now.plusSeconds(400);
    random = 0.9;
    assertThat(decide(sampler, "/a")).isTrue();
    assertThat(sampler.report()).isEmpty();
  }

  @Test
  void decide_noRuleAtAll_isNo() {
    assertThat(sampler().decide(request("/a")))
        .isEqualTo(new SamplingDecision(false, "", Source.LOCAL));
  }

  @Test
  void decide_fetched_borrowsOneASecondUntilTheFirstQuota() {
    ClientSampler sampler = sampler(NOTHING);
    sampler.takeRules(new RuleSet(List.of(rule("a", 9, 0), NOTHING)));
    assertThat(sampler.decide(request("/a")))
        .isEqualTo(new SamplingDecision(true, "a", Source.SERVER));
    assertThat(decide(sampler, "/a")).isFalse();
    assertThat(decide(sampler, "/b")).isFalse();
    now = now.plusSeconds(1);
    assertThat(decide(sampler, "/a")).isTrue();
    assertThat(sampler.report())
        .containsExactly(
            new ClientReport("a", ID, 3, 2, 2), new ClientReport("Default", ID, 1, 0, 0));
    assertThat(sampler.report()).isEmpty();

    sampler.takeTarget(target("a", 0, 3));
    sampler.takeTarget(target("gone", 0, 3));
    now = now.plusSeconds(1);
    for (int i = 0; i < 5; i++) {
      assertThat(decide(sampler, "/a")).isEqualTo(i < 3);
    }
    assertThat(sampler.report()).containsExactly(new ClientReport("a", ID, 5, 3, 0));
    now = now.plusSeconds(300);
    assertThat(decide(sampler, "/a")).isTrue();
    assertThat(decide(sampler, "/a")).as("the quota has expired").isFalse();
  }

  @Test
  void takeTarget_rate_holdsUntilTheRuleItselfChanges() {
    ClientSampler sampler = sampler(NOTHING);
    sampler.takeRules(new RuleSet(List.of(rule("a", 0, 1), NOTHING)));
    assertThat(decide(sampler, "/a")).isTrue();
    sampler.takeTarget(target("a", 0, 0));
    assertThat(decide(sampler, "/a")).isFalse();
    sampler.takeRules(new RuleSet(List.of(rule("a", 0, 1), NOTHING)));
    assertThat(decide(sampler, "/a")).as("the rule is as it was").isFalse();
    sampler.takeRules(new RuleSet(List.of(rule("a", 0, 0.9), NOTHING)));
    assertThat(decide(sampler, "/a")).isTrue();
  }

  @Test
  void takeTarget_boost_isInThePlaceOfTheRateForAWhile() {
    ClientSampler sampler = sampler(NOTHING);
    sampler.takeRules(new RuleSet(List.of(rule("a", 0, 0), NOTHING)));
    Instant until = now.plusSeconds(60);
    sampler.takeTarget(new SamplingTarget("a", 0, 0, until, new SamplingTarget.Boost(0.51, until)));
    assertThat(decide(sampler, "/a")).isTrue();
    now = until;
    assertThat(decide(sampler, "/a")).isFalse();
  }

  @Test
  void takeRules_ruleGoesOn_keepsCountsAndQuota() {
    ClientSampler sampler = sampler(NOTHING);
    sampler.takeRules(new RuleSet(List.of(rule("a", 9, 0), rule("b", 1, 0), NOTHING)));
    sampler.takeTarget(target("a", 0, 4));
    assertThat(decide(sampler, "/a")).isTrue();
    assertThat(decide(sampler, "/b")).isTrue();
    sampler.takeRules(new RuleSet(List.of(rule("a", 2, 0), NOTHING)));
    assertThat(decide(sampler, "/a")).isTrue();
    assertThat(decide(sampler, "/a")).as("no more than the reservoir is now").isFalse();
    assertThat(sampler.report()).containsExactly(new ClientReport("a", ID, 3, 2, 0));
  }

  @Test
  void decide_rulesOlderThanAnHour_isByLocalRulesUntilTheyAreFetchedAgain() {
    ClientSampler sampler = sampler(rule("Default", 0, 1));
    sampler.takeRules(new RuleSet(List.of(NOTHING)));
    now = now.plus(ClientSampler.RULES_VALID);
    assertThat(decide(sampler, "/a")).isFalse();
    now = now.plusMillis(1);
    assertThat(sampler.decide(request("/a")))
        .isEqualTo(new SamplingDecision(true, "Default", Source.LOCAL));
    sampler.takeRules(new RuleSet(List.of(NOTHING)));
    assertThat(decide(sampler, "/a")).isFalse();
  }

  @Test
  void decide_fetchedRulesMatchNot_isByLocalRules() {
    ClientSampler sampler = sampler(rule("Default", 0, 1));
    sampler.takeRules(new RuleSet(List.of(rule("a", 0, 0))));
    assertThat(decide(sampler, "/a")).isFalse();
    assertThat(sampler.decide(request("/b")).source()).isEqualTo(Source.LOCAL);
  }

  @Test
  void clientId_ofAnotherForm_isRefused() {
    assertThatThrownBy(
            () -> new ClientSampler("x", new RuleSet(List.of()), () -> now, () -> random))
        .hasMessage("clientId: x (expected: 24 of 0-9 and a-f)");
  }

  @Test
  void decide_severalThreads_neverTakeMoreThanTheReservoir() throws Exception {
    random = 1;
    ClientSampler sampler = sampler(NOTHING);
    sampler.takeRules(new RuleSet(List.of(rule("a", 500, 0), NOTHING)));
    sampler.takeTarget(target("a", 0, 500));
    Callable<Long> work =
        () -> {
          long sampled = 0;
          for (int i = 0; i < 1_000; i++) {
            sampled += decide(sampler, "/a") ? 1 : 0;
          }
          return sampled;
        };
    long sampled = 0;
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (Future<Long> each : threads.invokeAll(List.of(work, work, work, work))) {
        sampled += each.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(sampled).isEqualTo(500);
    assertThat(sampler.report()).containsExactly(new ClientReport("a", ID, 4_000, 500, 0));
  }

  /** What a client has sampled in the second that is simulated. */
  private static final class Client {
    private final ClientSampler sampler;
    private boolean granted;

    private Client(ClientSampler sampler) {
      this.sampler = sampler;
    }
  }

  /**
   * Clients that come one after the other share a reservoir by the server's arithmetic over some
   * minutes; each has requests all the time, and reports every ten seconds at a time of its own.
   */
  @Property(tries = 60)
  void clientsOfOneServer_anyTraffic_sampleNoMoreThanReservoirBorrowedAndRate(
      @ForAll @IntRange(max = 30) int reservoirSize,
      @ForAll @IntRange(min = 1, max = 6) int clientCount,
      @ForAll @IntRange(max = 10) int rateTenths,
      @ForAll long seed) {
    Random traffic = new Random(seed);
    Random dice = new Random(seed + 1);
    long[] byRate = new long[1];
    SamplingRule rule = rule("a", reservoirSize, rateTenths / 10.0);
    SamplingTargets server = new SamplingTargets(() -> now);
    List<Client> clients = new ArrayList<>();
    long reported = 0;
    long requests = 0;
    long reportedSampled = 0;
    long sampled = 0;
    for (int second = 0; second < 240; second++) {
      if (second % 15 == 0 && clients.size() < clientCount) {
        String id = String.format("%024x", clients.size() + 1);
        ClientSampler sampler =
            new ClientSampler(
                id,
                new RuleSet(List.of(NOTHING)),
                () -> now,
                () -> {
                  double value = dice.nextDouble();
                  byRate[0] += value < rule.fixedRate() ? 1 : 0;
                  return value;
                });
        sampler.takeRules(new RuleSet(List.of(rule, NOTHING)));
        clients.add(new Client(sampler));
      }
      byRate[0] = 0;
      long sampledNow = 0;
      int borrowing = 0;
      for (Client client : clients) {
        int count = 1 + traffic.nextInt(10);
        requests += count;
        for (int i = 0; i < count; i++) {
          sampledNow += decide(client.sampler, "/a") ? 1 : 0;
        }
        borrowing += client.granted ? 0 : 1;
      }
      assertThat(sampledNow - byRate[0])
          .as("second %s", second)
          .isLessThanOrEqualTo(reservoirSize + (reservoirSize == 0 ? 0 : borrowing));
      sampled += sampledNow;
      for (int i = 0; i < clients.size(); i++) {
        Client client = clients.get(i);
        if ((second + 3 * i) % 10 == 9) {
          for (ClientReport report : client.sampler.report()) {
            assertThat(report.borrowCount()).isLessThanOrEqualTo(client.granted ? 0 : 10);
            reported += report.requestCount();
            reportedSampled += report.sampledCount();
            client.sampler.takeTarget(server.report(rule, report));
            client.granted = true;
          }
        }
      }
      now = now.plus(Duration.ofSeconds(1));
    }
    for (Client client : clients) {
      for (ClientReport report : client.sampler.report()) {
        reported += report.requestCount();
        reportedSampled += report.sampledCount();
      }
    }
    assertThat(reported).isEqualTo(requests);
    assertThat(reportedSampled).isEqualTo(sampled);
  }
}
