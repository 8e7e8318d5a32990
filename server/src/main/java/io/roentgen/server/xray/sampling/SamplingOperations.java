// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.sampling;

import com.fasterxml.jackson.core.JsonGenerator;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.model.Hex;
import io.roentgen.sampling.AnomalyReport;
import io.roentgen.sampling.ClientReport;
import io.roentgen.sampling.RequestMatch;
import io.roentgen.sampling.SamplingRule;
import io.roentgen.sampling.SamplingTarget;
import io.roentgen.sampling.SamplingTargets;
import io.roentgen.sampling.StatisticsWindow;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.OperationTable;
import io.roentgen.server.xray.protocol.PageToken;
import io.roentgen.server.xray.protocol.Times;
import io.roentgen.server.xray.protocol.XRayException;
import io.roentgen.server.xray.tags.Tags;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The operations on sampling rules, and those by which clients follow them. */
public final class SamplingOperations {
  /** Requests for rules and for targets, by operation. */
  static final String REQUESTS = "xray_sampling_requests_total";

  private static final int MAX_REPORTS = 25;
  private static final int CLIENT_ID_LENGTH = 24;
  private static final int MAX_RULE_ARN_LENGTH = 1_011;
  private static final int PAGE_WINDOWS = 1_000;

  /** Reports of windows longer ago than those that are kept say nothing of now. */
  private static final Duration TOO_OLD = SamplingTargets.KEPT;

  private static final String STATISTICS = "GetSamplingStatisticSummaries";

  private final Rules rules;
  private final SamplingTargets targets;
  private final InstantSource clock;
  private final Counter requests;

  /** Changes {@code rules}, and counts in {@code registry} who asks for them. */
  public SamplingOperations(Rules rules, PrometheusRegistry registry, InstantSource clock) {
    this.rules = rules;
    this.clock = clock;
    targets = new SamplingTargets(clock);
    requests =
        Counter.builder()
            .name(REQUESTS)
            .help("Requests of SDKs for sampling rules and targets.")
            .labelNames("operation")
            .register(registry);
  }

  /** Adds them. */
  public void addTo(OperationTable table) {
    table.add("GetSamplingRules", "/GetSamplingRules", this::getSamplingRules);
    table.add("GetSamplingTargets", "/SamplingTargets", this::getSamplingTargets);
    table.add(STATISTICS, "/SamplingStatisticSummaries", this::getStatisticSummaries);
    table.add("CreateSamplingRule", "/CreateSamplingRule", this::createSamplingRule);
    table.add(
        "UpdateSamplingRule",
        "/UpdateSamplingRule",
        (request, json) -> writeRecord(change(request.requiredObject("SamplingRuleUpdate")), json));
    table.add(
        "DeleteSamplingRule",
        "/DeleteSamplingRule",
        (request, json) -> writeRecord(remove(request), json));
  }

  /** Returns the rules. */
  public Rules rules() {
    return rules;
  }

  /** Returns what clients reported of late; see {@link SamplingTargets#statistics}. */
  public List<StatisticsWindow> statistics() {
    return targets.statistics();
  }

  /**
   * Makes the rule that {@code rule} is, of the version that there is.
   *
   * @throws XRayException if it is refused; then nothing has changed
   */
  public SamplingRule create(Members rule) {
    return rules
        .create(
            RuleMembers.readNew(RuleMembers.ofThisVersion(rule)),
            new TreeMap<>(),
            rule.nameOf("RuleName"))
        .rule();
  }

  /**
   * Changes a rule; what {@code update} leaves out stays as it is.
   *
   * @throws XRayException if it is refused; then nothing has changed
   */
  public SamplingRule update(Members update) {
    return change(update).rule();
  }

  /**
   * Deletes a rule, or makes one of a rule file what it is there.
   *
   * @throws XRayException if that is refused; then nothing has changed
   */
  public SamplingRule delete(Members request) {
    return remove(request).rule();
  }

  private void getSamplingRules(Members request, JsonGenerator json) throws IOException {
    PageToken.refuseAny(request);
    requests.labelValues("rules").inc();
    json.writeArrayFieldStart("SamplingRuleRecords");
    for (StoredRule stored : rules.all()) {
      RuleMembers.writeRecord(stored, rules.arn(stored.rule()), json);
    }
    json.writeEndArray();
    json.writeNullField("NextToken");
  }

  private void createSamplingRule(Members request, JsonGenerator json) throws IOException {
    Members members = request.requiredObject("SamplingRule");
    SamplingRule rule = RuleMembers.readNew(members);
    SortedMap<String, String> tags = Tags.ofNew(request, rule.name());
    writeRecord(rules.create(rule, tags, members.nameOf("RuleName")), json);
  }

  private StoredRule change(Members update) {
    String name = named(update).rule().name();
    StoredRule changed =
        rules.change(
            name, now -> now.with(RuleMembers.update(now.rule(), update), clock.instant()));
    if (changed == null) {
      throw unknown(update, name);
    }
    return changed;
  }

  private StoredRule remove(Members request) {
    StoredRule stored = named(request);
    String name = stored.rule().name();
    if (stored.rule().isDefault()) {
      throw request.invalid("RuleName", name, "another rule, as this is always there");
    }
    if (rules.isGiven(name)) {
      throw request.invalid(
          "RuleName", name, "another rule, as this is in the server's local rule file");
    }
    rules.delete(name);
    targets.forget(name);
    return stored;
  }

  private void writeRecord(StoredRule stored, JsonGenerator json) throws IOException {
    json.writeFieldName("SamplingRuleRecord");
    RuleMembers.writeRecord(stored, rules.arn(stored.rule()), json);
  }

  /** Returns the rule that a request names, by name or by ARN. */
  private StoredRule named(Members members) {
    String name = members.text("RuleName", 1, SamplingRule.MAX_NAME_LENGTH);
    String arn = members.text("RuleARN", 1, MAX_RULE_ARN_LENGTH);
    if ((name == null) == (arn == null)) {
      throw name == null
          ? members.missing("RuleName", "RuleName or RuleARN")
          : members.invalid("RuleARN", String.valueOf(arn), "RuleName or RuleARN, not both");
    }
    if (name != null) {
      StoredRule stored = rules.find(name);
      if (stored == null) {
        throw unknown(members, name);
      }
      return stored;
    }
    StoredRule stored = rules.findByArn(String.valueOf(arn));
    if (stored == null) {
      throw members.invalid(
          "RuleARN", String.valueOf(arn), "the ARN of a sampling rule that is there");
    }
    return stored;
  }

  private static XRayException unknown(Members members, String name) {
    return members.invalid("RuleName", name, "the name of a sampling rule that is there");
  }

  private record Report(Instant timestamp, ClientReport counts) {}

  private void getSamplingTargets(Members request, JsonGenerator json) throws IOException {
    List<Report> reports = new ArrayList<>();
    for (Members each : request.requiredObjects("SamplingStatisticsDocuments", MAX_REPORTS)) {
      reports.add(readReport(each));
    }
    List<Members> boostDocuments = request.objects("SamplingBoostStatisticsDocuments", MAX_REPORTS);
    List<AnomalyReport> anomalies = new ArrayList<>();
    for (Members each : boostDocuments == null ? List.<Members>of() : boostDocuments) {
      anomalies.add(readAnomalies(each));
    }

    requests.labelValues("targets").inc();
    List<Unprocessed> boostUnprocessed = new ArrayList<>();
    for (AnomalyReport report : anomalies) {
      StoredRule stored = rules.find(report.ruleName());
      if (stored == null) {
        boostUnprocessed.add(Unprocessed.ofUnknown(report.ruleName()));
      } else {
        targets.report(stored.rule(), report);
      }
    }
    List<Unprocessed> unprocessed = new ArrayList<>();
    json.writeArrayFieldStart("SamplingTargetDocuments");
    for (Report report : reports) {
      String name = report.counts.ruleName();
      StoredRule stored = rules.find(name);
      if (stored == null) {
        unprocessed.add(Unprocessed.ofUnknown(name));
      } else if (report.timestamp.isBefore(clock.instant().minus(TOO_OLD))) {
        unprocessed.add(Unprocessed.ofTooOld(name));
      } else {
        writeTarget(targets.report(stored.rule(), report.counts), json);
      }
    }
    json.writeEndArray();
    Times.write(json, "LastRuleModification", rules.modifiedAt());
    writeUnprocessed("UnprocessedStatistics", unprocessed, json);
    writeUnprocessed("UnprocessedBoostStatistics", boostUnprocessed, json);
  }

  private static Report readReport(Members document) {
    String name = document.requiredText("RuleName", 1, SamplingRule.MAX_NAME_LENGTH);
    String clientId = document.requiredText("ClientID", CLIENT_ID_LENGTH, CLIENT_ID_LENGTH);
    Instant timestamp = document.requiredReportTime("Timestamp");
    int requestCount = document.requiredInteger("RequestCount", 0, Integer.MAX_VALUE);
    int sampledCount = document.requiredInteger("SampledCount", 0, Integer.MAX_VALUE);
    Integer borrowCount = document.integer("BorrowCount", 0, Integer.MAX_VALUE);
    return new Report(
        timestamp,
        new ClientReport(
            name, clientId, requestCount, sampledCount, borrowCount == null ? 0 : borrowCount));
  }

  private static AnomalyReport readAnomalies(Members document) {
    var _ = document.requiredReportTime("Timestamp");
    return new AnomalyReport(
        document.requiredText("RuleName", 1, SamplingRule.MAX_NAME_LENGTH),
        document.requiredText("ServiceName", 0, RequestMatch.MAX_NAME_LENGTH),
        document.requiredInteger("AnomalyCount", 0, Integer.MAX_VALUE),
        document.requiredInteger("TotalCount", 0, Integer.MAX_VALUE),
        document.requiredInteger("SampledAnomalyCount", 0, Integer.MAX_VALUE));
  }

  private static void writeTarget(SamplingTarget target, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("RuleName", target.ruleName());
    json.writeNumberField("FixedRate", target.fixedRate());
    json.writeNumberField("ReservoirQuota", target.quota());
    Times.write(json, "ReservoirQuotaTTL", target.quotaExpiry());
    json.writeNumberField("Interval", SamplingTargets.INTERVAL.toSeconds());
    SamplingTarget.@Nullable Boost boost = target.boost();
    if (boost != null) {
      json.writeObjectFieldStart("SamplingBoost");
      json.writeNumberField("BoostRate", boost.rate());
      Times.write(json, "BoostRateTTL", boost.expiry());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private record Unprocessed(String ruleName, String code, String message) {
    static Unprocessed ofUnknown(String ruleName) {
      return new Unprocessed(
          ruleName,
          "RuleNotFound",
          "RuleName: '" + Hex.quote(ruleName) + "' (expected: a sampling rule that is there)");
    }

    static Unprocessed ofTooOld(String ruleName) {
      return new Unprocessed(
          ruleName,
          "StatisticsTooOld",
          "Timestamp: too long ago (expected: within " + TOO_OLD + "); check the sender's clock");
    }
  }

  private static void writeUnprocessed(String name, List<Unprocessed> all, JsonGenerator json)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (Unprocessed each : all) {
      json.writeStartObject();
      json.writeStringField("RuleName", each.ruleName);
      json.writeStringField("ErrorCode", each.code);
      json.writeStringField("Message", each.message);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void getStatisticSummaries(Members request, JsonGenerator json) throws IOException {
    String token = request.text("NextToken");
    String after = token == null ? "" : PageToken.decode(STATISTICS, request, token);
    List<StatisticsWindow> rest =
        targets.statistics().stream()
            .filter(window -> position(window).compareTo(after) > 0)
            .toList();
    List<StatisticsWindow> page = rest.subList(0, Math.min(PAGE_WINDOWS, rest.size()));
    json.writeArrayFieldStart("SamplingStatisticSummaries");
    for (StatisticsWindow window : page) {
      json.writeStartObject();
      json.writeStringField("RuleName", window.ruleName());
      Times.write(json, "Timestamp", window.start());
      json.writeNumberField("RequestCount", bounded(window.requestCount()));
      json.writeNumberField("BorrowCount", bounded(window.borrowCount()));
      json.writeNumberField("SampledCount", bounded(window.sampledCount()));
      json.writeEndObject();
    }
    json.writeEndArray();
    if (page.size() < rest.size()) {
      json.writeStringField(
          "NextToken", PageToken.encode(STATISTICS, request, position(page.getLast())));
    }
  }

  /** Sorts as the windows do: seconds of today have ten digits until the year 2286. */
  private static String position(StatisticsWindow window) {
    return "%010d %s".formatted(window.start().getEpochSecond(), window.ruleName());
  }

  private static int bounded(long count) {
    return (int) Math.min(Integer.MAX_VALUE, count);
  }
}
