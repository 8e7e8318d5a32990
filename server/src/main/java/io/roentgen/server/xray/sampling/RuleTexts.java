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
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads sampling rules that somebody has written down, in any of the forms that there are. */
public final class RuleTexts {
  private static final JsonFactory JSON = new JsonFactory();
  private static final String RECORDS = "SamplingRuleRecords";
  private static final int MAX_RECORDS = 1_000;

  private RuleTexts() {}

  /**
   * Returns the rules that {@code text} is: a local rule file of the X-Ray SDKs, or what
   * GetSamplingRules answers. Where the latter has no default rule, {@code otherwise} is it.
   *
   * @throws IllegalArgumentException if it is neither; the message says what is wrong with it
   */
  public static RuleSet parse(String text, SamplingRule otherwise) {
    try {
      Members members = answerOrNull(text);
      return members == null ? RuleFile.parse(text) : rules(members, otherwise);
    } catch (XRayException | RuleFileException e) {
      throw new IllegalArgumentException(Objects.requireNonNull(e.getMessage()), e);
    }
  }

  private static @Nullable Members answerOrNull(String text) {
    try (JsonParser parser = JSON.createParser(text)) {
      Members members = Members.read(parser);
      return members.has(RECORDS) ? members : null;
    } catch (IOException | RefusedException e) {
      // A rule file may have comments, and says better than this what is wrong.
      return null;
    }
  }

  private static RuleSet rules(Members members, SamplingRule otherwise) {
    List<SamplingRule> rules = new ArrayList<>();
    for (Members each : members.requiredObjects(RECORDS, MAX_RECORDS)) {
      rules.add(RuleMembers.readAny(each.requiredObject("SamplingRule")));
    }
    if (rules.stream().noneMatch(SamplingRule::isDefault)) {
      rules.add(otherwise);
    }
    return new RuleSet(rules);
  }
}
