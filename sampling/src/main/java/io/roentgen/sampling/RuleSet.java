// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Rules in the order in which they are tried. Immutable. */
public final class RuleSet {
  private final List<SamplingRule> rules;

  /**
   * Makes one of rules in any order.
   *
   * @throws IllegalArgumentException if two have one name
   */
  public RuleSet(Collection<SamplingRule> rules) {
    this.rules = rules.stream().sorted().toList();
    Set<String> names = new HashSet<>();
    for (SamplingRule rule : rules) {
      SamplingRule.require(names.add(rule.name()), "name", rule.name(), "each name once");
    }
  }

  /** Returns the rules, the first to be tried first. */
  public List<SamplingRule> rules() {
    return rules;
  }

  /** Returns the first rule that matches; empty if none does. */
  public Optional<SamplingRule> find(SampledRequest request) {
    return rules.stream().filter(rule -> rule.match().matches(request)).findFirst();
  }
}
