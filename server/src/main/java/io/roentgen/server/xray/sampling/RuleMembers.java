// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.sampling;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.sampling.RateBoost;
import io.roentgen.sampling.RequestMatch;
import io.roentgen.sampling.SamplingRule;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.Times;
import io.roentgen.server.xray.protocol.XRayException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules as the members of the X-Ray API's structures. */
final class RuleMembers {
  /** The only version that there is, and that clients take. */
  private static final int VERSION = 1;

  private static final List<String> FIXED_FOR_DEFAULT =
      List.of(
          "ResourceARN",
          "Priority",
          "ServiceName",
          "ServiceType",
          "Host",
          "HTTPMethod",
          "URLPath",
          "Attributes",
          "SamplingRateBoost");

  private RuleMembers() {}

  /** Returns the members of a rule where the version goes without saying. */
  static Members ofThisVersion(Members members) {
    return members.with("Version", VERSION);
  }

  /** Returns the rule that is to be made. */
  static SamplingRule readNew(Members members) {
    String name = name(members);
    if (members.has("RuleARN")) {
      throw XRayException.invalid(
          members.nameOf("RuleARN"), "given", "none, as a new rule is named by RuleName");
    }
    if (name.equals(SamplingRule.DEFAULT_NAME)) {
      throw members.invalid("RuleName", name, "another name, as this rule is always there");
    }
    return read(members, name);
  }

  /** Returns a rule as it was answered before; its ARN does not matter. */
  static SamplingRule readAny(Members members) {
    String name = name(members);
    if (!name.equals(SamplingRule.DEFAULT_NAME)) {
      return read(members, name);
    }
    return new SamplingRule(
        name,
        SamplingRule.DEFAULT_PRIORITY,
        members.requiredInteger("ReservoirSize", 0, Integer.MAX_VALUE),
        members.requiredNumber("FixedRate", 0, 1),
        RequestMatch.ANY,
        boost(members));
  }

  private static String name(Members members) {
    String name = members.requiredText("RuleName", 1, SamplingRule.MAX_NAME_LENGTH);
    if (!SamplingRule.isName(name)) {
      throw members.invalid("RuleName", name, "a name without / and control characters");
    }
    return name;
  }

  private static SamplingRule read(Members members, String name) {
    int version = members.requiredInteger("Version", 1, Integer.MAX_VALUE);
    if (version != VERSION) {
      throw members.invalid("Version", Integer.toString(version), Integer.toString(VERSION));
    }
    Map<String, String> attributes = attributes(members);
    RequestMatch match =
        new RequestMatch(
            required(members, "ServiceName", RequestMatch.MAX_NAME_LENGTH),
            required(members, "ServiceType", RequestMatch.MAX_NAME_LENGTH),
            required(members, "Host", RequestMatch.MAX_NAME_LENGTH),
            required(members, "HTTPMethod", RequestMatch.MAX_METHOD_LENGTH),
            required(members, "URLPath", RequestMatch.MAX_PATH_LENGTH),
            required(members, "ResourceARN", RequestMatch.MAX_ARN_LENGTH),
            attributes == null ? Map.of() : attributes);
    return new SamplingRule(
        name,
        members.requiredInteger("Priority", 1, SamplingRule.MAX_PRIORITY),
        members.requiredInteger("ReservoirSize", 0, Integer.MAX_VALUE),
        members.requiredNumber("FixedRate", 0, 1),
        match,
        boost(members));
  }

  /**
   * Returns {@code rule} with what {@code update} brings.
   *
   * @throws XRayException if that cannot be
   */
  static SamplingRule update(SamplingRule rule, Members update) {
    if (rule.isDefault()) {
      for (String name : FIXED_FOR_DEFAULT) {
        if (update.has(name)) {
          throw XRayException.invalid(
              update.nameOf(name),
              "given",
              "only "
                  + update.spelled("FixedRate")
                  + " and "
                  + update.spelled("ReservoirSize")
                  + " of the rule Default");
        }
      }
    }
    RequestMatch match = rule.match();
    Map<String, String> attributes = attributes(update);
    RateBoost boost = boost(update);
    RequestMatch changed =
        new RequestMatch(
            or(pattern(update, "ServiceName", RequestMatch.MAX_NAME_LENGTH), match.serviceName()),
            or(pattern(update, "ServiceType", RequestMatch.MAX_NAME_LENGTH), match.serviceType()),
            or(pattern(update, "Host", RequestMatch.MAX_NAME_LENGTH), match.host()),
            or(pattern(update, "HTTPMethod", RequestMatch.MAX_METHOD_LENGTH), match.httpMethod()),
            or(pattern(update, "URLPath", RequestMatch.MAX_PATH_LENGTH), match.urlPath()),
            or(pattern(update, "ResourceARN", RequestMatch.MAX_ARN_LENGTH), match.resourceArn()),
            attributes == null ? match.attributes() : attributes);
    Integer priority = update.integer("Priority", 1, SamplingRule.MAX_PRIORITY);
    Integer reservoirSize = update.integer("ReservoirSize", 0, Integer.MAX_VALUE);
    Double fixedRate = update.number("FixedRate", 0, 1);
    return new SamplingRule(
        rule.name(),
        priority == null ? rule.priority() : priority,
        reservoirSize == null ? rule.reservoirSize() : reservoirSize,
        fixedRate == null ? rule.fixedRate() : fixedRate,
        changed,
        boost == null ? rule.rateBoost() : boost);
  }

  private static String or(@Nullable String given, String before) {
    return given == null ? before : given;
  }

  private static String required(Members members, String name, int maxLength) {
    String pattern = pattern(members, name, maxLength);
    if (pattern == null) {
      throw members.missing(name, "a pattern, such as *");
    }
    return pattern;
  }

  private static @Nullable String pattern(Members members, String name, int maxLength) {
    String pattern = members.text(name, 0, maxLength);
    if (pattern != null && hasControl(pattern)) {
      throw members.invalid(name, pattern, "a pattern without control characters");
    }
    return pattern;
  }

  private static boolean hasControl(String text) {
    return text.chars().anyMatch(Character::isISOControl);
  }

  private static @Nullable Map<String, String> attributes(Members members) {
    Map<String, String> attributes =
        members.textMap(
            "Attributes", RequestMatch.MAX_ATTRIBUTES, RequestMatch.MAX_ATTRIBUTE_LENGTH);
    if (attributes != null) {
      attributes.forEach(
          (key, value) -> {
            if (hasControl(key) || hasControl(value)) {
              throw members.invalid(
                  "Attributes", key, "keys and patterns without control characters");
            }
          });
    }
    return attributes;
  }

  private static @Nullable RateBoost boost(Members members) {
    Members boost = members.object("SamplingRateBoost");
    return boost == null
        ? null
        : new RateBoost(
            boost.requiredNumber("MaxRate", 0, 1),
            boost.requiredInteger("CooldownWindowMinutes", 0, Integer.MAX_VALUE));
  }

  /**
   * Writes a SamplingRuleRecord. Every member is there and none is null: the X-Ray SDK for Java
   * fails on a missing {@code Attributes}, the OpenTelemetry sampler on missing times.
   */
  static void writeRecord(StoredRule stored, String arn, JsonGenerator json) throws IOException {
    SamplingRule rule = stored.rule();
    RequestMatch match = rule.match();
    json.writeStartObject();
    json.writeObjectFieldStart("SamplingRule");
    json.writeStringField("RuleName", rule.name());
    json.writeStringField("RuleARN", arn);
    json.writeStringField("ResourceARN", match.resourceArn());
    json.writeNumberField("Priority", rule.priority());
    json.writeNumberField("FixedRate", rule.fixedRate());
    json.writeNumberField("ReservoirSize", rule.reservoirSize());
    json.writeStringField("ServiceName", match.serviceName());
    json.writeStringField("ServiceType", match.serviceType());
    json.writeStringField("Host", match.host());
    json.writeStringField("HTTPMethod", match.httpMethod());
    json.writeStringField("URLPath", match.urlPath());
    json.writeNumberField("Version", VERSION);
    json.writeObjectFieldStart("Attributes");
    for (Map.Entry<String, String> attribute : match.attributes().entrySet()) {
      json.writeStringField(attribute.getKey(), attribute.getValue());
    }
    json.writeEndObject();
    RateBoost boost = rule.rateBoost();
    if (boost != null) {
      json.writeObjectFieldStart("SamplingRateBoost");
      json.writeNumberField("MaxRate", boost.maxRate());
      json.writeNumberField("CooldownWindowMinutes", boost.cooldownWindowMinutes());
      json.writeEndObject();
    }
    json.writeEndObject();
    Times.write(json, "CreatedAt", stored.createdAt());
    Times.write(json, "ModifiedAt", stored.modifiedAt());
    json.writeEndObject();
  }
}
