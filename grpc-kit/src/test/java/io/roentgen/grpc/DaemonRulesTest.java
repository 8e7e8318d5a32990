// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.roentgen.sampling.RequestMatch;
import io.roentgen.sampling.RuleSet;
import io.roentgen.sampling.SamplingRule;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of the daemon and when, on a clock that the test moves. */
class DaemonRulesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** Differs from all of the server's: no rule says so. */
  private static final SamplingRule LOCAL =
      new SamplingRule("Default", 10_000, 0, 0, RequestMatch.ANY, null);

  private final FakeDaemon daemon = new FakeDaemon();
  private final RuleSampler sampler =
      new RuleSampler(new RuleSet(List.of(LOCAL)), "", () -> now(), () -> 0.5);
  private Duration elapsed = Duration.ZERO;

  private final DaemonRules rules =
      new DaemonRules(sampler, daemon, () -> now(), () -> elapsed.toNanos(), () -> 0.5);

  private Instant now() {
    return START.plus(elapsed);
  }

  /** Answers with the rules and targets that a test sets, and keeps what it was asked. */
  private final class FakeDaemon implements DaemonRules.Daemon {
    final List<String> asked = new ArrayList<>();
    final List<JsonNode> reports = new ArrayList<>();
    final List<String> rules = new ArrayList<>();
    double modifiedAt;
    @Nullable String answer;
    boolean isDown;
    int quota = -1;
    int interval = 10;
    int pages = 1;

    @Override
    public String post(String path, String body) throws IOException {
      asked.add(elapsed.toSeconds() + path);
      if (isDown) {
        throw new IOException("connection refused");
      }
      if (answer != null) {
        return answer;
      }
      JsonNode request = JSON.readTree(body);
      return path.equals("/GetSamplingRules") ? rules(request) : targets(request);
    }

    private String rules(JsonNode request) {
      int page = request.path("NextToken").asInt();
      List<String> here = new ArrayList<>();
      for (int i = page; i < rules.size(); i += pages) {
        here.add(rules.get(i));
      }
      return "{\"SamplingRuleRecords\":["
          + String.join(",", here)
          + "],\"NextToken\":"
          + (page + 1 < pages ? "\"" + (page + 1) + "\"" : "null")
          + "}";
    }

    private String targets(JsonNode request) {
      List<String> targets = new ArrayList<>();
      for (JsonNode report : request.get("SamplingStatisticsDocuments")) {
        reports.add(report);
        targets.add(
            "{\"RuleName\":"
                + report.get("RuleName")
                + ",\"FixedRate\":0,\"Interval\":"
                + interval
                + (quota < 0
                    ? ""
                    : ",\"ReservoirQuota\":"
                        + quota
                        + ",\"ReservoirQuotaTTL\":"
                        + now().plusSeconds(300).getEpochSecond())
                + "}");
      }
      return "{\"SamplingTargetDocuments\":["
          + String.join(",", targets)
          + "],\"LastRuleModification\":"
          + modifiedAt
          + ",\"UnprocessedStatistics\":[]}";
    }

    void rule(String name, int priority, int reservoir, double rate, String path) {
      rules.add(
          """
          {"CreatedAt": 1, "ModifiedAt": %s, "SamplingRule": {"RuleName": "%s", "Priority": %d,
           "ReservoirSize": %d, "FixedRate": %s, "ServiceName": "*", "ServiceType": "*",
           "Host": "*", "HTTPMethod": "*", "URLPath": "%s", "ResourceARN": "*", "Version": 1,
           "Attributes": {}}}"""
              .formatted(modifiedAt, name, priority, reservoir, rate, path));
    }
  }

  private void advance(long millis) {
    long until = elapsed.plusMillis(millis).toNanos();
    while (true) {
      long wait = rules.step();
      if (elapsed.toNanos() + wait > until) {
        elapsed = Duration.ofNanos(until);
        return;
      }
      elapsed = elapsed.plusNanos(wait);
    }
  }

  private CallSampler.Sampled decide(String method) {
    return rules.decide("shop", method, "shop:50051");
  }

  @Test
  void decide_beforeRulesCome_isByLocalRules() {
    daemon.rule("all", 1, 0, 1, "*");
    assertThat(decide("shop.Carts/Add")).isEqualTo(new CallSampler.Sampled(false, "Default"));
    advance(0);
    assertThat(decide("shop.Carts/Add")).isEqualTo(new CallSampler.Sampled(true, "all"));
  }

  @Test
  void decide_rulesOfAMethod_matchByItsPath() {
    daemon.rule("carts", 1, 0, 1, "/shop.Carts/*");
    daemon.rule("Default", 10_000, 0, 0, "*");
    advance(0);
    assertThat(decide("shop.Carts/Add")).isEqualTo(new CallSampler.Sampled(true, "carts"));
    assertThat(decide("shop.Orders/Add")).isEqualTo(new CallSampler.Sampled(false, "Default"));
  }

  @Test
  void rules_onSeveralPages_areAllFetched() {
    daemon.pages = 3;
    for (int i = 0; i < 7; i++) {
      daemon.rule("r" + i, 1, 0, 1, "/s/" + i);
    }
    advance(0);
    for (int i = 0; i < 7; i++) {
      assertThat(decide("s/" + i).rule()).isEqualTo("r" + i);
    }
    assertThat(daemon.asked).hasSize(3);
  }

  @Test
  void rules_nobodyCalls_areFetchedEveryFiveMinutesAndNothingIsReported() {
    daemon.rule("all", 1, 0, 1, "*");
    advance(Duration.ofMinutes(11).toMillis());
    assertThat(daemon.asked)
        .containsExactly("0/GetSamplingRules", "302/GetSamplingRules", "605/GetSamplingRules");
  }

  @Test
  void rules_daemonGoneForAnHour_giveWayToLocalOnes() {
    daemon.rule("all", 1, 0, 1, "*");
    advance(0);
    daemon.isDown = true;
    advance(Duration.ofMinutes(59).toMillis());
    assertThat(decide("s/m").rule()).isEqualTo("all");
    advance(Duration.ofMinutes(3).toMillis());
    assertThat(decide("s/m")).isEqualTo(new CallSampler.Sampled(false, "Default"));
    daemon.isDown = false;
    advance(Duration.ofMinutes(2).toMillis());
    assertThat(decide("s/m").rule()).isEqualTo("all");
  }

  @Test
  void daemon_absent_isTriedAgainEverLessOften() {
    daemon.isDown = true;
    advance(Duration.ofMinutes(4).toMillis());
    assertThat(daemon.asked)
        .containsExactly(
            "0/GetSamplingRules",
            "5/GetSamplingRules",
            "15/GetSamplingRules",
            "35/GetSamplingRules",
            "75/GetSamplingRules",
            "135/GetSamplingRules",
            "195/GetSamplingRules");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no json",
        "{}",
        "{\"SamplingRuleRecords\": 1, \"SamplingTargetDocuments\": 1}",
        "{\"message\": \"Internal failure\"}"
      })
  void answer_isNone_keepsTheRulesAndAsksAgain(String answer) {
    daemon.rule("all", 1, 0, 1, "*");
    advance(0);
    daemon.answer = answer;
    for (int i = 0; i < 40; i++) {
      assertThat(decide("s/m").rule()).isEqualTo("all");
      advance(Duration.ofSeconds(10).toMillis());
    }
    int asked = daemon.asked.size();
    daemon.answer = null;
    advance(Duration.ofMinutes(2).toMillis());
    assertThat(daemon.asked).hasSizeGreaterThan(asked);
    decide("s/m");
    advance(Duration.ofSeconds(11).toMillis());
    assertThat(daemon.reports).isNotEmpty();
    assertThat(decide("s/m")).isEqualTo(new CallSampler.Sampled(false, "all"));
  }

  @Test
  void report_everyTenSeconds_hasWhatWasDoneSince() {
    daemon.rule("one", 1, 1, 0, "/s/one");
    daemon.rule("two", 2, 0, 1, "/s/two");
    daemon.rule("idle", 3, 0, 1, "/s/idle");
    advance(0);
    for (int i = 0; i < 3; i++) {
      decide("s/one");
    }
    decide("s/two");
    advance(10_100);
    assertThat(daemon.reports).hasSize(2);
    JsonNode one = daemon.reports.get(0);
    assertThat(one.get("RuleName").asText()).isEqualTo("one");
    assertThat(one.get("ClientID").asText()).matches("[0-9a-f]{24}");
    assertThat(one.get("Timestamp").asLong()).isEqualTo(START.plusSeconds(10).getEpochSecond());
    assertThat(one.get("RequestCount").asInt()).isEqualTo(3);
    assertThat(one.get("BorrowCount").asInt()).isEqualTo(1);
    assertThat(one.get("SampledCount").asInt()).isEqualTo(1);
    assertThat(daemon.reports.get(1).get("SampledCount").asInt()).isEqualTo(1);
    advance(10_100);
    assertThat(daemon.reports).hasSize(2);
  }

  @Test
  void report_ofManyRules_isInPartsOf25() {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < 60; i++) {
      daemon.rule("r" + i, 1, 0, 1, "/s/" + i);
      names.add("r" + i);
    }
    advance(0);
    for (int i = 0; i < 60; i++) {
      decide("s/" + i);
    }
    advance(10_100);
    assertThat(daemon.asked).filteredOn(path -> path.endsWith("/SamplingTargets")).hasSize(3);
    assertThat(daemon.reports)
        .extracting(report -> report.get("RuleName").asText())
        .containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void quota_granted_isUsedUp() {
    daemon.rule("all", 1, 10, 0, "*");
    advance(0);
    assertThat(sampledOf(20)).isEqualTo(1);
    daemon.quota = 4;
    advance(11_000);
    assertThat(sampledOf(20)).isEqualTo(4);
    advance(1_000);
    assertThat(sampledOf(20)).isEqualTo(4);
  }

  private int sampledOf(int calls) {
    int sampled = 0;
    for (int i = 0; i < calls; i++) {
      sampled += decide("s/m").isSampled() ? 1 : 0;
    }
    return sampled;
  }

  @Test
  void interval_ofTheAnswer_isFollowed() {
    daemon.rule("all", 1, 0, 1, "*");
    daemon.interval = 25;
    advance(0);
    for (int i = 0; i < 60; i++) {
      decide("s/m");
      advance(1_000);
    }
    assertThat(daemon.asked)
        .containsExactly("0/GetSamplingRules", "10/SamplingTargets", "35/SamplingTargets");
  }

  @Test
  void rule_changed_isFetchedWithTheNextReport() {
    daemon.modifiedAt = 1000;
    daemon.rule("all", 1, 0, 1, "*");
    advance(0);
    decide("s/m");
    advance(10_100);
    daemon.rules.clear();
    daemon.modifiedAt = 1000.5;
    daemon.rule("all", 1, 0, 0, "*");
    daemon.rule("new", 2, 0, 1, "*");
    decide("s/m");
    advance(10_100);
    decide("s/m");
    advance(10_100);
    assertThat(daemon.asked)
        .containsExactly(
            "0/GetSamplingRules",
            "10/SamplingTargets",
            "20/SamplingTargets",
            "20/GetSamplingRules",
            "30/SamplingTargets");
  }

  @Test
  void rule_deleted_isForgottenWithTheNextReport() {
    daemon.modifiedAt = 1000;
    daemon.rule("all", 1, 0, 1, "*");
    daemon.rule("Default", 10_000, 0, 0, "*");
    advance(0);
    daemon.rules.remove(0);
    // No rule that is left says when that was.
    daemon.modifiedAt = 2000;
    decide("s/m");
    advance(10_100);
    assertThat(decide("s/m").rule()).isEqualTo("Default");
    advance(20_200);
    assertThat(daemon.asked).filteredOn(path -> path.endsWith("/GetSamplingRules")).hasSize(2);
  }

  @Test
  void builder_samplerAndPolling_areNotBoth() {
    assertThatThrownBy(
            () ->
                GrpcKit.builder("shop")
                    .environment(Map.of())
                    .sampler(CallSampler.ALWAYS)
                    .pollSamplingRules(true)
                    .build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("pollSamplingRules: with sampler (expected: one that decides)");
  }
}
