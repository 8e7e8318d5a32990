// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RuleSetTest {
  private static final SamplingRule DEFAULT = SamplingRule.ofDefault();

  private static SamplingRule rule(String name, int priority, RequestMatch match) {
    return new SamplingRule(name, priority, 1, 0.5, match, null);
  }

  private static RequestMatch path(String pattern) {
    return new RequestMatch("*", "*", "*", "*", pattern, "*", Map.of());
  }

  private static SampledRequest request(String path, Map<String, String> attributes) {
    return new SampledRequest("shop", "", "shop.example", "GET", path, "", attributes);
  }

  @Test
  void rules_anyOrder_areSortedByPriorityThenName() {
    SamplingRule b = rule("b", 5, path("/b"));
    SamplingRule a = rule("a", 5, path("/a"));
    SamplingRule first = rule("z", 1, path("/z"));
    assertThat(new RuleSet(List.of(DEFAULT, b, first, a)).rules())
        .containsExactly(first, a, b, DEFAULT);
  }

  @Test
  void find_severalMatch_theFirstDecides() {
    SamplingRule wide = rule("wide", 20, path("/*"));
    SamplingRule narrow = rule("narrow", 10, path("/api/*"));
    var rules = new RuleSet(List.of(DEFAULT, wide, narrow));
    assertThat(rules.find(request("/api/x", Map.of()))).contains(narrow);
    assertThat(rules.find(request("/x", Map.of()))).contains(wide);
    assertThat(rules.find(request("", Map.of()))).contains(DEFAULT);
    assertThat(new RuleSet(List.of(narrow)).find(request("/x", Map.of()))).isEmpty();
  }

  @Test
  void find_attributes_mustAllBeThereAndMatch() {
    var match =
        new RequestMatch("*", "*", "*", "*", "*", "*", Map.of("tier", "g*", "region", "eu-?"));
    SamplingRule rule = rule("gold", 1, match);
    var rules = new RuleSet(List.of(rule));
    assertThat(rules.find(request("/", Map.of("tier", "Gold", "region", "eu-1", "x", "y"))))
        .contains(rule);
    assertThat(rules.find(request("/", Map.of("tier", "gold")))).isEmpty();
    assertThat(rules.find(request("/", Map.of("tier", "gold", "region", "us-1")))).isEmpty();
  }

  @Test
  void find_missingProperty_onlyMatchesAnything() {
    var empty = new SampledRequest("", "", "", "", "", "", Map.of());
    assertThat(new RuleSet(List.of(rule("a", 1, path("?*")))).find(empty)).isEmpty();
    assertThat(new RuleSet(List.of(rule("a", 1, path("*")))).find(empty)).isPresent();
  }

  @Test
  void construct_sameNameTwice_isRefused() {
    assertThatThrownBy(() -> new RuleSet(List.of(DEFAULT, DEFAULT)))
        .hasMessage("name: Default (expected: each name once)");
  }

  @Test
  void rule_outOfBounds_isRefused() {
    assertThatThrownBy(() -> rule("a", 0, RequestMatch.ANY))
        .hasMessage("priority: 0 (expected: 1 to 9999)");
    assertThatThrownBy(() -> rule("a", 10_000, RequestMatch.ANY)).hasMessageContaining("priority");
    assertThatThrownBy(() -> rule("Default", 1, RequestMatch.ANY)).hasMessageContaining("10000");
    assertThatThrownBy(() -> rule("a/b", 1, RequestMatch.ANY)).hasMessageContaining("name");
    assertThatThrownBy(() -> rule("a".repeat(33), 1, RequestMatch.ANY))
        .hasMessageContaining("name");
    assertThatThrownBy(() -> new SamplingRule("a", 1, -1, 0, RequestMatch.ANY, null))
        .hasMessage("reservoirSize: -1 (expected: >= 0)");
    assertThatThrownBy(() -> new SamplingRule("a", 1, 1, Double.NaN, RequestMatch.ANY, null))
        .hasMessage("fixedRate: NaN (expected: 0 to 1)");
    assertThatThrownBy(() -> path("x".repeat(129)))
        .hasMessage("urlPath: 129 characters (expected: 0 to 128)");
    assertThatThrownBy(() -> path("a\nb"))
        .hasMessage("urlPath: control characters (expected: a pattern without any)");
    assertThatThrownBy(() -> new RateBoost(1.1, 1)).hasMessageContaining("maxRate");
    assertThatThrownBy(() -> new RateBoost(1, -1)).hasMessageContaining("cooldownWindowMinutes");
  }
}
