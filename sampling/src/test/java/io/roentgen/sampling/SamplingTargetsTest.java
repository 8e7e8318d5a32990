// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SamplingTargetsTest {
  private static final Duration FORGET_AFTER = SamplingTargets.INTERVAL.multipliedBy(3);

  private Instant now = Instant.parse("2026-01-01T00:00:03Z");
  private SamplingTargets targets = new SamplingTargets(() -> now);

  private static SamplingRule rule(int reservoirSize, RateBoost boost) {
    return new SamplingRule("r", 1, reservoirSize, 0.05, RequestMatch.ANY, boost);
  }

  private SamplingTarget report(SamplingRule rule, String client) {
    return targets.report(rule, new ClientReport(rule.name(), client, 10, 2, 1));
  }

  private int quota(int reservoirSize, String client) {
    return report(rule(reservoirSize, null), client).quota();
  }

  @Test
  void report_oneClient_getsTheWholeReservoirForFiveMinutes() {
    assertThat(report(rule(7, null), "a"))
        .isEqualTo(new SamplingTarget("r", 0.05, 7, now.plus(Duration.ofMinutes(5)), null));
    assertThat(quota(7, "a")).isEqualTo(7);
  }

  @Test
  void report_newClient_getsItsShareWhenTheOthersHaveReportedAgain() {
    assertThat(quota(10, "a")).isEqualTo(10);
    assertThat(quota(10, "b")).isZero();
    assertThat(quota(10, "a")).isEqualTo(5);
    assertThat(quota(10, "b")).isEqualTo(5);
    assertThat(quota(10, "c")).isZero();
    assertThat(quota(10, "a")).isEqualTo(3);
    assertThat(quota(10, "b")).isEqualTo(4);
    assertThat(quota(10, "c")).isEqualTo(3);
    assertThat(quota(10, "a")).isEqualTo(3);
    assertThat(quota(10, "b")).as("what does not divide stays").isEqualTo(4);
  }

  @Test
  void report_clientGone_isSharedByTheOthersAfterThreeIntervals() {
    assertThat(quota(1, "a")).isOne();
    now = now.plus(FORGET_AFTER);
    assertThat(quota(1, "b")).isZero();
    now = now.plusMillis(1);
    assertThat(quota(1, "b")).isOne();
  }

  @Test
  void report_reservoirMadeSmaller_givesNoMoreThanThat() {
    assertThat(quota(10, "a")).isEqualTo(10);
    assertThat(quota(4, "b")).isZero();
    assertThat(quota(4, "a")).isEqualTo(2);
    assertThat(quota(4, "b")).isEqualTo(2);
  }

  @Test
  void report_ofAnotherRule_isRefused() {
    assertThatThrownBy(
            () -> targets.report(SamplingRule.ofDefault(), new ClientReport("r", "a", 1, 1, 1)))
        .hasMessage("ruleName: r (expected: Default)");
  }

  /** A step: which client reports, and how many seconds later. */
  @Property(tries = 500)
  void quotas_anyReports_areNeverMoreThanTheReservoir(
      @ForAll @IntRange(max = 20) int reservoirSize,
      @ForAll @Size(max = 60) List<@IntRange(max = 119) Integer> steps) {
    targets = new SamplingTargets(() -> now);
    Map<String, Integer> quotas = new HashMap<>();
    Map<String, Instant> reported = new HashMap<>();
    for (int step : steps) {
      now = now.plusSeconds(step / 8);
      String client = "c" + step % 8;
      quotas.put(client, quota(reservoirSize, client));
      reported.put(client, now);
      quotas.keySet().removeIf(each -> reported.get(each).plus(FORGET_AFTER).isBefore(now));
      assertThat(quotas.values().stream().mapToInt(Integer::intValue).sum())
          .isLessThanOrEqualTo(reservoirSize);
    }
  }

  @Property(tries = 200)
  void quotas_afterEveryoneHasReportedTwice_areEvenAndAllOfTheReservoir(
      @ForAll @IntRange(max = 50) int reservoirSize,
      @ForAll @IntRange(min = 1, max = 9) int count) {
    targets = new SamplingTargets(() -> now);
    int[] quotas = new int[count];
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < count; i++) {
        quotas[i] = quota(reservoirSize, "c" + i);
      }
    }
    assertThat(Arrays.stream(quotas).sum()).isEqualTo(reservoirSize);
    assertThat(Arrays.stream(quotas).boxed())
        .allMatch(quota -> quota == reservoirSize / count || quota == reservoirSize / count + 1);
  }

  @Test
  void statistics_reports_areSummedByWindowAndRule() {
    SamplingRule other = SamplingRule.ofDefault();
    report(rule(1, null), "a");
    report(rule(1, null), "b");
    report(other, "a");
    now = now.plusSeconds(7);
    report(rule(1, null), "a");
    Instant first = Instant.parse("2026-01-01T00:00:00Z");
    assertThat(targets.statistics())
        .containsExactly(
            new StatisticsWindow("Default", first, 10, 2, 1),
            new StatisticsWindow("r", first, 20, 4, 2),
            new StatisticsWindow("r", first.plusSeconds(10), 10, 2, 1));
    now = now.plus(SamplingTargets.KEPT);
    assertThat(targets.statistics())
        .containsExactly(new StatisticsWindow("r", first.plusSeconds(10), 10, 2, 1));
    now = now.plusSeconds(1);
    assertThat(targets.statistics()).isEmpty();
  }

  private void anomalies(SamplingRule rule, long count, long sampled) {
    targets.report(rule, new AnomalyReport("r", "shop", count, 1_000, sampled));
  }

  @Test
  void boost_anomaliesNotSampled_lastsAMinuteAndThenCoolsDown() {
    SamplingRule rule = rule(1, new RateBoost(0.5, 10));
    assertThat(report(rule, "a").boost()).isNull();
    anomalies(rule, 40, 2);
    Instant expiry = now.plusSeconds(60);
    assertThat(report(rule, "a").boost()).isEqualTo(new SamplingTarget.Boost(0.25, expiry));

    now = now.plusSeconds(30);
    anomalies(rule, 1, 0);
    assertThat(report(rule, "b").boost()).isEqualTo(new SamplingTarget.Boost(0.25, expiry));
    now = expiry;
    assertThat(report(rule, "a").boost()).isNull();
    now = expiry.plusSeconds(539);
    anomalies(rule, 1, 0);
    assertThat(report(rule, "a").boost()).isNull();
    now = expiry.plusSeconds(540);
    anomalies(rule, 1, 0);
    assertThat(report(rule, "a").boost())
        .isEqualTo(new SamplingTarget.Boost(0.5, now.plusSeconds(60)));
    targets.forget("r");
    assertThat(report(rule, "a").boost()).isNull();
  }

  @Test
  void boost_notNeededOrNotAllowed_isNotGiven() {
    SamplingRule rule = rule(1, new RateBoost(0.5, 10));
    anomalies(rule, 3, 3);
    anomalies(rule, 0, 0);
    assertThat(report(rule, "a").boost()).isNull();
    anomalies(rule, 10_000, 0);
    assertThat(report(rule, "a").boost()).as("the fixed rate samples enough").isNull();
    SamplingRule without = rule(1, null);
    anomalies(without, 3, 0);
    assertThat(report(without, "a").boost()).isNull();
  }
}
