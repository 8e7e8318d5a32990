// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the local rule files of the X-Ray SDKs, versions 1 and 2, with comments as the SDK for Java
 * allows them.
 *
 * <pre>{@code
 * {
 *   "version": 2,
 *   "rules": [
 *     {"description": "moves", "host": "*", "http_method": "GET", "url_path": "/move/*",
 *      "fixed_target": 1, "rate": 0.1}
 *   ],
 *   "default": {"fixed_target": 1, "rate": 0.05}
 * }
 * }</pre>
 *
 * <p>Version 1 has {@code service_name} where version 2 has {@code host}; the SDKs compare either
 * with the request's host, and so do the rules here. Members that the format does not have are
 * refused, as the SDK for Node does; so are those that are there twice.
 */
public final class RuleFile {
  /** How many rules a file may have beside the default one. */
  public static final int MAX_RULES = 900;

  /** The priority of a file's first rule; each of the others has the next number. */
  public static final int FIRST_PRIORITY = 9_000;

  private static final Set<BigDecimal> VERSIONS = Set.of(BigDecimal.ONE, BigDecimal.valueOf(2));
  private static final String HOST = "host";
  private static final String SERVICE_NAME = "service_name";
  private static final String METHOD = "http_method";
  private static final String PATH = "url_path";
  private static final String TARGET = "fixed_target";
  private static final String RATE = "rate";
  private static final Set<String> FILE_MEMBERS =
      new TreeSet<>(Set.of("version", "rules", "default"));
  private static final Set<String> DEFAULT_MEMBERS = new TreeSet<>(Set.of(TARGET, RATE));
  private static final Set<String> RULE_MEMBERS =
      new TreeSet<>(Set.of("description", HOST, SERVICE_NAME, METHOD, PATH, TARGET, RATE));

  private final JsonText json;
  private @Nullable Integer version;
  private @Nullable List<Rule> rules;
  private @Nullable SamplingRule defaultRule;

  /** A rule as it stands in the file, with the places of its members. */
  private record Rule(int offset, String where, Map<String, JsonText.Scalar> members) {}

  private RuleFile(String text) {
    json = new JsonText(text);
  }

  /**
   * Returns the rules of a file in its order, named {@code file-001} and so on with priorities from
   * {@value #FIRST_PRIORITY}, and its default rule.
   *
   * @throws RuleFileException at the first thing that is wrong
   */
  public static RuleSet parse(String text) throws RuleFileException {
    return new RuleFile(text).parse();
  }

  private RuleSet parse() throws RuleFileException {
    int start = json.offset();
    json.object("file", FILE_MEMBERS, this::member);
    json.end("file");
    if (version == null) {
      throw json.error(start, "version: missing (expected: 1 or 2)");
    }
    if (defaultRule == null) {
      throw json.error(
          start, "default: missing (expected: an object with " + TARGET + " and " + RATE + ")");
    }
    List<SamplingRule> all = new ArrayList<>();
    for (Rule rule : rules == null ? List.<Rule>of() : rules) {
      all.add(rule(rule, all.size(), version));
    }
    all.add(defaultRule);
    return new RuleSet(all);
  }

  private void member(String name) throws RuleFileException {
    switch (name) {
      case "version" -> {
        JsonText.Scalar value = json.scalar(name);
        if (!(value.value() instanceof BigDecimal number)
            || !VERSIONS.contains(number.stripTrailingZeros())) {
          throw json.error(value, name, "1 or 2");
        }
        version = number.intValue();
      }
      case "default" -> {
        int offset = json.offset();
        Map<String, JsonText.Scalar> members = json.scalars(name, DEFAULT_MEMBERS);
        defaultRule =
            new SamplingRule(
                SamplingRule.DEFAULT_NAME,
                SamplingRule.DEFAULT_PRIORITY,
                target(members, name, offset),
                rate(members, name, offset),
                RequestMatch.ANY,
                null);
      }
      default -> {
        List<Rule> read = new ArrayList<>();
        json.array(
            name,
            () -> {
              if (read.size() == MAX_RULES) {
                throw json.error(
                    json.offset(), "rules: more (expected: at most " + MAX_RULES + ")");
              }
              int offset = json.offset();
              String where = "rules[" + read.size() + "]";
              read.add(new Rule(offset, where, json.scalars(where, RULE_MEMBERS)));
            });
        rules = read;
      }
    }
  }

  private SamplingRule rule(Rule rule, int index, int fileVersion) throws RuleFileException {
    String host = fileVersion == 1 ? SERVICE_NAME : HOST;
    String other = fileVersion == 1 ? HOST : SERVICE_NAME;
    JsonText.Scalar wrong = rule.members.get(other);
    if (wrong != null) {
      throw json.error(
          wrong.offset(),
          rule.where
              + "."
              + other
              + ": given (expected: "
              + host
              + " in version "
              + fileVersion
              + ")");
    }
    JsonText.Scalar description = rule.members.get("description");
    if (description != null && !(description.value() instanceof String)) {
      throw json.error(description, rule.where + ".description", "a string");
    }
    RequestMatch match =
        new RequestMatch(
            "*",
            "*",
            pattern(rule, host, RequestMatch.MAX_NAME_LENGTH),
            pattern(rule, METHOD, RequestMatch.MAX_METHOD_LENGTH),
            pattern(rule, PATH, RequestMatch.MAX_PATH_LENGTH),
            "*",
            Map.of());
    return new SamplingRule(
        String.format(Locale.ROOT, "file-%03d", index + 1),
        FIRST_PRIORITY + index,
        target(rule.members, rule.where, rule.offset),
        rate(rule.members, rule.where, rule.offset),
        match,
        null);
  }

  private String pattern(Rule rule, String name, int maxLength) throws RuleFileException {
    String expected = "a pattern of 1 to " + maxLength + " characters, such as *";
    JsonText.Scalar member = required(rule.members, rule.where, rule.offset, name, expected);
    if (!(member.value() instanceof String pattern)
        || pattern.isEmpty()
        || pattern.length() > maxLength
        || pattern.chars().anyMatch(Character::isISOControl)) {
      throw json.error(member, rule.where + '.' + name, expected);
    }
    return pattern;
  }

  private int target(Map<String, JsonText.Scalar> members, String where, int offset)
      throws RuleFileException {
    String expected = "a whole number, 0 or more";
    JsonText.Scalar member = required(members, where, offset, TARGET, expected);
    if (member.value() instanceof BigDecimal number && number.signum() >= 0) {
      try {
        return number.intValueExact();
      } catch (ArithmeticException fractionOrTooLarge) {
        throw json.error(member, where + '.' + TARGET, expected);
      }
    }
    throw json.error(member, where + '.' + TARGET, expected);
  }

  private double rate(Map<String, JsonText.Scalar> members, String where, int offset)
      throws RuleFileException {
    String expected = "0 to 1";
    JsonText.Scalar member = required(members, where, offset, RATE, expected);
    if (!(member.value() instanceof BigDecimal number)
        || number.signum() < 0
        || number.compareTo(BigDecimal.ONE) > 0) {
      throw json.error(member, where + '.' + RATE, expected);
    }
    return number.doubleValue();
  }

  private JsonText.Scalar required(
      Map<String, JsonText.Scalar> members, String where, int offset, String name, String expected)
      throws RuleFileException {
    JsonText.Scalar member = members.get(name);
    if (member == null) {
      throw json.error(offset, where + '.' + name + ": missing (expected: " + expected + ")");
    }
    return member;
  }
}
