// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * How many of some requests are traced: first a number each second, then a fraction of the others.
 *
 * <p>Rules are tried by priority, lower numbers first, and for equal ones by name; the first that
 * matches decides. That is the natural order. The rule {@value #DEFAULT_NAME} matches everything
 * and is tried last.
 *
 * @param name 1 to 32 characters, no control characters, no {@code /}; unique
 * @param priority 1 to 9999; {@value #DEFAULT_PRIORITY} for the default rule, and for that only
 * @param reservoirSize requests to trace each second, all clients together; 0 or more
 * @param fixedRate fraction of the others to trace, 0 to 1
 * @param match which requests
 * @param rateBoost null for none
 */
public record SamplingRule(
    String name,
    int priority,
    int reservoirSize,
    double fixedRate,
    RequestMatch match,
    @Nullable RateBoost rateBoost)
    implements Comparable<SamplingRule> {
  /** The name of the rule that is always there. */
  public static final String DEFAULT_NAME = "Default";

  /** Behind all others. */
  public static final int DEFAULT_PRIORITY = 10_000;

  /** The priority that is tried last before the default rule. */
  public static final int MAX_PRIORITY = 9_999;

  /** The longest name. */
  public static final int MAX_NAME_LENGTH = 32;

  private static final Comparator<SamplingRule> ORDER =
      Comparator.comparingInt(SamplingRule::priority).thenComparing(SamplingRule::name);

  public SamplingRule {
    require(isName(name), "name", name, "1 to 32 characters, none of them / or control");
    boolean isDefault = name.equals(DEFAULT_NAME);
    require(
        isDefault ? priority == DEFAULT_PRIORITY : priority >= 1 && priority <= MAX_PRIORITY,
        "priority",
        priority,
        isDefault ? "10000 for the default rule" : "1 to 9999");
    require(reservoirSize >= 0, "reservoirSize", reservoirSize, ">= 0");
    require(fixedRate >= 0 && fixedRate <= 1, "fixedRate", fixedRate, "0 to 1");
    require(
        !isDefault || match.equals(RequestMatch.ANY), "match", match, "any for the default rule");
  }

  /** Returns whether a rule may be called so. */
  public static boolean isName(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_NAME_LENGTH
        && name.chars().noneMatch(c -> c == '/' || Character.isISOControl(c));
  }

  /** Returns the default rule as it is while nobody has changed it: one a second and 5 %. */
  public static SamplingRule ofDefault() {
    return new SamplingRule(DEFAULT_NAME, DEFAULT_PRIORITY, 1, 0.05, RequestMatch.ANY, null);
  }

  /** Returns whether this is the rule that is always there. */
  public boolean isDefault() {
    return name.equals(DEFAULT_NAME);
  }

  @Override
  public int compareTo(SamplingRule other) {
    return ORDER.compare(this, other);
  }

  static void require(boolean condition, String name, Object found, String expected) {
    if (!condition) {
      throw new IllegalArgumentException(name + ": " + found + " (expected: " + expected + ")");
    }
  }
}
