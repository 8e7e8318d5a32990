// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamplingMessagesTest {
  private static final String RULE =
      """
      {"RuleName": "moves", "RuleARN": "arn:aws:xray:us-east-1:1:sampling-rule/moves",
       "ResourceARN": "*", "Priority": 100, "FixedRate": 0.25, "ReservoirSize": 3,
       "ServiceName": "shop", "ServiceType": "*", "Host": "*", "HTTPMethod": "POST",
       "URLPath": "/shop.Moves/*", "Version": 1, "Attributes": {"tier": "gold"},
       "SamplingRateBoost": {"MaxRate": 0.5, "CooldownWindowMinutes": 10}}\
      """;
  private static final String DEFAULT =
      """
      {"RuleName": "Default", "ResourceARN": "*", "Priority": 10000, "FixedRate": 0.05,
       "ReservoirSize": 1, "ServiceName": "*", "ServiceType": "*", "Host": "*",
       "HTTPMethod": "*", "URLPath": "*", "Version": 1, "Attributes": {}}\
      """;

  private static String records(String... rules) {
    StringBuilder json = new StringBuilder("{\"SamplingRuleRecords\": [");
    for (int i = 0; i < rules.length; i++) {
      json.append(i == 0 ? "" : ", ")
          .append("{\"CreatedAt\": 0, \"ModifiedAt\": ")
          .append(1_700_000_000 + i)
          .append(".5, \"New\": [[{}]], \"SamplingRule\": ")
          .append(rules[i])
          .append('}');
    }
    return json.append("], \"NextToken\": null}").toString();
  }

  @Test
  void rules_ofAnAnswer_areRead() throws RuleFileException {
    SamplingMessages.Rules rules = SamplingMessages.rules(records(RULE, DEFAULT));
    assertThat(rules.rules())
        .containsExactly(
            new SamplingRule(
                "moves",
                100,
                3,
                0.25,
                new RequestMatch(
                    "shop", "*", "*", "POST", "/shop.Moves/*", "*", Map.of("tier", "gold")),
                new RateBoost(0.5, 10)),
            SamplingRule.ofDefault());
    assertThat(rules.refused()).isEmpty();
    assertThat(rules.lastModification())
        .isEqualTo(Instant.ofEpochSecond(1_700_000_001, 500_000_000));
    assertThat(rules.nextToken()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"Version\": 1 | \"Version\": 2 | Version: 2 (expected: 1)",
        "\"Priority\": 100 | \"Priority\": 0 | priority: 0 (expected: 1 to 9999)",
        "\"Priority\": 100 | \"Priority\": 1.5 | Priority: 1.5 (expected: a whole number, 0 or more)",
        "\"FixedRate\": 0.25 | \"FixedRate\": 1.1 | FixedRate: 1.1 (expected: 0 to 1)",
        "\"FixedRate\": 0.25 | \"FixedRate\": 1e-999999999 |",
        "\"ReservoirSize\": 3 | \"ReservoirSize\": 1e999999999 | ReservoirSize: 1E+999999999 (expected: a whole number, 0 or more)",
        "\"Host\": \"*\" | \"Host\": null | Host: null (expected: a string)",
        "\"RuleName\": \"moves\" | \"RuleName\": \"a\\nb\" | RuleName: 'a?b' (expected: 1 to 32 characters, none of them / or control)",
        "\"RuleName\": \"moves\" | \"RuleName\": {\"a\": 1} | RuleName: an object (expected: a string)",
        "{\"tier\": \"gold\"} | {\"tier\": 1} | Attributes: 1 (expected: strings)",
        "{\"tier\": \"gold\"} | null |",
        "\"MaxRate\": 0.5 | \"MaxRate\": [] | MaxRate: an array (expected: 0 to 1)",
      })
  void rules_oneThatCannotBeUsed_costsOnlyItself(String valid, String changed, String expected)
      throws RuleFileException {
    SamplingMessages.Rules rules =
        SamplingMessages.rules(records(RULE.replace(valid, changed), DEFAULT));
    assertThat(rules.rules()).contains(SamplingRule.ofDefault());
    if (expected == null) {
      assertThat(rules.refused()).isEmpty();
      assertThat(rules.rules()).hasSize(2);
    } else {
      assertThat(rules.refused()).containsExactly(expected);
      assertThat(rules.rules()).hasSize(1);
    }
  }

  @Test
  void rules_nameAgain_keepsTheFirst() throws RuleFileException {
    SamplingMessages.Rules rules =
        SamplingMessages.rules(records(RULE, RULE.replace("0.25", "0.75")));
    assertThat(rules.rules()).extracting(SamplingRule::fixedRate).containsExactly(0.25);
    assertThat(rules.refused()).containsExactly("RuleName: 'moves' (expected: each name once)");
  }

  @Test
  void rules_nextToken_asksForTheNextPage() throws RuleFileException {
    SamplingMessages.Rules rules =
        SamplingMessages.rules("{\"SamplingRuleRecords\": [], \"NextToken\": \"a\\\"b\\u0001\"}");
    assertThat(rules.nextToken()).isEqualTo("a\"b\u0001");
    assertThat(SamplingMessages.rulesRequest(rules.nextToken()))
        .isEqualTo("{\"NextToken\":\"a\\\"b\\u0001\"}");
    assertThat(SamplingMessages.rulesRequest(null)).isEqualTo("{}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{}",
        "<html>502 Bad Gateway</html>",
        "{\"SamplingRuleRecords\": {}}",
        "{\"SamplingRuleRecords\": []",
        "{\"SamplingRuleRecords\": []} {}",
        "{\"message\": \"The security token included in the request is invalid.\"}",
      })
  void rules_noSuchAnswer_isRefused(String answer) {
    assertThatThrownBy(() -> SamplingMessages.rules(answer))
        .isInstanceOf(RuleFileException.class)
        .hasMessageContaining("expected: ");
  }

  @Test
  void answer_tooDeepOrTooLong_isRefused() {
    String deep = "[".repeat(100_000);
    assertThatThrownBy(() -> SamplingMessages.rules("{\"a\": " + deep))
        .hasMessageContaining("answer: deeper");
    String spaces = String.join("", Collections.nCopies(SamplingMessages.MAX_LENGTH, " "));
    assertThatThrownBy(() -> SamplingMessages.targets(spaces + "{}"))
        .hasMessageContaining("answer: 1048578 characters (expected: at most 1048576)");
  }

  @Test
  void targetsRequest_hasWhatWasDone() {
    String id = "0123456789abcdef01234567";
    assertThat(
            SamplingMessages.targetsRequest(
                List.of(
                    new ClientReport("a", id, 110, 20, 10), new ClientReport("b\"\\", id, 1, 0, 0)),
                Instant.ofEpochSecond(1_700_000_000, 999)))
        .isEqualTo(
            "{\"SamplingStatisticsDocuments\":["
                + "{\"RuleName\":\"a\",\"ClientID\":\""
                + id
                + "\",\"Timestamp\":1700000000,"
                + "\"RequestCount\":110,\"SampledCount\":20,\"BorrowCount\":10},"
                + "{\"RuleName\":\"b\\\"\\\\\",\"ClientID\":\""
                + id
                + "\",\"Timestamp\":1700000000,"
                + "\"RequestCount\":1,\"SampledCount\":0,\"BorrowCount\":0}]}");
    List<ClientReport> many = Collections.nCopies(26, new ClientReport("a", id, 1, 0, 0));
    assertThatThrownBy(() -> SamplingMessages.targetsRequest(many, Instant.EPOCH))
        .hasMessage("reports: 26 (expected: at most 25)");
  }

  @Test
  void targets_ofAnAnswer_areRead() throws RuleFileException {
    SamplingMessages.Targets targets =
        SamplingMessages.targets(
            """
            {"SamplingTargetDocuments": [
               {"RuleName": "a", "FixedRate": 0.1, "ReservoirQuota": 4,
                "ReservoirQuotaTTL": 1.7000003E9, "Interval": 20,
                "SamplingBoost": {"BoostRate": 0.9, "BoostRateTTL": 1700000060}},
               {"RuleName": "b", "FixedRate": 0, "ReservoirQuota": null, "Interval": 10},
               {"RuleName": "c", "FixedRate": 2}],
             "LastRuleModification": 1700000000.25,
             "UnprocessedBoostStatistics": [],
             "UnprocessedStatistics": [{"RuleName": "d", "ErrorCode": "404", "Message": "gone"}]}
            """);
    assertThat(targets.targets())
        .containsExactly(
            new SamplingTarget(
                "a",
                0.1,
                4,
                Instant.ofEpochSecond(1_700_000_300),
                new SamplingTarget.Boost(0.9, Instant.ofEpochSecond(1_700_000_060))),
            new SamplingTarget("b", 0, 0, Instant.EPOCH, null));
    assertThat(targets.refused())
        .containsExactly("FixedRate: 2 (expected: 0 to 1)", "'d': '404', 'gone'");
    assertThat(targets.lastRuleModification())
        .isEqualTo(Instant.ofEpochSecond(1_700_000_000, 250_000_000));
    assertThat(targets.interval()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void targets_oddTimes_areRefused() throws RuleFileException {
    SamplingMessages.Targets targets =
        SamplingMessages.targets(
            """
            {"SamplingTargetDocuments": [{"RuleName": "a", "FixedRate": 0.1, "ReservoirQuota": 4,
               "ReservoirQuotaTTL": 1e999999999}], "LastRuleModification": "yesterday"}
            """);
    assertThat(targets.targets()).isEmpty();
    assertThat(targets.lastRuleModification()).isNull();
    assertThat(targets.interval()).isNull();
    assertThat(targets.refused())
        .containsExactly(
            "ReservoirQuotaTTL: 1E+999999999 (expected: a time in epoch seconds)",
            "LastRuleModification: 'yesterday' (expected: a time in epoch seconds)");
  }
}
