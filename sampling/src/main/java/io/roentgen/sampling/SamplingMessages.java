// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client and the X-Ray daemon say to each other about sampling, as JSON: the operations
 * {@code GetSamplingRules} and {@code GetSamplingTargets}, which are posted to {@value #RULES_PATH}
 * and {@value #TARGETS_PATH}.
 *
 * <p>Members that nobody here knows are ignored. A rule or target that cannot be used is left out
 * and said so, as it must not cost the client the others; what is no such answer at all is refused.
 *
 * <p>Source: AWS X-Ray API reference, and what the X-Ray SDKs send and accept (aws-xray-sdk-java
 * 2.21.0).
 */
public final class SamplingMessages {
  /** Where rules are asked for. */
  public static final String RULES_PATH = "/GetSamplingRules";

  /** Where reports go, and targets come from. */
  public static final String TARGETS_PATH = "/SamplingTargets";

  /** How long an answer may be, in characters. */
  public static final int MAX_LENGTH = 1 << 20;

  /** How many reports a request may have. */
  public static final int MAX_REPORTS = 25;

  private static final int MAX_DEPTH = 16;
  private static final String ANSWER = "answer";
  private static final BigDecimal SUPPORTED_VERSION = BigDecimal.ONE;

  /** No date that anything here is compared with is later. */
  private static final BigDecimal MAX_SECONDS = BigDecimal.valueOf(253_402_300_799L);

  private SamplingMessages() {}

  /**
   * A page of rules.
   *
   * @param rules in the order of the answer; each name once
   * @param refused what is wrong with the others
   * @param lastModification when the newest of them was changed, on the server's clock; null if
   *     that is not said
   * @param nextToken what asks for the next page; null if this is the last
   */
  public record Rules(
      List<SamplingRule> rules,
      List<String> refused,
      @Nullable Instant lastModification,
      @Nullable String nextToken) {
    public Rules {
      rules = List.copyOf(rules);
      refused = List.copyOf(refused);
    }
  }

  /**
   * The answer to reports.
   *
   * @param refused what is wrong with the other targets, and with reports that the server refused
   * @param lastRuleModification when any rule was last changed, on the server's clock; null if that
   *     is not said
   * @param interval when to report again, the shortest of what was said; null if nothing was
   */
  public record Targets(
      List<SamplingTarget> targets,
      List<String> refused,
      @Nullable Instant lastRuleModification,
      @Nullable Duration interval) {
    public Targets {
      targets = List.copyOf(targets);
      refused = List.copyOf(refused);
    }
  }

  /** Something in a message cannot be used; the message says what. */
  private static final class Unusable extends Exception {
    private static final long serialVersionUID = 1;

    Unusable(String name, @Nullable Object found, String expected) {
      super(name + ": " + JsonText.shown(found) + " (expected: " + expected + ")");
    }
  }

  /** Returns what asks for rules; {@code nextToken} is null for the first page. */
  public static String rulesRequest(@Nullable String nextToken) {
    StringBuilder json = new StringBuilder("{");
    if (nextToken != null) {
      json.append("\"NextToken\":");
      string(json, nextToken);
    }
    return json.append('}').toString();
  }

  /**
   * Reads the answer to {@link #rulesRequest}.
   *
   * @throws RuleFileException if it is none
   */
  public static Rules rules(String answer) throws RuleFileException {
    Map<?, ?> members = members(answer);
    Map<String, SamplingRule> rules = new LinkedHashMap<>();
    List<String> refused = new ArrayList<>();
    Instant last = null;
    for (Object element : list(answer, members, "SamplingRuleRecords", true)) {
      try {
        Map<?, ?> record = object("SamplingRuleRecord", element);
        SamplingRule rule = rule(object("SamplingRule", record.get("SamplingRule")));
        if (rules.putIfAbsent(rule.name(), rule) != null) {
          throw new Unusable("RuleName", rule.name(), "each name once");
        }
        if (record.get("ModifiedAt") != null) {
          last = later(last, time("ModifiedAt", record.get("ModifiedAt")));
        }
      } catch (Unusable | IllegalArgumentException e) {
        refused.add(String.valueOf(e.getMessage()));
      }
    }
    return new Rules(
        List.copyOf(rules.values()),
        refused,
        last,
        members.get("NextToken") instanceof String token && !token.isEmpty() ? token : null);
  }

  private static SamplingRule rule(Map<?, ?> members) throws Unusable {
    Object version = members.get("Version");
    if (version != null
        && !(version instanceof BigDecimal number && number.compareTo(SUPPORTED_VERSION) == 0)) {
      throw new Unusable("Version", version, "1");
    }
    String name = text(members, "RuleName");
    if (!SamplingRule.isName(name)) {
      throw new Unusable("RuleName", name, "1 to 32 characters, none of them / or control");
    }
    double rate = rate("FixedRate", members.get("FixedRate"));
    int reservoir = count("ReservoirSize", members.get("ReservoirSize"));
    RateBoost boost = null;
    if (members.get("SamplingRateBoost") != null) {
      Map<?, ?> found = object("SamplingRateBoost", members.get("SamplingRateBoost"));
      boost =
          new RateBoost(
              rate("MaxRate", found.get("MaxRate")),
              count("CooldownWindowMinutes", found.get("CooldownWindowMinutes")));
    }
    if (name.equals(SamplingRule.DEFAULT_NAME)) {
      // It matches everything and is the last, whatever its members say.
      return new SamplingRule(
          name, SamplingRule.DEFAULT_PRIORITY, reservoir, rate, RequestMatch.ANY, boost);
    }
    Map<String, String> attributes = new LinkedHashMap<>();
    if (members.get("Attributes") != null) {
      Map<?, ?> found = object("Attributes", members.get("Attributes"));
      for (Map.Entry<?, ?> entry : found.entrySet()) {
        if (!(entry.getValue() instanceof String value)) {
          throw new Unusable("Attributes", entry.getValue(), "strings");
        }
        attributes.put(String.valueOf(entry.getKey()), value);
      }
    }
    RequestMatch match =
        new RequestMatch(
            text(members, "ServiceName"),
            text(members, "ServiceType"),
            text(members, "Host"),
            text(members, "HTTPMethod"),
            text(members, "URLPath"),
            text(members, "ResourceARN"),
            attributes);
    return new SamplingRule(
        name, count("Priority", members.get("Priority")), reservoir, rate, match, boost);
  }

  /**
   * Returns what reports to the server.
   *
   * @param reports at most {@value #MAX_REPORTS}
   * @param now the client's time
   */
  public static String targetsRequest(List<ClientReport> reports, Instant now) {
    SamplingRule.require(
        reports.size() <= MAX_REPORTS, "reports", reports.size(), "at most " + MAX_REPORTS);
    StringBuilder json = new StringBuilder("{\"SamplingStatisticsDocuments\":[");
    String separator = "";
    for (ClientReport report : reports) {
      json.append(separator).append("{\"RuleName\":");
      string(json, report.ruleName());
      json.append(",\"ClientID\":");
      string(json, report.clientId());
      json.append(",\"Timestamp\":").append(now.getEpochSecond());
      json.append(",\"RequestCount\":").append(report.requestCount());
      json.append(",\"SampledCount\":").append(report.sampledCount());
      json.append(",\"BorrowCount\":").append(report.borrowCount()).append('}');
      separator = ",";
    }
    return json.append("]}").toString();
  }

  /**
   * Reads the answer to {@link #targetsRequest}.
   *
   * @throws RuleFileException if it is none
   */
  public static Targets targets(String answer) throws RuleFileException {
    Map<?, ?> members = members(answer);
    List<SamplingTarget> targets = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    Duration interval = null;
    for (Object element : list(answer, members, "SamplingTargetDocuments", true)) {
      try {
        Map<?, ?> document = object("SamplingTargetDocument", element);
        targets.add(target(document));
        Object seconds = document.get("Interval");
        int every = seconds == null ? 0 : count("Interval", seconds);
        if (every > 0 && (interval == null || every < interval.toSeconds())) {
          interval = Duration.ofSeconds(every);
        }
      } catch (Unusable | IllegalArgumentException e) {
        refused.add(String.valueOf(e.getMessage()));
      }
    }
    for (Object element : list(answer, members, "UnprocessedStatistics", false)) {
      if (element instanceof Map<?, ?> unprocessed) {
        refused.add(
            JsonText.shown(unprocessed.get("RuleName"))
                + ": "
                + JsonText.shown(unprocessed.get("ErrorCode"))
                + ", "
                + JsonText.shown(unprocessed.get("Message")));
      }
    }
    Instant modified = null;
    try {
      Object time = members.get("LastRuleModification");
      modified = time == null ? null : time("LastRuleModification", time);
    } catch (Unusable e) {
      refused.add(String.valueOf(e.getMessage()));
    }
    return new Targets(targets, refused, modified, interval);
  }

  private static SamplingTarget target(Map<?, ?> members) throws Unusable {
    Object quota = members.get("ReservoirQuota");
    Object expiry = members.get("ReservoirQuotaTTL");
    // Without both there is no grant, which one that has expired stands for.
    boolean granted = quota != null && expiry != null;
    SamplingTarget.Boost boost = null;
    if (members.get("SamplingBoost") != null) {
      Map<?, ?> found = object("SamplingBoost", members.get("SamplingBoost"));
      boost =
          new SamplingTarget.Boost(
              rate("BoostRate", found.get("BoostRate")),
              time("BoostRateTTL", found.get("BoostRateTTL")));
    }
    return new SamplingTarget(
        text(members, "RuleName"),
        rate("FixedRate", members.get("FixedRate")),
        granted ? count("ReservoirQuota", quota) : 0,
        granted ? time("ReservoirQuotaTTL", expiry) : Instant.EPOCH,
        boost);
  }

  private static Map<?, ?> members(String answer) throws RuleFileException {
    if (answer.length() > MAX_LENGTH) {
      throw new RuleFileException(
          ANSWER + ": " + answer.length() + " characters (expected: at most " + MAX_LENGTH + ")",
          1,
          1);
    }
    JsonText json = new JsonText(answer);
    int start = json.offset();
    Object value = json.any(ANSWER, MAX_DEPTH);
    json.end(ANSWER);
    if (value instanceof Map<?, ?> members) {
      return members;
    }
    throw json.error(start, ANSWER + ": something else (expected: an object)");
  }

  private static List<?> list(String answer, Map<?, ?> members, String name, boolean required)
      throws RuleFileException {
    Object value = members.get(name);
    if (value instanceof List<?> list) {
      return list;
    }
    if (value == null && !required) {
      return List.of();
    }
    throw new JsonText(answer)
        .error(
            0,
            name + ": " + (value == null ? "missing" : "something else") + " (expected: an array)");
  }

  private static Map<?, ?> object(String name, @Nullable Object value) throws Unusable {
    if (value instanceof Map<?, ?> members) {
      return members;
    }
    throw new Unusable(name, value, "an object");
  }

  private static String text(Map<?, ?> members, String name) throws Unusable {
    if (members.get(name) instanceof String text) {
      return text;
    }
    throw new Unusable(name, members.get(name), "a string");
  }

  private static int count(String name, @Nullable Object value) throws Unusable {
    if (value instanceof BigDecimal number && number.signum() >= 0) {
      try {
        return number.intValueExact();
      } catch (ArithmeticException fractionOrTooLarge) {
        throw new Unusable(name, value, "a whole number, 0 or more");
      }
    }
    throw new Unusable(name, value, "a whole number, 0 or more");
  }

  private static double rate(String name, @Nullable Object value) throws Unusable {
    if (value instanceof BigDecimal number
        && number.signum() >= 0
        && number.compareTo(BigDecimal.ONE) <= 0) {
      return number.doubleValue();
    }
    throw new Unusable(name, value, "0 to 1");
  }

  private static Instant time(String name, @Nullable Object value) throws Unusable {
    if (value instanceof BigDecimal seconds
        && seconds.signum() >= 0
        && seconds.compareTo(MAX_SECONDS) <= 0
        && seconds.scale() < 100) {
      BigDecimal whole = seconds.setScale(0, RoundingMode.DOWN);
      long nanos = seconds.subtract(whole).movePointRight(9).longValue();
      return Instant.ofEpochSecond(whole.longValue(), nanos);
    }
    throw new Unusable(name, value, "a time in epoch seconds");
  }

  private static @Nullable Instant later(@Nullable Instant a, Instant b) {
    return a == null || b.isAfter(a) ? b : a;
  }

  private static void string(StringBuilder json, String value) {
    json.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
