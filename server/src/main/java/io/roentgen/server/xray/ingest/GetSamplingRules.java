// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.ingest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import io.roentgen.ingest.RequestResult;
import io.roentgen.server.xray.protocol.RequestReader;
import io.roentgen.server.xray.protocol.Times;
import io.roentgen.server.xray.protocol.XRayOperation;
import java.io.IOException;

/**
 * Answers with the default rule alone. Every member is there and none is null: the X-Ray SDK for
 * Java fails on a missing {@code Attributes}, the OpenTelemetry sampler on missing times.
 */
final class GetSamplingRules implements XRayOperation<Boolean> {
  private static final String ANY = "*";
  private static final int LAST_PRIORITY = 10_000;

  private final Sampling sampling;

  GetSamplingRules(Sampling sampling) {
    this.sampling = sampling;
  }

  @Override
  public Boolean read(JsonParser json) throws IOException {
    RequestReader.object(json, (_, _) -> json.skipChildren());
    return true;
  }

  @Override
  public RequestResult answer(Boolean request, JsonGenerator json) throws IOException {
    sampling.requested("rules");
    json.writeArrayFieldStart("SamplingRuleRecords");
    json.writeStartObject();
    json.writeObjectFieldStart("SamplingRule");
    json.writeStringField("RuleName", Sampling.DEFAULT_RULE);
    json.writeStringField("RuleARN", "arn:aws:xray:local:000000000000:sampling-rule/Default");
    json.writeStringField("ResourceARN", ANY);
    json.writeNumberField("Priority", LAST_PRIORITY);
    json.writeNumberField("FixedRate", Sampling.FIXED_RATE);
    json.writeNumberField("ReservoirSize", Sampling.RESERVOIR_SIZE);
    json.writeStringField("ServiceName", ANY);
    json.writeStringField("ServiceType", ANY);
    json.writeStringField("Host", ANY);
    json.writeStringField("HTTPMethod", ANY);
    json.writeStringField("URLPath", ANY);
    json.writeNumberField("Version", 1);
    json.writeObjectFieldStart("Attributes");
    json.writeEndObject();
    json.writeEndObject();
    Times.write(json, "CreatedAt", sampling.modifiedAt());
    Times.write(json, "ModifiedAt", sampling.modifiedAt());
    json.writeEndObject();
    json.writeEndArray();
    json.writeNullField("NextToken");
    return RequestResult.ACCEPTED;
  }
}
