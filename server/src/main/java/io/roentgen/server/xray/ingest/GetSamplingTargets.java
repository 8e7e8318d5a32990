// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.ingest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import io.roentgen.ingest.RequestResult;
import io.roentgen.model.Hex;
import io.roentgen.server.xray.protocol.RequestReader;
import io.roentgen.server.xray.protocol.Times;
import io.roentgen.server.xray.protocol.XRayOperation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes what clients sampled since their last report and gives each its share of the reservoir. */
final class GetSamplingTargets implements XRayOperation<List<GetSamplingTargets.Report>> {
  private static final int MAX_REPORTS = 25;
  private static final int MAX_RULE_NAME = 32;
  private static final int MAX_CLIENT_ID = 24;

  private final Sampling sampling;

  GetSamplingTargets(Sampling sampling) {
    this.sampling = sampling;
  }

  /** One rule as one client used it. */
  record Report(String ruleName, String clientId) {}

  @Override
  public List<Report> read(JsonParser json) throws IOException {
    List<Report> reports = new ArrayList<>();
    boolean[] present = new boolean[1];
    RequestReader.object(
        json,
        (name, token) -> {
          if (!name.equals("SamplingStatisticsDocuments")) {
            json.skipChildren();
            return;
          }
          present[0] = true;
          RequestReader.array(
              json,
              token,
              name,
              MAX_REPORTS,
              element -> reports.add(readReport(json, element.isStructStart())));
        });
    if (!present[0]) {
      throw RequestReader.invalid("SamplingStatisticsDocuments", "missing", "an array");
    }
    return reports;
  }

  private static Report readReport(JsonParser json, boolean struct) throws IOException {
    @Nullable String[] ids = new @Nullable String[2];
    RequestReader.objectFrom(
        json,
        struct ? json.currentToken() : null,
        "SamplingStatisticsDocuments",
        (member, value) -> {
          switch (member) {
            case "RuleName" -> ids[0] = json.getValueAsString();
            case "ClientID" -> ids[1] = json.getValueAsString();
            case "RequestCount", "SampledCount", "BorrowCount" -> {
              // Counts are not kept; they are read so that a bad one is told.
              long _ = RequestReader.count(json, value, member);
            }
            default -> json.skipChildren();
          }
        });
    return new Report(
        checked("RuleName", ids[0], MAX_RULE_NAME), checked("ClientID", ids[1], MAX_CLIENT_ID));
  }

  private static String checked(String name, @Nullable String value, int maxLength) {
    if (value == null || value.isEmpty()) {
      throw RequestReader.invalid(name, "missing", "1 to " + maxLength + " characters");
    }
    if (value.length() > maxLength) {
      throw RequestReader.invalid(name, Hex.quote(value), "1 to " + maxLength + " characters");
    }
    return value;
  }

  @Override
  public RequestResult answer(List<Report> reports, JsonGenerator json) throws IOException {
    sampling.requested("targets");
    json.writeArrayFieldStart("SamplingTargetDocuments");
    for (Report report : reports) {
      if (report.ruleName.equals(Sampling.DEFAULT_RULE)) {
        json.writeStartObject();
        json.writeStringField("RuleName", Sampling.DEFAULT_RULE);
        json.writeNumberField("FixedRate", Sampling.FIXED_RATE);
        json.writeNumberField("ReservoirQuota", sampling.quota(report.clientId));
        Times.write(json, "ReservoirQuotaTTL", sampling.now().plus(Sampling.QUOTA_TTL));
        json.writeNumberField("Interval", Sampling.INTERVAL.toSeconds());
        json.writeEndObject();
      }
    }
    json.writeEndArray();
    Times.write(json, "LastRuleModification", sampling.modifiedAt());
    json.writeArrayFieldStart("UnprocessedStatistics");
    for (Report report : reports) {
      if (!report.ruleName.equals(Sampling.DEFAULT_RULE)) {
        json.writeStartObject();
        json.writeStringField("RuleName", report.ruleName);
        json.writeStringField("ErrorCode", "RuleNotFound");
        json.writeStringField(
            "Message", "no sampling rule has this name (expected: " + Sampling.DEFAULT_RULE + ")");
        json.writeEndObject();
      }
    }
    json.writeEndArray();
    json.writeArrayFieldStart("UnprocessedBoostStatistics");
    json.writeEndArray();
    return RequestResult.ACCEPTED;
  }
}
