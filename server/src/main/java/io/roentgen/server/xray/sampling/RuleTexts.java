// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.sampling;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.roentgen.sampling.RuleFile;
import io.roentgen.sampling.RuleFileException;
import io.roentgen.sampling.RuleSet;
import io.roentgen.sampling.SamplingRule;
import io.roentgen.server.intake.RefusedException;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.XRayException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads sampling rules that somebody has written down, in any of the forms that there are. */
public final class RuleTexts {
  private static final JsonFactory JSON = new JsonFactory();
  private static final String RECORDS = "SamplingRuleRecords";
  private static final int MAX_RECORDS = 1_000;

  /** How the JSON API spells the members of rules; it tells their source, and takes it back. */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("Rules", "rules"),
          Map.entry("RuleName", "name"),
          Map.entry("Priority", "priority"),
          Map.entry("ReservoirSize", "reservoirSize"),
          Map.entry("FixedRate", "fixedRate"),
          Map.entry("ServiceName", "serviceName"),
          Map.entry("ServiceType", "serviceType"),
          Map.entry("Host", "host"),
          Map.entry("HTTPMethod", "httpMethod"),
          Map.entry("URLPath", "urlPath"),
          Map.entry("ResourceARN", "resourceArn"),
          Map.entry("Attributes", "attributes"),
          Map.entry("SamplingRateBoost", "rateBoost"),
          Map.entry("MaxRate", "maxRate"),
          Map.entry("CooldownWindowMinutes", "cooldownWindowMinutes"),
          Map.entry("Source", "source"));

  private RuleTexts() {}

  /**
   * Returns the rules that {@code text} is: a local rule file of the X-Ray SDKs, or what
   * GetSamplingRules or the JSON API answers. Where an answer has no default rule, {@code
   * otherwise} is it.
   *
   * @throws IllegalArgumentException if it is none of them; the message says what is wrong with it
   */
  public static RuleSet parse(String text, SamplingRule otherwise) {
    try {
      Members members = readOrNull(text);
      if (members != null && members.has(RECORDS)) {
        return answered(members, otherwise);
      }
      // Every rule file has a version, and none but that has a default beside the rules.
      return members != null
              && members.has("rules")
              && !members.has("version")
              && !members.has("default")
          ? own(text, otherwise)
          : RuleFile.parse(text);
    } catch (XRayException | RuleFileException e) {
      throw new IllegalArgumentException(Objects.requireNonNull(e.getMessage()), e);
    }
  }

  /**
   * Returns the rule, or the rules, that {@code text} is as the JSON API spells it.
   *
   * @throws IOException if it is not JSON
   * @throws XRayException if it has members that no rule has
   */
  public static Members read(String text) throws IOException {
    try (JsonParser parser = JSON.createParser(text)) {
      return Members.read(parser, NAMES);
    }
  }

  private static @Nullable Members readOrNull(String text) {
    try (JsonParser parser = JSON.createParser(text)) {
      return Members.read(parser);
    } catch (IOException | RefusedException e) {
      // A rule file may have comments, and says better than this what is wrong.
      return null;
    }
  }

  private static RuleSet own(String text, SamplingRule otherwise) {
    List<SamplingRule> rules = new ArrayList<>();
    try {
      for (Members each : read(text).requiredObjects("Rules", MAX_RECORDS)) {
        rules.add(RuleMembers.readAny(RuleMembers.ofThisVersion(each)));
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(Objects.requireNonNull(e.getMessage()), e);
    }
    return withDefault(rules, otherwise);
  }

  private static RuleSet answered(Members members, SamplingRule otherwise) {
    List<SamplingRule> rules = new ArrayList<>();
    for (Members each : members.requiredObjects(RECORDS, MAX_RECORDS)) {
      rules.add(RuleMembers.readAny(each.requiredObject("SamplingRule")));
    }
    return withDefault(rules, otherwise);
  }

  private static RuleSet withDefault(List<SamplingRule> rules, SamplingRule otherwise) {
    if (rules.stream().noneMatch(SamplingRule::isDefault)) {
      rules.add(otherwise);
    }
    return new RuleSet(rules);
  }
}
